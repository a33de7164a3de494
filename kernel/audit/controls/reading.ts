import { control } from '../../contract/control.ts'
import type { Canary, Live } from '../../contract/control.ts'
import { entriesOf, everyCanary, insistOn, requestOf } from './canaries.ts'

export const reading = control({
  claim:
    'The log of a workspace is read and taken out, in the dashboard and by programs, by the roles that are granted ' +
    'it and by nobody else, and each look at it is an entry itself.',
  enforcedBy: [
    'kernel/audit/entry.ts',
    'kernel/serve/recording.ts',
    'kernel/access/rights.ts',
    'kernel/serve/http/dashboard.ts',
    'web/dashboard/screens/audit/audit.tsx',
  ],
  every: '5 minutes',
  async probe(live) {
    const looks = everyCanary(live).map(async (canary) => [
      ...(await faultsOf(live, canary)),
      ...(await screenFaultsOf(live, canary)),
    ])
    const faults = (await Promise.all(looks)).flat()
    return faults.length
      ? { holds: false, saw: 'the log was read by somebody who may not, or without a trace', detail: faults }
      : { holds: true, saw: 'roles without the right were refused, and each look of the others was found in the log' }
  },
  sabotage: async ({ misconfigure }) => misconfigure('no record of looks'),
})

async function faultsOf(live: Live, canary: Canary): Promise<string[]> {
  const id = await anEntry(canary)
  const looks = { 'audit.entry.list': { limit: 1 }, 'audit.entry.get': { id }, 'audit.entry.export': { target: id } }
  const faults: string[] = []
  for (const [name, input] of Object.entries(looks)) {
    const told = insistOn(await canary.call(name, input), 'a look at the log')
    const [entry, ...more] = await entriesOf(canary, requestOf(told))
    if (entry?.['action'] !== name || more.length) faults.push(`${name} left ${JSON.stringify(entry ?? null)}`)
    for (const [role, grants] of Object.entries(live.roles)) {
      if (isGranted(grants, name)) continue
      const { status } = await canary.call(name, input, role)
      if (status !== 403) faults.push(`${name} was answered with ${status} to ${role}`)
    }
    if ((await canary.call(name, input, 'nobody')).status !== 401) faults.push(`${name} was answered to nobody`)
  }
  return faults
}

/** What a browser is given, and what the screen in it asks for, as a person who signed in: roles are tried above. */
async function screenFaultsOf(live: Live, canary: Canary): Promise<string[]> {
  const page = await live.http(`/app/${canary.workspace}/audit`)
  const [, script = 'none'] = /<script type="module"[^>]* src="(\/app\/assets\/[^"]+\.js)"/.exec(page.text) ?? []
  const screens = await live.http(script)
  if (page.status !== 200 || screens.status !== 200 || !screens.text.includes(LIST))
    return ['the dashboard shows no log']
  const headers = { authorization: `Bearer ${await canary.person('owner').token()}` }
  const { status } = await live.http(`/v1/${LIST}?limit=1`, { headers })
  return status === 200 ? [] : [`the dashboard of an owner was answered with ${status}`]
}

const LIST = 'audit.entry.list'

async function anEntry(canary: Canary): Promise<string> {
  const told = insistOn(await canary.call('audit.entry.list', { limit: 1 }), 'a look at the log')
  const [entry] = told.json()['data'] as { id: string }[]
  if (!entry) throw new Error('the log of a canary is empty')
  return entry.id
}

const isGranted = (grants: readonly string[], name: string) =>
  [name, name.replace(/[^.]+$/, '*'), name.replace(/\..+$/, '.*')].some((one) => grants.includes(one))
