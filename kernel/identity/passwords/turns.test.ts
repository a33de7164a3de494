import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Refusal } from '../../contract/refusal.ts'
import { createTurns, hashesAtOnce } from './turns.ts'

/** Work that ends when it is told to, and says when it began. */
function createWork() {
  const begun: number[] = []
  const ends: PromiseWithResolvers<number>[] = []
  const work = (id: number) => () => {
    begun.push(id)
    const end = Promise.withResolvers<number>()
    ends[id] = end
    return end.promise
  }
  return { begun, ends, work }
}

/** Lets everything happen that only waits for its turn in the event loop. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

/** The refusal, if there is one without anything else having to end first. */
async function atOnce(taken: Promise<unknown>) {
  const said = await Promise.race([taken.catch((error: unknown) => error), settle()])
  if (!(said instanceof Refusal)) return undefined
  const { status, code, retryAfter_s } = said
  return { status, code, retryAfter_s }
}

test('one core and one of the shared threads are left to the others', () => {
  const expected: [cores: number, threads: number, atOnce: number][] = [
    [1, 4, 1],
    [2, 4, 1],
    [4, 4, 3],
    [64, 4, 3],
    [64, 64, 63],
    [8, 1, 1],
  ]
  for (const [cores, threads, atOnce] of expected) assert.equal(hashesAtOnce(cores, threads), atOnce)
})

test('a full line answers 503 at once, with a time to come back, and everybody in it is served in order', async () => {
  const turns = createTurns({ atOnce: 2, mostWaiting: 3 })
  const { begun, ends, work } = createWork()
  const inside = [0, 1, 2, 3, 4].map((id) => turns.take(work(id)))
  await settle()
  for (let again = 0; again < 100; again++)
    assert.deepEqual(await atOnce(turns.take(work(99))), { status: 503, code: 'sign-in-busy', retryAfter_s: 1 })
  assert.deepEqual(begun, [0, 1], 'nobody was finished to make room for the answer')
  for (const id of [1, 0, 2, 3, 4]) {
    ends[id]!.resolve(id)
    await settle()
  }
  assert.deepEqual(await Promise.all(inside), [0, 1, 2, 3, 4])
  assert.deepEqual(begun, [0, 1, 2, 3, 4])
})

test('the time to come back grows with the line', async () => {
  const asked = async (mostWaiting: number) => {
    const turns = createTurns({ atOnce: 1, mostWaiting })
    const { ends, work } = createWork()
    const inside = Array.from({ length: mostWaiting + 1 }, (_, id) => turns.take(work(id)))
    const refused = await atOnce(turns.take(work(999)))
    for (const id of inside.keys()) {
      ends[id]!.resolve(id)
      await settle()
    }
    await Promise.all(inside)
    return refused?.retryAfter_s
  }
  assert.deepEqual([await asked(0), await asked(99), await asked(199)], [1, 10, 20])
})

test('who comes while somebody waits does not overtake, and an idle line is free again', async () => {
  const turns = createTurns({ atOnce: 1, mostWaiting: 2 })
  const { begun, ends, work } = createWork()
  const [first, second] = [turns.take(work(0)), turns.take(work(1))]
  await settle()
  ends[0]!.resolve(0)
  await first
  const third = turns.take(work(2))
  await settle()
  assert.deepEqual(begun, [0, 1])
  for (const id of [1, 2]) {
    ends[id]!.resolve(id)
    await settle()
  }
  await Promise.all([second, third])
  await Promise.all([3, 4, 5].map((id) => turns.take(async () => id)))
})

test('work that fails, also before it has begun, gives its turn to the next', async () => {
  const turns = createTurns({ atOnce: 1, mostWaiting: 3 })
  const fails = turns.take(() => Promise.reject(new Error('as planned')))
  const throws = turns.take(() => {
    throw new Error('at once')
  })
  const works = turns.take(async () => 'served')
  await assert.rejects(fails, /as planned/)
  await assert.rejects(throws, /at once/)
  assert.equal(await works, 'served')
})

test('whatever comes and ends in whatever order: never more at once, nobody lost, nobody served twice', async () => {
  const step = fc.oneof(fc.constant('come'), fc.nat(8))
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.nat(5), fc.array(step), async (atOnce, mostWaiting, steps) => {
      const turns = createTurns({ atOnce, mostWaiting })
      const { begun, ends, work } = createWork()
      const [came, done]: [Promise<unknown>[], Set<number>] = [[], new Set()]
      const running = () => begun.filter((id) => !done.has(id))
      const finish = (id: number) => {
        done.add(id)
        ends[id]!.resolve(id)
      }
      for (const what of steps) {
        if (what === 'come') came.push(turns.take(work(came.length)).catch((error: unknown) => error))
        else if (running().length > 0) finish(running()[Number(what) % running().length]!)
        await settle()
        assert.ok(running().length <= atOnce)
      }
      for (; running().length > 0; await settle()) finish(running()[0]!)
      const answers = await Promise.all(came)
      const served = answers.filter((answer) => !(answer instanceof Refusal))
      assert.deepEqual(served, begun, 'in the order in which they came')
      assert.ok(came.length <= atOnce + mostWaiting ? served.length === came.length : served.length >= atOnce)
    }),
    { numRuns: 60 },
  )
})
