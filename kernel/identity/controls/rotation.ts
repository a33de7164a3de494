import { control } from '../../contract/control.ts'
import { endsAtOnce, exchange, opens } from './doors.ts'
import { guestIn } from './guest.ts'
import { rewrite, sitDown, sittingIn, surviving } from './sitting.ts'

export const rotation = control({
  claim:
    'A refresh token is exchanged for a new one at each use; one that was exchanged before and comes back later ends ' +
    'its session with all tokens of it.',
  enforcedBy: ['kernel/identity/session.ts', 'kernel/identity/refresh-token.ts', 'kernel/identity/ways/refresh.ts'],
  every: '1 hour',
  async probe(live) {
    const { north } = live.canaries[0]!
    await using guest = await guestIn(live, north, 'owner')
    const first = await sitDown(guest, north)
    const second = sittingIn(await exchange(live, first.refresh))
    const faults = second.refresh === first.refresh ? ['a refresh token was given twice'] : []
    if (!(await opens(live, second.access))) faults.push('a new access token does not open')
    const tabs = await Promise.all([exchange(live, second.refresh), exchange(live, second.refresh)])
    if (tabs.some(({ status }) => status !== 200)) return { holds: false, saw: 'of two tabs at once one was put out' }
    const [third] = tabs.map(sittingIn)
    await rewrite(north, first, `rotated_at = rotated_at - ${LATER}`)
    const replayed = await exchange(live, second.refresh)
    if (replayed.status !== 401) faults.push('a token that was exchanged before was accepted')
    if ((await exchange(live, third!.refresh)).status !== 401) faults.push('the session goes on')
    if (!(await endsAtOnce(live, third!.access))) faults.push('an access token of the session still opens')
    return faults.length
      ? { holds: false, saw: 'a refresh token worked twice, or its coming back ended nothing', detail: faults }
      : { holds: true, saw: 'each exchange gave a new token, two tabs went on, and a stolen one ended its session' }
  },
  sabotage: (broken) => surviving(broken, 'replayed'),
})

/** Longer than two tabs can be apart, and shorter than any session may rest. */
const LATER = `interval '10 minutes'`
