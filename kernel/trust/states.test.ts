import assert from 'node:assert/strict'
import { test } from 'node:test'
import { control } from '../contract/control.ts'
import { attested, notClaimed, partly, planned, proven } from '../contract/page.ts'
import type { Sentence } from '../contract/page.ts'
import type { Standing } from './evidence.ts'
import { collect } from './register.ts'
import { judge, stateOf } from './states.ts'
import type { Attestation } from './states.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const MINUTE_ms = 60_000
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * MINUTE_ms)

const probe = () => Promise.resolve({ holds: true, saw: 'seen' })
const some = (claim: string, every: '5 minutes' | '1 hour' = '5 minutes') =>
  control({
    claim,
    enforcedBy: ['kernel/trust/states.ts'],
    every,
    probe,
    sabotage: () => Promise.resolve(() => undefined),
  })
const wall = some('The wall stands.')
const door = some('The door is shut.')
const roof = some('The roof is tight.', '1 hour')
collect({ house: { wall, door, roof } })

const text = { en: 'We hold.', ar: 'نصمد.' }
const byWall = proven('a-1', text, wall)
const byBoth = proven('a-2', text, wall, door)
const bySignature = attested('a-3', text, 'keys-kept')
const byHalf = partly('a-4', text, 'keys-kept', wall)

function saw(name: string, more: Partial<Standing> = {}): [string, Standing] {
  const at = more.at ?? ago(1)
  const fields = { control: name, at, validUntil: new Date(at.getTime() + 5 * MINUTE_ms), holds: true, since: at }
  return [name, { ...fields, saw: '', detail: null, took_ms: 1, ...more }]
}
const wallHolds = saw('house.wall')
const wallBroken = saw('house.wall', { holds: false })
const doorHolds = saw('house.door')
const doorBroken = saw('house.door', { holds: false })
const signature = (more: Partial<Attestation> = {}): [string, Attestation] => [
  'keys-kept',
  { by: 'Head of operations', signedAt: ago(60), expiresAt: ago(-60), ...more },
]
const state = (sentence: Sentence, seen: [string, Standing][] = [], signed: [string, Attestation][] = [], now = NOW) =>
  stateOf(sentence, new Map(seen), new Map(signed), now)

test('a sentence is proven only while every one of its controls holds on fresh evidence', () => {
  assert.equal(state(byWall, [wallHolds]), 'proven')
  assert.equal(state(byBoth, [wallHolds, doorHolds]), 'proven')
  assert.equal(state(byBoth, [wallHolds]), 'unknown')
  assert.equal(state(byBoth, [doorHolds]), 'unknown')
  assert.equal(state(byWall, [doorHolds]), 'unknown')
  assert.equal(state(byWall), 'unknown')
})

test('of every mixture of two controls, the states follow: broken, then doubtful, then proven', () => {
  const kinds = {
    holding: (name: string) => [saw(name)],
    broken: (name: string) => [saw(name, { holds: false })],
    missing: () => [],
    lapsed: (name: string) => [saw(name, { at: ago(6) })],
    future: (name: string) => [saw(name, { at: ago(-2) })],
  }
  for (const [first, wallSeen] of Object.entries(kinds)) {
    for (const [second, doorSeen] of Object.entries(kinds)) {
      const pair = [first, second]
      const expected = pair.includes('broken')
        ? 'failing'
        : pair.every((kind) => kind === 'holding')
          ? 'proven'
          : 'unknown'
      const seen = [...wallSeen('house.wall'), ...doorSeen('house.door')]
      assert.equal(state(byBoth, seen), expected, pair.join(' and '))
    }
  }
})

test('evidence lapses at the end of its interval and not a moment later', () => {
  const at = (age_ms: number) => [saw('house.wall', { at: new Date(NOW.getTime() - age_ms) })]
  assert.equal(state(byWall, at(5 * MINUTE_ms - 1)), 'proven')
  assert.equal(state(byWall, at(5 * MINUTE_ms)), 'unknown')
  assert.equal(state(byWall, at(365 * 24 * 60 * MINUTE_ms)), 'unknown')
})

test('a stored validity longer than the interval of today is not believed, a shorter one is', () => {
  assert.equal(state(byWall, [saw('house.wall', { at: ago(6), validUntil: new Date('2099-01-01') })]), 'unknown')
  assert.equal(state(proven('a-5', text, roof), [saw('house.roof', { at: ago(6) })]), 'unknown')
})

test('after the clock was set back, evidence from the future proves nothing', () => {
  const ahead = (by_ms: number) => [saw('house.wall', { at: new Date(NOW.getTime() + by_ms) })]
  assert.equal(state(byWall, ahead(MINUTE_ms)), 'proven')
  assert.equal(state(byWall, ahead(MINUTE_ms + 1)), 'unknown')
  assert.deepEqual(judge(byWall, new Map(ahead(MINUTE_ms + 1)), new Map(), NOW).why, {
    code: 'evidence from the future',
    controls: ['house.wall'],
  })
})

