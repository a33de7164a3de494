import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { somebody } from '../../test/people.ts'
import { Writing } from '../postgres/work.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'
import { identityScope, recorderScope } from './lobby.ts'
import { endSession, rotateSession } from './session.ts'

/** A session and its tokens against a model of them, through whatever order of exchanges, pauses and ends. */
let here: World
before(async () => {
  here = await world(jeweller)
})
after(() => here[Symbol.asyncDispose]())

const LIMITS = { idle_s: 3_600, grace_s: 30 }

/** An exchange of the token that was issued so many generations ago; a pause; an end. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ exchange: fc.constantFrom(0, 0, 0, 1, 1, 2, 5) }) },
  { weight: 2, arbitrary: fc.record({ pause_s: fc.constantFrom(5, 31, 1_000, 3_000, 3_601) }) },
  { weight: 1, arbitrary: fc.constant({ end: true as const }) },
)
type Step = { exchange: number } | { pause_s: number } | { end: true }
type Model = { generation: number; sinceExchange_s: number; over: boolean }

test('of a family of tokens the newest goes on, its twin for a moment, an old one ends them all (row 13)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps: Step[]) => {
      const { session } = await somebody(here, ['owner'])
      const model: Model = { generation: 0, sinceExchange_s: 0, over: false }
      for (const one of steps) {
        if ('pause_s' in one) await pause(session, one.pause_s, model)
        else if ('end' in one) await end(session, model)
        else assert.equal(await exchange(session, model.generation - one.exchange), expected(model, one.exchange))
      }
    }),
    { numRuns: 40 },
  )
})

/** What an exchange comes to; the model is moved along. */
function expected(model: Model, ago: number): string {
  if (ago > model.generation) return 'unissued'
  const isAlive = !model.over && model.sinceExchange_s < LIMITS.idle_s
  if (!isAlive) return 'over'
  if (ago === 0) {
    model.generation += 1
    model.sinceExchange_s = 0
    return 'next'
  }
  if (ago === 1 && model.sinceExchange_s < LIMITS.grace_s) return 'same'
  model.over = true
  return 'replayed'
}

async function exchange(session: string, generation: number): Promise<string> {
  if (generation < 0) return 'unissued'
  await using work = inWorkspace()
  const { as } = await rotateSession(work, session, generation, LIMITS)
  await work.commit(recorderScope(here.served.parts.deployment.names, here.north.place.workspace), [])
  return as
}

async function pause(session: string, pause_s: number, model: Model) {
  await here.served.live.canaries[0]!.north.catalogue(
    'update identity.session set rotated_at = rotated_at - make_interval(secs => $2) where id = $1',
    [session, pause_s],
  )
  model.sinceExchange_s += pause_s
}

async function end(session: string, model: Model) {
  await using work = inWorkspace()
  await work.run(endSession(session, 'ended'))
  await work.commit(recorderScope(here.served.parts.deployment.names, here.north.place.workspace), [])
  model.over = true
}

function inWorkspace() {
  const { names, realms } = here.served.parts.deployment
  const { realm, workspace } = here.north.place
  return new Writing(realms.open(realm), identityScope(names, workspace))
}
