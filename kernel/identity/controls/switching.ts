import { control } from '../../contract/control.ts'
import type { Canary, Live } from '../../contract/control.ts'
import { endsAtOnce, exchange } from './doors.ts'
import { patiently } from './guest.ts'
import { open } from './keys.ts'
import { guestInBoth, sitDown, sittingIn, surviving } from './sitting.ts'

export const switching = control({
  claim:
    'Whoever moves on to another workspace leaves the first: what they had there opens nothing, and their rights are ' +
    'those of the workspace that they are in.',
  enforcedBy: ['kernel/identity/ways/refresh.ts', 'kernel/identity/whois.ts', 'kernel/identity/lookup.ts'],
  every: '1 hour',
  async probe(live) {
    const { north, south } = live.canaries[0]!
    await using guest = await guestInBoth(live, north, south)
    const first = await sitDown(guest, north)
    const faults = await faultsIn(live, first.access, north, true)
    const told = await guest.post('switch', { workspace: south.workspace }, first.access)
    if (told.status !== 200) return { holds: false, saw: 'nobody could move on', detail: { status: told.status } }
    const second = sittingIn(told)
    if (!(await endsAtOnce(live, first.access))) faults.push('a token of the workspace that was left still opens')
    if ((await exchange(live, first.refresh)).status !== 401) faults.push('the session that was left goes on')
    faults.push(...(await faultsIn(live, second.access, south, false)))
    return faults.length
      ? { holds: false, saw: 'something of the workspace that was left came along', detail: faults }
      : { holds: true, saw: 'the old token opened nothing, the new one the new workspace, with the rights held there' }
  },
  sabotage: (broken) => surviving(broken, 'switched'),
})

/** Where a token leads, and whether it may do there what only the owner may. */
async function faultsIn(live: Live, token: string, { workspace }: Canary, isOwner: boolean): Promise<string[]> {
  const [where, may] = [await patiently(() => open(live, token)), await isLetIn(live, token)]
  const faults = where.status === 200 && where.json()['id'] === workspace ? [] : ['a token leads elsewhere']
  return may === isOwner ? faults : [...faults, 'rights are those of another workspace']
}

/** Rights are decided before the input is read, so a bad one changes nothing and tells all the same. */
async function isLetIn(live: Live, token: string): Promise<boolean> {
  const told = await patiently(() =>
    live.http(`/v1/${onlyOwners(live)}?unknown=1`, { headers: { authorization: `Bearer ${token}` } }),
  )
  if (told.status === 403 && told.json()['code'] === 'forbidden') return false
  if (told.status === 400 || told.status === 200) return true
  throw new Error(`neither let in nor refused: ${told.status}`)
}

/** Something that the first role may look at and the last may not. */
function onlyOwners({ operations, roles }: Live): string {
  const [owner, least] = [Object.values(roles)[0]!, Object.values(roles).at(-1)!]
  const found = operations.find(
    ({ name, kind }) =>
      kind === 'query' && owner.some((grant) => covers(grant, name)) && !least.some((grant) => covers(grant, name)),
  )
  if (!found) throw new Error('the first and the last role may look at the same')
  return found.name
}

/** Written down a second time on purpose: one operation, all of a noun, or all of a module. */
function covers(grant: string, name: string): boolean {
  const [module, noun] = name.split('.')
  return [name, `${module}.${noun}.*`, `${module}.*`].includes(grant)
}
