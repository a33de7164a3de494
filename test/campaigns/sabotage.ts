/**
 * Every guarantee is broken, one after another, and every probe looks each time: the one whose guarantee it is must
 * turn red, no other may, and when it is healed it holds again.
 */
import type { Result, Say, Size } from '../../cli/campaign.ts'
import { openDrill } from '../controls/drill.ts'

export const summary = 'breaks every guarantee and has every probe look, so that each alarm is raised by its own cause'

/** All, or as many as `npm test` has time for beside the sample that it takes of each. */
const ROWS: Record<Size, number> = { small: 1, full: Number.POSITIVE_INFINITY }

export async function campaign(size: Size, say: Say): Promise<Result> {
  await using drill = await openDrill()
  const { names } = drill
  const step = Math.max(1, Math.ceil(names.length / ROWS[size]))
  const counts = { sabotages: 0, probes: 0, unnoticed: 0, 'false alarms': 0, 'not healed': 0 }
  for (const name of names.filter((_, index) => index % step === 0)) {
    const others = names.filter((other) => other !== name)
    const { turnsRed, falseAlarms, heals } = await drill.sabotage(name, others)
    counts.sabotages++
    counts.probes += others.length + 2
    counts.unnoticed += turnsRed ? 0 : 1
    counts['false alarms'] += falseAlarms.length
    counts['not healed'] += heals ? 0 : 1
    if (!turnsRed || !heals || falseAlarms.length)
      say(`${name}: ${[turnsRed ? '' : 'unnoticed', heals ? '' : 'not healed', ...falseAlarms].join(' ')}`)
    if (counts.sabotages % 10 === 0) say(`${counts.sabotages} of ${names.length} broken and healed`)
  }
  return { counts, ok: counts.unnoticed + counts['false alarms'] + counts['not healed'] === 0 }
}
