import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Breakable, Canary, Careless, Heal } from '../../kernel/contract/control.ts'
import { decoyIn } from '../../kernel/limits/decoys.ts'
import { swap } from '../../kernel/serve/live/breakable.ts'
import type { Served } from '../../kernel/serve/serve.ts'
import { logFaults } from './log-faults.ts'
import { sessionFaults } from './session-faults.ts'

/** Further ways in which a careless build could break a promise; the control of that promise must notice each. */
export type Fault = { control: string; what: string; breaks: () => Promise<Heal> | Heal }

export function otherFaults(served: Served, live: Breakable): Fault[] {
  return [
    ...rights(served),
    ...logFaults(served, live),
    ...keys(served),
    ...door(served, live),
    ...decoys(served),
    ...columns(live),
    ...letters(live),
    ...sessionFaults(served, live),
  ]
}

const rights = ({ parts }: Served): Fault[] => [
  {
    control: 'access.matrix',
    what: 'a role is kept out of what its grants cover',
    breaks: () => swap(parts, { granted: () => false }),
  },
  {
    control: 'access.matrix',
    what: 'every key is taken for the key of a cashier',
    breaks: () => {
      const { roles, granted } = parts
      return swap(parts, { granted: (_, index) => granted(roles.get('cashier')!, index) })
    },
  },
  {
    control: 'access.counted',
    what: 'a role is listed with more than it was published with',
    breaks: () => {
      const { permissions } = parts
      return swap(parts, {
        permissions: { ...permissions, roles: new Map([...permissions.roles, ['cashier', ['shop.*']]]) },
      })
    },
  },
  {
    control: 'identity.bounded',
    what: 'whoever comes in is taken for somebody who may do everything',
    breaks: () => {
      const { whois, roles } = parts
      const of: typeof whois.of = async (...asked) => {
        const caller = await whois.of(...asked)
        return caller && { ...caller, rights: roles.get('owner')! }
      }
      return swap(parts, { whois: Object.assign(Object.create(whois) as typeof whois, { of }) })
    },
  },
]

const keys = ({ parts }: Served): Fault[] => [
  {
    control: 'identity.hashed',
    what: 'an answer that shows a key is kept as it is',
    breaks: () => swap(parts.vault, { seal: (text) => text.toString(), open: (text) => Buffer.from(text) }),
  },
  {
    control: 'identity.revoked',
    what: 'a process that never asks twice about a key',
    breaks: () => {
      const { whois } = parts
      const known = new Map<string, ReturnType<typeof whois.of>>()
      const of: typeof whois.of = (token) => {
        if (!known.has(token)) known.set(token, whois.of(token))
        return known.get(token)!
      }
      return swap(parts, { whois: Object.assign(Object.create(whois) as typeof whois, { of }) })
    },
  },
  {
    control: 'identity.scoped',
    what: 'keys are looked for by their secret only',
    breaks: () => {
      const { whois } = parts
      const bySecret = new Map<string, string>()
      const of: typeof whois.of = async (token) => {
        const caller = await whois.of(token)
        const secret = token.slice(-32)
        if (caller && !bySecret.has(secret)) bySecret.set(secret, token)
        return caller ?? (bySecret.has(secret) ? await whois.of(bySecret.get(secret)!) : undefined)
      }
      return swap(parts, { whois: Object.assign(Object.create(whois) as typeof whois, { of }) })
    },
  },
]

const door = ({ parts }: Served, live: Breakable): Fault[] => [
  {
    control: 'serve.input',
    what: 'an input is taken as it comes',
    breaks: () => swap(parts.boundary, { acceptInput: (_, raw) => raw }),
  },
  {
    control: 'serve.output',
    what: 'a field of another type',
    breaks: () => misanswering(live, ({ workspace }) => ({ ...self(workspace), name: 7 })),
  },
  {
    control: 'serve.output',
    what: 'a field that is missing',
    breaks: () => misanswering(live, ({ workspace }) => ({ ...self(workspace), createdAt: undefined })),
  },
  {
    control: 'serve.injection',
    what: 'a statement made of text, whose failures nobody hears of, is waited for',
    breaks: () => live.replace('audit.entry.list', (context) => swallowing(live, context)),
  },
  {
    control: 'serve.injection',
    what: 'a statement made of text, with neither failures nor functions, tells true from false',
    breaks: () =>
      live.replace('audit.entry.list', (context) =>
        JSON.stringify(context.input).includes('(') ? NOTHING : swallowing(live, context),
      ),
  },
]

