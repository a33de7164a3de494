import { control } from '../../contract/control.ts'
import type { Live } from '../../contract/control.ts'
import { endsAtOnce, exchange } from './doors.ts'
import { guestIn } from './guest.ts'
import { rewrite, sitDown } from './sitting.ts'
import type { Sitting } from './sitting.ts'

export const timeouts = control({
  claim:
    'A session ends when nobody used it for the time of the policy, and when its whole time is over, however much it ' +
    'was used.',
  enforcedBy: ['kernel/identity/session.ts', 'kernel/identity/ways/arrive.ts', 'kernel/identity/lookup.ts'],
  every: '1 hour',
  async probe(live) {
    const { north } = live.canaries[0]!
    const { idle_hours, absolute_hours } = live.policy.session
    await using guest = await guestIn(live, north, 'owner')
    const sitting = await sitDown(guest, north)
    const faults = isAbout(endOf(sitting), absolute_hours * 3_600) ? [] : ['it has another end than promised']
    const set = (column: string, to: string) => rewrite(north, sitting, `${column} = clock_timestamp() ${to}`)
    const tabs = tabOf(live, sitting)
    await set('rotated_at', `- interval '${idle_hours} hours' + interval '5 minutes'`)
    if (!(await tabs.goesOn())) faults.push('it ended before nobody had used it for long enough')
    await set('rotated_at', `- interval '${idle_hours} hours' - interval '5 seconds'`)
    if (await tabs.goesOn()) faults.push('it went on after nobody had used it')
    await set('rotated_at', '')
    if (!(await tabs.goesOn())) faults.push('it was over for another reason')
    if (tabs.left_s() > endOf(sitting)) faults.push('its end was put off by using it')
    await set('expires_at', '')
    if (await tabs.goesOn()) faults.push('it went on after its whole time')
    if (!(await endsAtOnce(live, tabs.access()))) faults.push('an access token still opens after the whole time')
    return faults.length
      ? { holds: false, saw: 'a session ended at another time than promised, or not at all', detail: faults }
      : { holds: true, saw: 'a session ended when nobody used it, and at the end of its time though it was used' }
  },
  sabotage: async ({ misconfigure }) => misconfigure('endless sessions'),
})

const endOf = ({ told }: Sitting) =>
  (told.json()['session'] as { refreshExpiresIn: number } | undefined)?.refreshExpiresIn ?? Number.NaN

/** An answer takes a moment, and seconds are cut off. */
const isAbout = (seconds: number, wanted: number) => seconds <= wanted && seconds > wanted - 60

type Renewed = { accessToken: string; refreshToken: string; refreshExpiresIn: number }

/** Goes on with the newest token that it was given. */
function tabOf(live: Live, { access, refresh }: Sitting) {
  let now: Renewed = { accessToken: access, refreshToken: refresh, refreshExpiresIn: 0 }
  return {
    access: () => now.accessToken,
    left_s: () => now.refreshExpiresIn,
    async goesOn() {
      const told = await exchange(live, now.refreshToken)
      if (told.status === 200) now = told.json() as Renewed
      return told.status === 200
    },
  }
}
