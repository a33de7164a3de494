import type { Breakable } from '../../kernel/contract/control.ts'
import { swap } from '../../kernel/serve/live/breakable.ts'
import type { Served } from '../../kernel/serve/serve.ts'
import type { Fault } from './faults.ts'

/** Ways in which the log could tell something else than what was done, whoever sees to it. */
export const logFaults = (served: Served, live: Breakable): Fault[] => [
  ...records(served, live),
  ...untold(live),
  ...unheard(served),
  ...rewritten(live),
  silent(live),
]

/** No probe makes or changes such a row; what it could change unnoticed is looked up. */
const silent = ({ canaries }: Breakable): Fault => ({
  control: 'audit.changes',
  what: 'a table in which nobody has changed anything yet tells nothing',
  async breaks() {
    const { catalogue } = canaries[0]!.north
    await catalogue('alter table identity.support_visit disable trigger noted_insert')
    return async () => void (await catalogue('alter table identity.support_visit enable trigger noted_insert'))
  },
})

/** Whoever removes an entry must see that nothing is held. */
const HELD = ['select on audit.hold', 'execute on function audit.take_turn(uuid)']

const records = ({ parts }: Served, { canaries, misconfigure }: Breakable): Fault[] => {
  const { record } = parts
  const fault = (what: string, careless: typeof record): Fault => ({
    control: 'audit.entries',
    what,
    breaks: () => swap(parts, { record: careless }),
  })
  const catalogue = canaries[0]!.north.catalogue
  const granted = (right: string, role: string): Fault => ({
    control: 'audit.insertonly',
    what: `${role} may ${right}`,
    async breaks() {
      const name = parts.deployment.names.role(role)
      const rights = [`${right} on audit.entry`, ...HELD]
      for (const one of rights) await catalogue(`grant ${one} to ${name}`)
      return async () => {
        for (const one of role === 'audit' ? rights.slice(0, 1) : rights) await catalogue(`revoke ${one} from ${name}`)
      }
    },
  })
  return [
    { control: 'audit.entries', what: 'nothing at all', breaks: () => misconfigure('no audit') },
    fault('somebody else', (action, actor, ...rest) => record(action, { ...actor, id: 'somebody' }, ...rest)),
    fault('another deed', (_, ...rest) => record('identity.key.list', ...rest)),
    fault('another target', (action, actor, origin, input) => record(action, actor, origin, input, null)),
    fault('another program', (action, actor, origin, ...rest) =>
      record(action, actor, { ...origin, userAgent: 'none' }, ...rest),
    ),
    fault('the same twice', (...entry) => {
      const { text, values } = record(...entry)
      const row = /values (\(.*\))$/s.exec(text)![1]!
      return { text: `${text}, ${row}`, values: values!, name: 'audit twice' }
    }),
    {
      control: 'audit.entries',
      what: 'another time',
      async breaks() {
        const times = (value: string) => catalogue(`alter table audit.entry alter column at set default ${value}`)
        await times(`now() - interval '1 hour'`)
        return async () => void (await times('clock_timestamp()'))
      },
    },
    granted('delete', 'recorder'),
    granted('truncate', 'audit'),
    granted('insert', 'audit'),
    {
      control: 'audit.insertonly',
      what: 'whoever records may say what the log forgot',
      async breaks() {
        const check = (condition: string) => catalogue(`alter policy receipts on audit.entry with check (${condition})`)
        await check(`action not in ('audit.log.thin', 'audit.log.reopen')`)
        return async () =>
          void (await check(`action not like 'audit.log.%' or action = 'audit.log.export' or action is null`))
      },
    },
  ]
}

/** One table tells less than what becomes of it. */
const untold = ({ canaries }: Breakable): Fault[] =>
  ['insert', 'delete'].map((what) => ({
    control: 'audit.changes',
    what: `a table that tells of no ${what}`,
    async breaks() {
      const { catalogue } = canaries[0]!.north
      await catalogue(`alter table identity.role disable trigger noted_${what}`)
      return async () => void (await catalogue(`alter table identity.role enable trigger noted_${what}`))
    },
  }))

const unheard = ({ parts }: Served): Fault[] => {
  const { refusals } = parts
  const note = refusals.note.bind(refusals)
  const only = (outcome: string): Fault => ({
    control: 'audit.refusals',
    what: `of all refusals only those that say ${outcome} are kept`,
    breaks: () => swap(refusals, { note: (told, ...more) => void (told.outcome === outcome && note(told, ...more)) }),
  })
  return [
    only('forbidden'),
    only('not-found'),
    { control: 'audit.reading', what: 'whoever asks may read it', breaks: () => swap(parts, { granted: () => true }) },
    {
      control: 'audit.sealed',
      what: 'what is kept elsewhere is of another log',
      breaks: () => swap(parts.copies, { newest: () => Promise.resolve(ANOTHER) }),
    },
  ]
}

const NOTE = `another\n1\n${Buffer.alloc(32).toString('base64')}\n\n— another AAAAAAAA\n`
const ANOTHER = { size: 1, root: Buffer.alloc(32), note: NOTE }

/** As whoever owns the tables could, to whatever column; and what it does is undone to the letter. */
const rewritten = ({ canaries }: Breakable): Fault[] => {
  const { workspace, catalogue } = canaries[0]!.north
  const theirs = `workspace_id = '${workspace}'`
  const replacing = (table: string, row: string, values: string) => async () => {
    const [was] = await catalogue(`select id, to_jsonb(t) as row from ${table} t where ${theirs} and ${row}`)
    const here = `${theirs} and id = '${String(was!['id'])}'`
    await catalogue(
      values === '' ? `delete from ${table} where ${here}` : `update ${table} set ${values} where ${here}`,
    )
    return async () => {
      await catalogue(`delete from ${table} where ${here}`)
      await catalogue(`insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`, [was!['row']])
    }
  }
  const third = `id = (select id from audit.leaf where ${theirs} order by seq desc offset 3 limit 1)`
  const entry = (what: string, values: string): Fault => ({
    control: 'audit.tamper',
    what,
    breaks: replacing('audit.entry', third, values),
  })
  const aged = `id = (select id from audit.leaf where ${theirs} order by epoch, seq limit 1)`
  const kept = (what: string, row: string, values: string): Fault => ({
    control: 'audit.retention',
    what,
    breaks: replacing('audit.entry', row, values),
  })
  return [
    kept('what is older than anybody wants it is still there', aged, `at = at - interval '121 months'`),
    kept(
      'what is young went',
      third,
      `action = 'audit.log.thin', outcome = 'done', input = jsonb_build_object('to', at - interval '1 day')`,
    ),
    entry('it was at another time', `at = at - interval '1 microsecond'`),
    entry('something else was done', `action = 'identity.workspace.get'`),
    entry('it came to something else', `outcome = 'another'`),
    entry('it was done to something else', `target = 'another'`),
    entry('it was another request', `request_id = 'none'`),
    entry('it was done by another kind of caller', `actor_kind = 'system'`),
    entry('whoever did it had another name', `actor_name = 'Nobody'`),
    entry('it came from elsewhere', `address = '203.0.113.77'`),
    entry('with another program', `user_agent = 'none'`),
    entry('something else was asked for', `input = '{"nothing":true}'`),
    entry('something else changed', `changes = '[]'`),
    entry('who it was is withheld as if it were erased', `actor_name = null`),
    entry('it was never there', ''),
    { control: 'audit.complete', what: 'a place is gone', breaks: replacing('audit.leaf', third, '') },
  ]
}
