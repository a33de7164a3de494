import { control } from '../contract/control.ts'
import { findUnbound } from './controls/binding.ts'
import { findLeaks } from './controls/leaks.ts'

/** What can be proven about the security page itself: that all of it is bound to something, and gives nothing away. */

export const bound = control({
  claim:
    'Every sentence of the security page is bound to a probe, a signature or a disclaimer, ' +
    'and both languages show the state that follows from the evidence.',
  enforcedBy: ['kernel/contract/page.ts', 'kernel/trust/states.ts', 'kernel/trust/html.ts'],
  every: '5 minutes',
  async probe(live) {
    const wrong = await findUnbound(live)
    return wrong.length === 0
      ? { holds: true, saw: 'every sentence has something behind it, and English and Arabic say the same of each' }
      : { holds: false, saw: 'sentences with nothing behind them, or shown otherwise than they are', detail: wrong }
  },
  sabotage: ({ misconfigure }) => Promise.resolve(misconfigure('orphan sentence')),
})

export const quiet = control({
  claim:
    'Public answers, refusals among them, name no software versions, machines, file paths, ' +
    'stack traces, statements or tables.',
  enforcedBy: ['kernel/serve/http/problem.ts', 'kernel/transport/headers.ts', 'kernel/trust/document.ts'],
  every: '5 minutes',
  async probe(live) {
    const leaks = await findLeaks(live)
    return leaks.length === 0
      ? { holds: true, saw: 'pages, health and refusals of every kind said only what they are for' }
      : { holds: false, saw: 'an answer to the public gave away how the inside is built', detail: leaks }
  },
  sabotage: ({ misconfigure }) => Promise.resolve(misconfigure('talkative errors')),
})