test('what was seen broken stays failing when the probe falls silent', () => {
  const old = saw('house.wall', { holds: false, at: ago(600) })
  assert.equal(state(byWall, [old]), 'failing')
  assert.equal(state(byBoth, [wallHolds, saw('house.door', { holds: false, at: ago(600) })]), 'failing')
})

test('an attested sentence needs a signature that has begun and has not expired', () => {
  assert.equal(state(bySignature, [], [signature()]), 'attested')
  assert.equal(state(bySignature), 'unknown')
  assert.equal(state(bySignature, [wallHolds]), 'unknown')
  assert.equal(state(bySignature, [], [signature({ expiresAt: NOW })]), 'unknown')
  assert.equal(state(bySignature, [], [signature({ expiresAt: new Date(NOW.getTime() + 1) })]), 'attested')
  assert.equal(state(bySignature, [], [signature({ signedAt: ago(-2) })]), 'unknown')
  assert.equal(state(bySignature, [], [['another', signature()[1]]]), 'unknown')
})

test('half a proof needs the other half signed, and the whole is then attested, not proven', () => {
  assert.equal(state(byHalf, [wallHolds], [signature()]), 'attested')
  assert.equal(state(byHalf, [wallHolds]), 'unknown')
  assert.equal(state(byHalf, [], [signature()]), 'unknown')
  assert.equal(state(byHalf, [saw('house.wall', { at: ago(6) })], [signature()]), 'unknown')
  assert.equal(state(byHalf, [wallHolds], [signature({ expiresAt: ago(1) })]), 'unknown')
})

test('no signature covers what a probe saw broken', () => {
  assert.equal(state(byHalf, [wallBroken], [signature()]), 'failing')
  assert.equal(state(byHalf, [wallBroken]), 'failing')
})

test('what is planned or not claimed is never anything else', () => {
  const everything = [wallHolds, doorHolds]
  assert.equal(state(planned('a-6', text, 'audit'), everything, [signature()]), 'not claimed')
  assert.equal(state(notClaimed('a-7', text), everything, [signature()]), 'not claimed')
})

test('a sentence bound to nothing is unknown, though all of its no controls hold', () => {
  const orphan = { ...byWall, controls: [] }
  assert.equal(state(orphan, [wallHolds]), 'unknown')
  assert.deepEqual(judge(orphan, new Map(), new Map(), NOW), {
    state: 'unknown',
    since: null,
    why: { code: 'unbound' },
  })
})

test('a sentence whose control nobody collected is refused', () => {
  assert.throws(() => state(proven('a-8', text, some('A stray says so.'))), /No folder exports/)
})

test('a sentence goes through its life, each state with the moment since which it holds', () => {
  const at = (now: Date, ...seen: [string, Standing][]) => {
    const { state: is, since } = judge(byBoth, new Map(seen), new Map(), now)
    return [is, since?.getTime()]
  }
  const wallSince = saw('house.wall', { since: ago(90) })
  const doorSince = saw('house.door', { since: ago(30) })
  assert.deepEqual(at(NOW), ['unknown', undefined])
  assert.deepEqual(at(NOW, wallSince, doorSince), ['proven', ago(30).getTime()], 'since the last of them held')
  assert.deepEqual(at(NOW, wallSince, doorBroken), ['failing', ago(1).getTime()])
  assert.deepEqual(at(NOW, saw('house.wall', { holds: false, since: ago(3) }), doorBroken), [
    'failing',
    ago(3).getTime(),
  ])
  assert.deepEqual(at(ago(-10), wallSince, doorSince), ['unknown', ago(-4).getTime()], 'since the evidence lapsed')
  assert.deepEqual(at(NOW, wallHolds, doorHolds), ['proven', ago(1).getTime()], 'healed')
})

test('a reason names every control that is to blame, and the signature that is missing', () => {
  const why = (sentence: Sentence, seen: [string, Standing][], signed: [string, Attestation][] = []) =>
    judge(sentence, new Map(seen), new Map(signed), NOW).why
  assert.deepEqual(why(byBoth, [wallBroken, doorBroken]), {
    code: 'seen broken',
    controls: ['house.wall', 'house.door'],
  })
  assert.deepEqual(why(byBoth, [wallHolds]), { code: 'never checked', controls: ['house.door'] })
  assert.deepEqual(why(byWall, [saw('house.wall', { at: ago(6) })]), {
    code: 'evidence lapsed',
    controls: ['house.wall'],
  })
  assert.deepEqual(why(bySignature, []), { code: 'not signed', attestation: 'keys-kept' })
  assert.deepEqual(why(bySignature, [], [signature({ expiresAt: ago(1) })]), {
    code: 'signature lapsed',
    attestation: 'keys-kept',
  })
  assert.deepEqual(why(planned('a-6', text, 'audit'), []), { code: 'planned', room: 'audit' })
  assert.equal(why(byWall, [wallHolds]), null)
})
