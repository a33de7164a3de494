/**
 * Whether a clock tells who has an account here. Known and unknown addresses are asked about in turn, and the two sets
 * of times are compared as ranks: an attacker who could tell them apart would find one of them slower more often than
 * chance does. What is compared lies in one run on one machine, so its speed does not matter.
 */
import type { Result, Say, Size } from '../../cli/campaign.ts'
import { helpdesk } from '../../editions/helpdesk/edition.ts'
import { createAttempts } from '../../kernel/limits/attempts.ts'
import { world } from '../../kernel/testing.ts'
import type { World } from '../../kernel/testing.ts'
import { owner, post, someAddress } from '../visitors.ts'

export const summary = 'compares the times of answers about accounts that there are and that there are not'

const PAIRS: Record<Size, number> = { small: 12, full: 400 }
/**
 * How far from chance the ranks may be, in standard deviations. Four come by chance once in sixteen thousand runs. At
 * small size only a difference that needs no statistics is looked for, since other tests share the machine.
 */
const FURTHEST: Record<Size, number> = { small: 4.1, full: 4 }

const asking: Record<string, (here: World, email: string) => Promise<{ status: number }>> = {
  'a wrong password': (here, email) => post(here, '/auth/sign-in', { email, password: 'nobody would think of this' }),
  'a link to sign in': (here, email) => post(here, '/auth/link-send', { email }),
  'a forgotten password': (here, email) => post(here, '/auth/reset-send', { email }),
  'signing up': (here, email) => post(here, '/auth/sign-up', { email }),
}

export async function campaign(size: Size, say: Say): Promise<Result> {
  await using here = await world(helpdesk)
  const { parts } = here.served
  // What limits guessing would end the comparison: with all the room there is, what remains is the work itself.
  parts.attempts = createAttempts(parts.counting, (text) => parts.vault.mac('attempts', text), { scale: 100_000 })
  const { email } = await owner(here)
  const counts = { questions: 0, 'told apart': 0 }
  for (const [what, ask] of Object.entries(asking)) {
    const times = { known: [] as number[], unknown: [] as number[] }
    const statuses = new Set<number>()
    for (let pair = 0; pair < PAIRS[size]; pair++)
      // Now the one first, then the other: what drifts drifts for both.
      for (const which of pair % 2 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)) {
        const began = performance.now()
        const { status } = await ask(here, which === 'known' ? email : someAddress())
        times[which].push(performance.now() - began)
        statuses.add(status)
        counts.questions++
      }
    const away = deviations(times.known, times.unknown)
    say(`${what}: ${away.toFixed(1)} deviations from chance, answered ${[...statuses].join(', ')}`)
    if (statuses.size !== 1 || Math.abs(away) > FURTHEST[size]) counts['told apart']++
  }
  return { counts, ok: counts['told apart'] === 0 }
}

/** Mann and Whitney: how often one of the first is greater than one of the second, against chance. */
function deviations(first: readonly number[], second: readonly number[]): number {
  let greater = 0
  for (const one of first) for (const other of second) greater += one > other ? 1 : one === other ? 0.5 : 0
  const pairs = first.length * second.length
  return (greater - pairs / 2) / Math.sqrt((pairs * (first.length + second.length + 1)) / 12)
}
