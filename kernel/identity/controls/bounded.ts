import { control } from '../../contract/control.ts'
import type { Canary, Careless, Live, Told } from '../../contract/control.ts'
import { Refusal } from '../../contract/refusal.ts'
import { Keys } from './keys.ts'

export const bounded = control({
  claim: 'Nobody hands on more than they have: no role, no key and no scope gives what its giver lacks.',
  enforcedBy: ['kernel/identity/giving.ts', 'kernel/access/holding.ts', 'kernel/identity/key.ts'],
  every: '1 hour',
  async probe(live) {
    const faults = (await Promise.all(live.canaries.map(({ north }) => faultsOf(live, north)))).flat()
    return faults.length
      ? { holds: false, saw: 'somebody gave more than they had', detail: faults }
      : { holds: true, saw: 'a narrowed key gave what its scopes allow; whatever lay beyond was refused' }
  },
  /** A build that counts how many a change concerns, and forgets to ask whose it is to make. */
  sabotage: ({ replace }) => Promise.resolve(replace('identity.role.preview', generous)),
})

const SCOPES = ['identity.workspace.get', 'identity.key.create', 'identity.member.preview', 'identity.role.preview']
const LEAST = 'identity.workspace.get'
const BEYOND = ['role_beyond_own', 'member_beyond_own']

/** The owner's role, narrowed: whatever it is kept from is kept by its scopes alone. */
async function faultsOf(live: Live, canary: Canary): Promise<string[]> {
  await using keys = new Keys(canary)
  const { token } = await keys.create({}, SCOPES)
  const { thing } = canary
  const [get, post] = [asking(live, token), posting(live, token)]
  const faults: string[] = []
  const expect = (what: string, is: boolean) => void (is || faults.push(what))
  expect('a narrowed key does not do what its scopes say', (await get(LEAST)).status === 200)

  const name = `Made by a probe ${canary.marker}`
  const role = thing('role')
  for (const scopes of [undefined, ['identity.*'], [LEAST, 'audit.entry.list']]) {
    const told = await post('identity.key.create', { name, role, scopes })
    if (told.status === 200) keys.adopt(told)
    expect('a key made one that may do more', isBeyond(told))
  }
  const told = await post('identity.key.create', { name, role, scopes: [LEAST] })
  expect('a key could not hand on what it has', told.status === 200)
  if (told.status === 200) keys.adopt(told)

  const raised = await get('identity.member.preview', { id: thing('spareMember'), roles: role })
  expect('a key could give a member more than it has', isBeyond(raised))
  const preview = (grants: string) => get('identity.role.preview', { id: thing('ownRole'), grants })
  expect('a key could widen a role beyond itself', isBeyond(await preview('identity.*')))
  expect('a key could not give a role what it has', (await preview(LEAST)).status === 200)
  return faults
}

const isBeyond = (told: Told) => told.status === 409 && BEYOND.includes(String(told.json()['code']))

const asking =
  ({ http }: Live, token: string) =>
  (name: string, input: Record<string, string> = {}): Promise<Told> =>
    http(`/v1/${name}?${new URLSearchParams(input).toString()}`, { headers: { authorization: `Bearer ${token}` } })

const posting =
  ({ http }: Live, token: string) =>
  (name: string, input: object): Promise<Told> =>
    http(`/v1/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
    })

async function generous({ input, proceed }: Careless) {
  try {
    return await proceed()
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'role_beyond_own') throw error
    return { id: input['id'], gains: [], loses: [], members: 0, keys: 0, invitations: 0 }
  }
}
