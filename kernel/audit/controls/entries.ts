import { hash } from 'node:crypto'
import { control } from '../../contract/control.ts'
import type { Canary, Told } from '../../contract/control.ts'
import { entriesOf, everyCanary, insistOn, inside, requestOf } from './canaries.ts'

export const entries = control({
  claim:
    'Every change leaves one entry: its time in UTC, who made it, to what, and the address and program it came from.',
  enforcedBy: ['kernel/audit/record.ts', 'kernel/serve/dispatch.ts', 'kernel/transport/client.ts'],
  every: '5 minutes',
  async probe(live) {
    const faults = (await Promise.all(everyCanary(live).map(faultsOf))).flat()
    return faults.length
      ? { holds: false, saw: 'a change was not found in the log as it was made', detail: faults }
      : { holds: true, saw: 'a change left one entry with time, actor, target and true origin, and a look left none' }
  },
  sabotage: async ({ misconfigure }) => misconfigure('claimed addresses'),
})

const USER_AGENT = 'probe of the audit log'

/** What a client may type to be taken for another. The last is no address, so that no proxy vouches for the first. */
const FORGED = '203.0.113.77'
const FORGED_HEADERS = { 'x-forwarded-for': `${FORGED}, nowhere`, 'x-real-ip': FORGED, 'user-agent': USER_AGENT }

/** The probe asks from this machine, so that is where the request came from. */
const OURSELVES = /^(127(\.\d{1,3}){3}|::1|(0:){7}1)$/

/** A probe asks with any of the keys of its role, which are numbered. */
const keysLike = (key: string) => `select one.id from identity.key one, identity.key first
  where first.hash = '${hash('sha256', key)}' and one.role = first.role
    and one.name ~ ('^' || replace(replace(first.name, '(', '\\('), ')', '( [0-9]+)?\\)$'))`

async function faultsOf(canary: Canary): Promise<string[]> {
  const target = canary.thing('oldKey')
  const before = await now(canary)
  // Revoking it again changes nothing but the log.
  const changed = insistOn(
    await canary.call('identity.key.revoke', { id: target }, undefined, FORGED_HEADERS),
    'the request that was to be logged',
  )
  const after = await now(canary)
  const looked = insistOn(await canary.call('identity.workspace.get', {}), 'a look')
  const [entry, ...more] = await entriesOf(canary, requestOf(changed))
  if (!entry || more.length) return [`a change left ${entry ? more.length + 1 : 'no'} entries`]
  const keys = (await inside(canary, keysLike(canary.key))).map(({ id }) => id)
  const shown = await shownOf(canary, changed)
  const wrong = Object.entries({
    time:
      before <= Number(entry['at']) && Number(entry['at']) <= after && Math.abs(after - Date.now()) < A_FEW_SECONDS_ms,
    'time in UTC': /(Z|\+00:00)$/.test(String(shown?.['at'])),
    actor: entry['actor_kind'] === 'key' && keys.includes(entry['actor_id']),
    action: entry['action'] === 'identity.key.revoke' && entry['outcome'] === 'done',
    target: entry['target'] === target,
    'kind of target': shown?.['type'] === 'identity.key' && (await isKey(canary, target)),
    address: OURSELVES.test(String(entry['address'])),
    program: entry['user_agent'] === USER_AGENT,
  }).flatMap(([what, isRight]) => (isRight ? [] : [`${what}: ${JSON.stringify(entry)}`]))
  return (await entriesOf(canary, requestOf(looked))).length ? [...wrong, 'a look left an entry'] : wrong
}

/** Two machines' clocks may differ by this much before times in the log are of no use. */
const A_FEW_SECONDS_ms = 30_000

async function now({ catalogue }: Canary): Promise<number> {
  const [row] = await catalogue('select extract(epoch from clock_timestamp()) * 1000 as ms')
  return Number(row!['ms'])
}

/** As the owner is shown it: with a time that says of itself that it is UTC, and of what kind the target is. */
async function shownOf(canary: Canary, told: Told): Promise<Record<string, unknown> | undefined> {
  const list = await canary.call('audit.entry.list', { requestId: requestOf(told) })
  const [listed] = list.status === 200 ? (list.json()['data'] as { id: string }[]) : []
  const shown = listed && (await canary.call('audit.entry.get', { id: listed.id }))
  return shown?.status === 200 ? shown.json() : undefined
}

const isKey = async (canary: Canary, id: string) =>
  (await inside(canary, `select id from identity.key where workspace_id = '${canary.workspace}' and id = '${id}'`))
    .length === 1
