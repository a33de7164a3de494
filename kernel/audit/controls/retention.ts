import { control } from '../../contract/control.ts'
import type { Canary, Live } from '../../contract/control.ts'
import { everyCanary, insistOn, inside } from './canaries.ts'

export const retention = control({
  claim:
    'Entries are kept for as long as the policy says and no workspace can have less; what is older is counted and ' +
    'removed from the front of the log, which says so, and what was counted goes in its turn.',
  enforcedBy: ['kernel/audit/retention.ts', 'kernel/audit/forgetting/retention.ts'],
  every: '1 hour',
  async probe(live) {
    const faults = (await Promise.all(everyCanary(live).map((canary) => faultsOf(live, canary)))).flat()
    return faults.length
      ? { holds: false, saw: 'entries were kept for another time than they should be', detail: faults }
      : { holds: true, saw: 'nothing too young was gone, nothing too old was there, and less could not be asked for' }
  },
  /** A build that lets a workspace have what it asks for. */
  sabotage: async ({ policy, replace }) =>
    replace('audit.retention.set', ({ input, workspace }) => ({
      id: workspace,
      months: input['months'],
      policyMonths: policy.auditMonths,
      totalMonths: policy.auditTotalMonths,
    })),
})

async function faultsOf({ policy }: Live, canary: Canary): Promise<string[]> {
  const { auditMonths, auditTotalMonths } = policy
  const shown = insistOn(await canary.call('audit.retention.get', {}), 'how long the log is kept').json()
  const less = await canary.call('audit.retention.set', { months: auditMonths - 1 })
  const isLess = Number(shown['months']) < auditMonths || shown['policyMonths'] !== auditMonths
  const months = { kept: Number(shown['months']), totals: auditTotalMonths }
  return [
    ...(less.status === 409 ? [] : [`less than the policy was asked for, and answered with ${less.status}`]),
    ...(isLess ? [`the log is kept for ${String(shown['months'])} months`] : []),
    ...(await goneOf(canary, months)),
  ]
}

/** A canary is nobody's, and what probes leave there goes after days, so that its going can be seen. */
const CANARY = `interval '7 days'`
/** Once a day what is too old goes, unless it is held. */
const LATE = `interval '3 days'`

/** What is at the front, what went before it, and what was counted of that. */
async function goneOf(canary: Canary, months: { kept: number; totals: number }): Promise<string[]> {
  const here = `workspace_id = '${canary.workspace}'`
  const ago = (of: number) => `clock_timestamp() - make_interval(months => ${of})`
  const rows = await inside(
    canary,
    `with front as (
       select f.epoch, f.seq, e.at from audit.leaf f left join audit.entry e using (workspace_id, id)
       where f.${here} order by f.epoch, f.seq limit 1
     ), thinned as (
       select at, (input->>'epoch')::int as epoch, (input->>'through')::bigint as through,
         (input->>'to')::timestamptz as "to"
       from audit.entry where ${here} and action = 'audit.log.thin' and outcome = 'done' order by id desc limit ${MOST}
     )
     select 'an entry of ' || "to" || ' went at ' || at as fault from thinned where "to" > at - ${CANARY}
     union all
     select 'what came before number ' || seq || ' went without a word' from front
       where seq > 1 and not exists (select from thinned t where t.epoch = front.epoch and t.through = front.seq - 1)
     union all
     select 'an entry of ' || at || ' is still there' from front where at < clock_timestamp() - ${CANARY} - ${LATE}
       and not exists (select from audit.hold where ${here} and released_at is null)
     union all
     select 'of ' || month || ' it is still counted' from audit.total
       where ${here} and month < ${ago(months.kept + months.totals + 1)} - ${LATE}
       and not exists (select from audit.hold where ${here} and released_at is null)`,
  )
  return rows.map(({ fault }) => String(fault))
}

/** A year of days, if each of them had something to remove. */
const MOST = 400
