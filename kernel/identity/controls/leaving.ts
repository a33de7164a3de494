import { control } from '../../contract/control.ts'
import type { Breakable, Canary, Careless } from '../../contract/control.ts'
import { answered, endsAtOnce, exchange, opens } from './doors.ts'
import { guestIn, inside } from './guest.ts'
import { Keys } from './keys.ts'
import { sitDown } from './sitting.ts'

export const leaving = control({
  claim: 'Whoever is disabled is out within a second, with their sessions and the keys that they made.',
  enforcedBy: [
    'kernel/identity/members/leaving.ts',
    'kernel/identity/members/membership.ts',
    'kernel/identity/lookup.ts',
  ],
  every: '1 hour',
  async probe(live) {
    const { north } = live.canaries[0]!
    await using guest = await guestIn(live, north, 'owner')
    await using keys = new Keys(north)
    const sitting = await sitDown(guest, north)
    const key = await keys.create()
    const member = await memberOf(north, guest.id, key.id)
    const tokens = [sitting.access, key.token]
    for (const token of tokens) if (!(await opens(live, token))) return { holds: false, saw: 'a member was not let in' }
    const change = (verb: string) => north.call(`identity.member.${verb}`, { id: member }, 'keys')
    const faults: string[] = []
    if ((await change('disable')).status !== 200) faults.push('nobody was disabled')
    for (const token of tokens) if (!(await endsAtOnce(live, token))) faults.push('something of theirs still opens')
    if (answered(await guest.signIn()).status === 200) faults.push('they could sign in anew')
    if ((await change('enable')).status !== 200) faults.push('nobody was enabled')
    if ((await exchange(live, sitting.refresh)).status !== 401) faults.push('a session came back')
    for (const token of tokens) if (await opens(live, token)) faults.push('what had ended came back')
    if (answered(await guest.signIn()).status !== 200) faults.push('they could not come back')
    return faults.length
      ? { holds: false, saw: 'something of a member outlived their leaving', detail: faults }
      : { holds: true, saw: 'within a second of being disabled a member was out, with their session and their key' }
  },
  sabotage: (broken) => Promise.resolve(broken.replace('identity.member.disable', forgetful(broken))),
})

/** As whom the workspace knows them; from now on the key is one that they made. */
async function memberOf({ catalogue, workspace }: Canary, person: string, key: string): Promise<string> {
  const [row] = await catalogue(
    `${inside(workspace)} update identity.key set made_by = '${person}' where id = '${key}';
     select id from identity.member where workspace_id = '${workspace}' and person_id = '${person}'`,
  )
  return String(row!['id'])
}

/** A build in which the answer is right and the deed was forgotten. */
const forgetful =
  ({ canaries }: Breakable) =>
  async ({ input: { id }, workspace, proceed }: Careless) => {
    const here = canaries.flatMap(({ north, south }) => [north, south]).find((one) => one.workspace === workspace)
    const rows = await here?.catalogue('select id from identity.member where workspace_id = $1 and id = $2', [
      workspace,
      id,
    ])
    if (!rows?.length) return await proceed()
    return { id, state: 'disabled', sessionsEnded: 1, invitationsRevoked: 0, keysRevoked: [] }
  }