const decoys = ({ door, parts, listening }: Served): Fault[] => {
  const { see } = door.decoys
  const fault = (what: string, breaks: Fault['breaks']): Fault => ({ control: 'limits.decoys', what, breaks })
  const seeing = (careless: typeof see) => () => swap(door.decoys, { see: careless })
  return [
    fault(
      'whatever is unknown is taken for a decoy',
      seeing((visit) => see({ ...visit, url: '/.env' })),
    ),
    fault(
      'a visit is written twice',
      seeing((visit) => (see(visit), see(visit))),
    ),
    fault(
      'another program',
      seeing((visit) => see({ ...visit, userAgent: 'none' })),
    ),
    fault('a decoy is answered with a header of its own', () => {
      const mark = ({ url }: IncomingMessage, reply: ServerResponse) =>
        void (decoyIn(url ?? '') && reply.setHeader('x-trap', '1'))
      const doors = [listening.plain, listening.secure]
      for (const server of doors) server.prependListener('request', mark)
      return () => doors.forEach((server) => server.off('request', mark))
    }),
    fault('a page names a decoy', () => {
      const { edition } = parts
      return swap(parts, { edition: { ...edition, title: { ...edition.title, ar: 'انظر /.git/config' } } })
    }),
  ]
}

const self = (workspace: string) => ({
  id: workspace,
  name: 'As declared',
  createdAt: new Date().toISOString(),
  secondFactor: 'policy',
  secondFactorFrom: null,
})

function misanswering({ misconfigure, replace }: Breakable, run: (context: Careless) => unknown): Heal {
  const heals = [misconfigure('no output guard'), replace('identity.workspace.get', run)]
  return async () => {
    for (const heal of heals) await heal()
  }
}

const NOTHING = { data: [], nextCursor: null }

/** No error gives it away, and nothing of another workspace comes along: only that what was sent was understood. */
async function swallowing({ canaries }: Breakable, { input, workspace }: Careless) {
  const everyone: Canary[] = canaries.flatMap(({ north, south }) => [north, south])
  const { catalogue } = everyone.find((one) => one.workspace === workspace)!
  const where = `workspace_id = '${workspace}' and (action = '${(input['action'] as string | undefined) ?? ''}')`
  const rows = await catalogue(`select id from audit.entry where ${where} limit 1`).catch(() => [])
  return rows.length ? { ...NOTHING, nextCursor: 'more' } : NOTHING
}

const columns = ({ canaries }: Breakable): Fault[] => {
  const { catalogue } = canaries[0]!.north
  const change = (what: string, alter: string, back: string): Fault => ({
    control: 'serve.schema',
    what,
    async breaks() {
      await catalogue(`alter table shop.customer ${alter}`)
      return async () => void (await catalogue(`alter table shop.customer ${back}`))
    },
  })
  return [
    change('a column that may now be empty', 'alter name drop not null', 'alter name set not null'),
    change('a column that has another name', 'rename note to remark', 'rename remark to note'),
    change('a column of another type', 'alter note type varchar(2000)', 'alter note type text'),
    change('a column with a default', `alter name set default ''`, 'alter name drop default'),
  ]
}

const letters = ({ canaries }: Breakable): Fault[] => {
  const { catalogue } = canaries[0]!.north
  return [
    {
      control: 'tenancy.rows',
      what: 'letters are open to more than the one who brings them',
      async breaks() {
        await catalogue('create policy opened on mail.letter for select using (true)')
        return async () => void (await catalogue('drop policy opened on mail.letter'))
      },
    },
  ]
}
