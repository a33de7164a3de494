import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { ask } from '../serve/live/ask.ts'
import { breakable, swap } from '../serve/live/breakable.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'
import { RULES } from './attempts.ts'
import type { Attempts } from './attempts.ts'
import { attempts } from './controls.ts'

/** Guessing at the real doors, and the control that watches it. */
let here: World
before(async () => void (here = await world(jeweller)))
after(() => here[Symbol.asyncDispose]())

const look = () => attempts.probe(here.served.live)

test('it holds twice in a row, the sabotage turns it red, and it heals', async () => {
  assert.deepEqual([(await look()).holds, (await look()).holds], [true, true])
  const heal = await attempts.sabotage(breakable(here.served))
  assert.equal((await look()).holds, false)
  await heal()
  const healed = await look()
  assert.equal(healed.holds, true, JSON.stringify(healed))
  assert.doesNotMatch(healed.saw, /\d/)
})

test('a budget that forgets the account, or the network, or that a door does not spend from, is seen', async () => {
  const { parts } = here.served
  const good = parts.attempts
  let one = 0
  const spending = (spend: Attempts['spend']) => () => swap(parts, { attempts: { ...good, spend } })
  const careless = [
    spending((what, { network }) => good.spend(what, { network })),
    spending((what, who) => good.spend(what, { ...who, network: `${(one += 1)}` })),
    spending(() => Promise.resolve({ allowed: false, reset_s: 9 })),
    () => swap(parts.house, { attempt: () => Promise.resolve() }),
  ]
  for (const breaks of careless) {
    const heal = breaks()
    assert.equal((await look()).holds, false)
    await heal()
  }
  assert.equal((await look()).holds, true)
})

test('whoever rotates headers at a door is one network all the same (ASVS 6.3.1, row 25)', async () => {
  const base = { url: new URL(`http://127.0.0.1:${here.served.listening.port}`) }
  const knock = async (turn: number) => {
    const forged = `198.51.${turn >> 8}.${turn & 255}`
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': forged, forwarded: `for=${forged}` }
    const body = JSON.stringify({ ticket: 'none', name: 'x', email: 'x@example.com', password: 'short' })
    return (await ask(base, '/auth/welcome', { method: 'POST', headers, body })).status
  }
  const started_ms = performance.now()
  const told = []
  for (let turn = 0; turn < 300; turn += 20)
    told.push(...(await Promise.all(Array.from({ length: 20 }, (_, more) => knock(turn + more)))))
  const { burst, each_s } = RULES.invitation.network
  const refilled = Math.ceil((performance.now() - started_ms) / 1_000 / each_s)
  const tried = told.filter((status) => status !== 429).length
  assert.ok(tried > 0 && tried <= burst * 10 + refilled, `${tried}`)
  assert.ok(told.every((status) => status < 500))
})
