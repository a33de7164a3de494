import { control } from '../contract/control.ts'
import type { Interval } from '../contract/control.ts'
import { attested, notClaimed, page, planned, proven, section } from '../contract/page.ts'
import type { Given } from './document.ts'
import type { Standing } from './evidence.ts'
import { collect } from './register.ts'

/** For tests: a page of six sentences on which each state occurs, at noon of one day. */
export function everyState(more: Partial<Given> = {}): Given {
  return { edition, latest, attestations, now: NOW, ...more }
}

export const NOW = new Date('2026-11-20T12:00:00Z')
const MINUTE_ms = 60_000
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * MINUTE_ms)

const some = (claim: string, file: string, every: Interval = '5 minutes') =>
  control({
    claim,
    enforcedBy: [file],
    every,
    probe: () => Promise.resolve({ holds: true, saw: '' }),
    sabotage: () => Promise.resolve(() => undefined),
  })

const wall = some('Nothing goes through the wall.', 'house/wall.ts')
const door = some('Nobody comes in without the key.', 'house/door.ts')
const roof = some('No rain comes in.', 'house/roof.ts', '1 hour')
collect({ house: { wall, door, roof } })

const seen = (name: string, holds: boolean, saw: string, at: Date, since: Date): [string, Standing] => [
  `house.${name}`,
  {
    control: `house.${name}`,
    at,
    validUntil: new Date(at.getTime() + 5 * MINUTE_ms),
    holds,
    since,
    saw,
    detail: { note: 'for the auditor' },
    took_ms: 12,
  },
]

const latest = new Map([
  seen('wall', true, 'a ball came back', ago(1), ago(24 * 60)),
  seen('door', false, 'it opened to a hairpin', ago(2), ago(30)),
])

const attestations = new Map([
  ['keys-kept', { by: 'Keeper of the keys', signedAt: ago(60 * 24), expiresAt: ago(-60 * 24) }],
])

const edition = {
  name: 'house',
  title: { en: 'A house', ar: 'بيت' },
  page: page(
    '2026-11-20',
    section(
      { en: 'What keeps the weather out', ar: 'ما يمنع الطقس' },
      proven('house-1.1', { en: 'The wall stands.', ar: 'الجدار قائم.' }, wall),
      proven('house-1.2', { en: 'The wall stands and the door is shut.', ar: 'الجدار قائم والباب مغلق.' }, wall, door),
      proven('house-1.3', { en: 'The roof is tight.', ar: 'السقف محكم.' }, roof),
    ),
    section(
      { en: 'What people do', ar: 'ما يفعله الناس' },
      attested('house-2.1', { en: 'The keys are kept in a safe.', ar: 'المفاتيح في خزنة.' }, 'keys-kept'),
      planned('house-2.2', { en: 'Every visit is written down.', ar: 'كل زيارة تُدوَّن.' }, 'audit'),
      notClaimed('house-2.3', { en: 'There is no lightning rod.', ar: 'لا توجد مانعة صواعق.' }),
    ),
  ),
}
