import { control } from '../../contract/control.ts'
import type { Canary, Live, Told } from '../../contract/control.ts'
import { entriesOf, insistOn, requestOf } from './canaries.ts'
import { soon } from './soon.ts'

export const refusals = control({
  claim:
    'What somebody was not let do stands in the log too, with its outcome: for want of a right, or because it was no ' +
    'record of theirs.',
  enforcedBy: ['kernel/audit/refusals.ts', 'kernel/audit/record.ts', 'kernel/serve/recording.ts'],
  every: '1 hour',
  async probe(live) {
    const pairs = live.canaries.flatMap(({ north, south }) => [[north, south] as const, [south, north] as const])
    const faults = (await Promise.all(pairs.map(([one, other]) => faultsOf(live, one, other)))).flat()
    return faults.length
      ? { holds: false, saw: 'something that was refused was not found in the log', detail: faults }
      : {
          holds: true,
          saw: 'a forbidden request and one for a foreign record were found as they were refused',
        }
  },
  sabotage: async ({ misconfigure }) => misconfigure('no record of refusals'),
})

/** With a key of its own, since what is refused again and again is counted and told once. */
async function faultsOf(live: Live, canary: Canary, other: Canary): Promise<string[]> {
  const asked = { name: 'Probe of refusals', role: canary.thing('role'), scopes: ['identity.key.revoke'] }
  const made = insistOn(await canary.call('identity.key.create', asked), 'a new key')
  const { id, token } = made.json() as { id: string; token: string }
  const ask = (name: string, input: object) => live.http(`/v1/${name}`, post(token, input))
  try {
    const forbidden = insistOn(await ask('identity.role.remove', { id: canary.thing('ownRole') }), 'a bar', 403)
    const foreign = insistOn(await ask('identity.key.revoke', { id: other.thing('oldKey') }), 'a foreign record', 404)
    const faults = await Promise.all([
      untold(canary, id, forbidden, 'identity.role.remove', 'forbidden'),
      untold(canary, id, foreign, 'identity.key.revoke', 'not-found'),
    ])
    const isHeard = (await entriesOf(other, requestOf(foreign))).length > 0
    return [...faults.flat(), ...(isHeard ? ['the neighbour’s log tells of it'] : [])]
  } finally {
    insistOn(await ask('identity.key.revoke', { id }), 'the end of a key')
  }
}

const post = (token: string, input: object) => ({
  method: 'POST',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  body: JSON.stringify(input),
})

async function untold(canary: Canary, key: string, told: Told, action: string, outcome: string): Promise<string[]> {
  const entry = await soon(async () => (await entriesOf(canary, requestOf(told)))[0])
  const isTold =
    entry?.['action'] === action &&
    entry['outcome'] === outcome &&
    entry['actor_id'] === key &&
    entry['changes'] === null
  return isTold ? [] : [`${action} was refused, and the log says ${JSON.stringify(entry)}`]
}
