import { control } from '../../contract/control.ts'
import { endsAtOnce, exchange, opens } from './doors.ts'
import { guestIn } from './guest.ts'
import { sitDown, sittingIn, surviving } from './sitting.ts'

export const signOut = control({
  claim: 'Signing out ends a session at once: none of its tokens, old or new, opens anything or gets a new one.',
  enforcedBy: ['kernel/identity/ways/refresh.ts', 'kernel/identity/whois.ts', 'kernel/identity/epochs.ts'],
  every: '1 hour',
  async probe(live) {
    const { north } = live.canaries[0]!
    await using guest = await guestIn(live, north, 'owner')
    const first = await sitDown(guest, north)
    const other = await sitDown(guest, north)
    const second = sittingIn(await exchange(live, first.refresh))
    const tokens = [first.access, second.access]
    for (const token of [...tokens, other.access])
      if (!(await opens(live, token))) return { holds: false, saw: 'a session did not open before its end' }
    const faults: string[] = []
    if ((await guest.post('sign-out', {}, second.access)).status !== 200) faults.push('nobody was signed out')
    for (const token of tokens) if (!(await endsAtOnce(live, token))) faults.push('an access token still opens')
    for (const { refresh } of [second, first])
      if ((await exchange(live, refresh)).status !== 401) faults.push('a refresh token still works')
    if (!(await opens(live, other.access))) faults.push('another session ended as well')
    return faults.length
      ? { holds: false, saw: 'something of a session outlived its end', detail: faults }
      : { holds: true, saw: 'after signing out no token of the session opened anything, and another session went on' }
  },
  sabotage: (broken) => surviving(broken, 'signed-out'),
})
