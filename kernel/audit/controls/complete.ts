import { randomUUID } from 'node:crypto'
import { control } from '../../contract/control.ts'
import type { Canary } from '../../contract/control.ts'
import { everyCanary, inside } from './canaries.ts'

export const complete = control({
  claim:
    'Every entry has its place in the sequence of its workspace, which has no holes, and none waits for it for long.',
  enforcedBy: ['kernel/audit/sealing/sequencer.ts', 'kernel/audit/sealing/sealer.ts'],
  every: '5 minutes',
  async probe(live) {
    const latest = await Promise.all(live.canaries.map(({ north }) => north.catalogue(LEFT_OUT)))
    const own = await Promise.all(everyCanary(live).map(faultsOf))
    const faults = [...latest.flat().map(({ fault }) => String(fault)), ...own.flat()]
    return faults.length
      ? { holds: false, saw: 'an entry had no place in the log, or a place had none', detail: faults }
      : { holds: true, saw: 'every entry had its place, and the places followed each other without a hole' }
  },
  /** As whoever owns the tables could: an entry of before the last that was sealed, to which nobody comes any more. */
  async sabotage({ canaries }) {
    const { north } = canaries[0]!
    const id = randomUUID()
    await inside(
      north,
      `insert into audit.entry (workspace_id, id, xid, at, action, actor_kind, actor_id, actor_name, request_id, input)
       values ('${north.workspace}', '${id}', '3', now() - interval '1 hour', 'identity.key.revoke', 'system', 'nobody',
         'Nobody', 'none', '{}')`,
    )
    return async () =>
      void (await inside(north, `delete from audit.entry where workspace_id = '${north.workspace}' and id = '${id}'`))
  },
})

/** Those of the last days, in a workspace that probes keep busy. */
const MOST = 2_000
/** Sealing takes a second; a backlog, or an act that takes as long as one may, holds up those that come after. */
const WAITS_s = 120

/** Of all workspaces of the realm, as far as whoever owns the tables is shown them, those that were written last. */
const LEFT_OUT = `
  select 'an entry of ' || e.at || ' of workspace ' || e.workspace_id || ' is not sealed' as fault
  from (select workspace_id, id, at from audit.entry order by xid desc, id desc limit 5000) e
  where e.at < clock_timestamp() - interval '${WAITS_s} seconds' and not exists (
    select from audit.leaf f where f.workspace_id = e.workspace_id and f.id = e.id)`

async function faultsOf(canary: Canary): Promise<string[]> {
  const rows = await inside(
    canary,
    `select 'an entry of ' || e.at || ' is not sealed' as fault from (
       select * from audit.entry where workspace_id = '${canary.workspace}' order by id desc limit ${MOST}
     ) e where e.at < clock_timestamp() - interval '${WAITS_s} seconds' and not exists (
       select from audit.leaf f where f.workspace_id = e.workspace_id and f.id = e.id)
     union all
     select 'after ' || seq || ' comes ' || next from (
       select seq, lead(seq) over (order by seq) as next from audit.leaf where workspace_id = '${canary.workspace}'
         and epoch = (select max(epoch) from audit.leaf where workspace_id = '${canary.workspace}')
       order by seq desc limit ${MOST}
     ) l where next <> seq + 1`,
  )
  return rows.map(({ fault }) => String(fault))
}
