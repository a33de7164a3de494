import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DECOYS as probed } from './controls/decoys.ts'
import { decoyIn, DECOYS } from './decoys.ts'
import { createLimits } from './limits.ts'
import { MOST_PER_MINUTE, room } from './room.ts'
import { createSuspicion, FORGIVEN_AFTER_ms, MAX_NETWORKS } from './suspicion.ts'

const START_ms = 1_800_000_000_000
const HOUR_ms = 3_600_000
const SCANNER = '198.51.100.7'

const raised = (times: number, network = SCANNER) => {
  const suspicion = createSuspicion()
  const scores = Array.from({ length: times }, () => suspicion.raise(network, START_ms))
  return { suspicion, score: scores.at(-1)!, priceAt: (now_ms: number) => suspicion.price(network, now_ms) }
}

test('a decoy is one whatever stands in its query, and nothing that only looks like it', () => {
  for (const decoy of DECOYS) {
    assert.equal(decoyIn(decoy), decoy)
    assert.equal(decoyIn(`${decoy}?a=/b&c=?`), decoy)
    for (const other of [`${decoy}/`, `${decoy}-`, `/${decoy}`, decoy.slice(1), decoy.toUpperCase(), `/v1${decoy}`])
      assert.equal(decoyIn(other), undefined, other)
  }
  for (const ours of ['/', '/security', '/robots.txt', '/livez', '/v1/shop.customer.list', '', '?/.env'])
    assert.equal(decoyIn(ours), undefined, ours)
})

test('the probe knows every decoy there is', () => {
  assert.deepEqual(probed, [...DECOYS])
})

test('what others say of a network makes it more suspicious, never less', () => {
  const { suspicion, priceAt } = raised(6)
  suspicion.recall(SCANNER, 1, START_ms + 1)
  assert.equal(suspicion.raise(SCANNER, START_ms + 1) > 6.9, true)
  suspicion.recall('198.51.100.8', 9, START_ms)
  suspicion.recall('198.51.100.8', 32, START_ms - 8 * HOUR_ms)
  assert.deepEqual([priceAt(START_ms), suspicion.price('198.51.100.8', START_ms)], [10, 10])
})

test('a score grows by one with each decoy, and halves every hour', () => {
  const { suspicion, score } = raised(4)
  assert.equal(score, 4)
  assert.equal(suspicion.raise(SCANNER, START_ms + HOUR_ms), 3)
  assert.equal(suspicion.raise(SCANNER, START_ms + 3 * HOUR_ms), 1.75)
  assert.equal(suspicion.raise('198.51.100.8', START_ms), 1)
})

test('a few are forgiven at once, a scan becomes dear, and the longest is forgiven in the end', () => {
  assert.equal(raised(4).priceAt(START_ms), 1)
  assert.equal(raised(5).priceAt(START_ms), 10)
  assert.equal(raised(5).priceAt(START_ms + 60_000), 1)
  const longest = raised(10_000)
  assert.equal(longest.score, 32)
  assert.equal(longest.priceAt(START_ms + FORGIVEN_AFTER_ms - 1_000), 10)
  assert.equal(longest.priceAt(START_ms + FORGIVEN_AFTER_ms + 1_000), 1)
  assert.ok(FORGIVEN_AFTER_ms < 3 * HOUR_ms)
})

test('a clock that is set back makes nobody more suspicious', () => {
  const { suspicion } = raised(4)
  assert.equal(suspicion.raise(SCANNER, START_ms - HOUR_ms), 5)
})

test('this machine is seen and never suspected', () => {
  for (const network of ['127.0.0.1', '127.8.8.8', '0:0:0:0::/64', 'unknown']) {
    const { suspicion, score, priceAt } = raised(100, network)
    assert.deepEqual([score, priceAt(START_ms)], [0, 1], network)
    suspicion.recall(network, 30, START_ms)
    assert.equal(priceAt(START_ms), 1, network)
  }
  assert.equal(raised(100, '12.7.0.1').priceAt(START_ms), 10)
})

test('of more networks than anybody needs, those unseen for longest are forgotten', () => {
  const { suspicion } = raised(5)
  const half = MAX_NETWORKS / 2
  for (let other = 0; other < half; other += 1) suspicion.raise(`a${other}`, START_ms)
  assert.equal(suspicion.raise(SCANNER, START_ms), 6)
  for (let other = 0; other < half; other += 1) suspicion.raise(`b${other}`, START_ms)
  assert.equal(suspicion.price(SCANNER, START_ms), 10)
  assert.equal(suspicion.raise('a0', START_ms), 1)
  assert.equal(suspicion.raise(`b${half - 1}`, START_ms), 2)
})

test('what is dear comes out of the same budget, and comes back when told', () => {
  const limits = createLimits()
  const spend = (who: string, now_ms: number, price?: number) => limits.spend('public', who, now_ms, price)
  for (let left = 11; left >= 0; left -= 1) {
    const { allowed, remaining } = spend(SCANNER, START_ms, 10)
    assert.deepEqual([allowed, remaining], [true, left])
  }
  const refused = spend(SCANNER, START_ms, 10)
  assert.deepEqual([refused.allowed, refused.remaining, refused.reset_s], [false, 0, 5])
  assert.equal(spend(SCANNER, START_ms + 4_999, 10).allowed, false)
  assert.ok(spend(SCANNER, START_ms + 5_000, 10).allowed)
  assert.equal(spend('198.51.100.8', START_ms).remaining, 119)
})

test('nothing is so dear that it can never be had', () => {
  const limits = createLimits({ scale: 0.01 })
  assert.ok(limits.spend('public', SCANNER, START_ms, 1_000).allowed)
  const { allowed, reset_s } = limits.spend('public', SCANNER, START_ms, 1_000)
  assert.equal(allowed, false)
  assert.ok(limits.spend('public', SCANNER, START_ms + reset_s * 1_000, 1_000).allowed)
})

test('a minute has room for so many of one network and so many of all, and always for this machine', () => {
  const told: unknown[][] = []
  const hasRoom = room((...line) => told.push(line))
  const kept = (networks: readonly string[], now_ms = START_ms) =>
    networks.filter((network) => hasRoom(network, now_ms)).length
  const strangers = Array.from({ length: 1_000 }, (_, at) => `stranger ${at}`)
  const again = (network: string) => Array.from({ length: 1_000 }, () => network)
  assert.equal(kept(again(SCANNER)), MOST_PER_MINUTE.network)
  assert.equal(kept(strangers), MOST_PER_MINUTE.all - MOST_PER_MINUTE.network)
  assert.equal(kept(again('127.0.0.1')), MOST_PER_MINUTE.network)
  assert.deepEqual(told, [])
  assert.equal(kept(again(SCANNER), START_ms + 60_000), MOST_PER_MINUTE.network)
  assert.deepEqual(told, [
    ['decoys, too many to keep', { count: 3_000 - MOST_PER_MINUTE.all - MOST_PER_MINUTE.network }],
  ])
})
