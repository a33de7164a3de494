import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { editionCalled, editionNames } from '../cli/editions.ts'
import type { Canary, LiveOperation } from '../kernel/contract/control.ts'
import { world } from '../kernel/testing.ts'
import type { World } from '../kernel/testing.ts'

/** The catalogue tests itself: whatever is defined is attacked by nobody, every role, the neighbour and bad input. */
for (const name of editionNames)
  suite(`everything that ${name} can do`, () => {
    let here: World
    before(async () => {
      here = await world(await editionCalled(name))
    })
    after(() => here[Symbol.asyncDispose]())

    test('nobody does anything', () => refuseStrangers(here))
    test('every grant is of something that there is', () => insistOnGrants(here))
    test('each role does what its grants say, by name, and nothing more', () => holdRolesToTheirGrants(here))
    test('a good example is accepted; it leaves one entry if it changes something or looks at who did', () =>
      acceptExamples(here))
    test('what is refused leaves nothing but that it was refused', () => refuseWithoutTrace(here))
    test('the neighbour’s records are not there, in either kind of realm', () => seeNoNeighbour(here))
  })

const operationsOf = (here: World) => here.served.live.operations.filter(({ kind }) => kind !== 'job')
const poolOf = (here: World) => here.served.live.canaries[0]!

async function refuseStrangers(here: World) {
  const { north } = poolOf(here)
  for (const { name, example } of operationsOf(here))
    assert.equal((await north.call(name, example(north), 'nobody')).status, 401, name)
}

/** One of nothing would come to life with the upgrade that brings it. */
function insistOnGrants(here: World) {
  for (const [role, grants] of Object.entries(here.served.live.roles))
    for (const grant of grants)
      assert.ok(
        operationsOf(here).some(({ name }) => mayDo([grant], name)),
        `${role}: ${grant}`,
      )
}

async function holdRolesToTheirGrants(here: World) {
  for (const [role, grants] of Object.entries(here.served.live.roles))
    for (const { name } of operationsOf(here)) {
      const { status } = await poolOf(here).north.call(name, { unknown: '1' }, role)
      assert.equal(status, mayDo(grants, name) ? 400 : 403, `${role} ${name}`)
    }
}

async function acceptExamples(here: World) {
  const { north } = poolOf(here)
  for (const { name, recorded, example } of operationsOf(here)) {
    const before = await entries(north)
    const told = await north.call(name, example(north))
    assert.equal(told.status, 200, `${name}: ${told.text}`)
    const left = (await entries(north)).slice(before.length).map(({ action, request_id }) => [action, request_id])
    assert.deepEqual(left, recorded ? [[name, told.headers.get('x-request-id')]] : [])
  }
}

async function refuseWithoutTrace(here: World) {
  const { north, south } = poolOf(here)
  for (const operation of operationsOf(here).filter(({ kind }) => kind === 'action')) {
    const before = await entries(north)
    for (const input of [{}, { nonsense: true }, ...broken(operation, north), ...foreign(operation, north, south)]) {
      const told = await north.call(operation.name, input)
      assert.ok(
        told.status >= 400 && told.status < 500,
        `${operation.name} took ${JSON.stringify(input)}: ${told.text}`,
      )
      assert.match(told.headers.get('content-type') ?? '', /^application\/problem\+json/)
    }
    assert.equal((await entries(north)).length, before.length, operation.name)
  }
}

async function seeNoNeighbour(here: World) {
  for (const { north, south } of here.served.live.canaries)
    for (const operation of operationsOf(here).filter(({ references }) => references.length > 0))
      for (const input of foreign(operation, north, south)) {
        const told = await north.call(operation.name, input)
        assert.ok(!told.text.includes(south.marker), operation.name)
        if (operation.kind === 'action' || operation.name.endsWith('.get'))
          assert.equal(told.status, 404, `${operation.name}: ${told.text}`)
      }
}

const mayDo = (grants: readonly string[], name: string) => {
  const [module, noun] = name.split('.')
  return [name, `${module}.${noun}.*`, `${module}.*`].some((grant) => grants.includes(grant))
}

type Entry = { action: string; request_id: string }
/** Of whoever calls: what watches over the log has entries of its own, whenever it comes to look. */
const DONE = `select action, request_id from audit.entry
  where workspace_id = $1 and outcome = 'done' and actor_kind = 'key' order by id`
const entries = ({ catalogue, workspace }: Canary) => catalogue(DONE, [workspace]) as unknown as Promise<Entry[]>

/** A good input with one field of a type that no field has. */
function broken(operation: LiveOperation, canary: Canary): object[] {
  const good = operation.example(canary)
  return Object.keys(good).map((key) => ({ ...good, [key]: { not: ['this'] } }))
}

/** A good input with one reference taken from the neighbour. */
function foreign(operation: LiveOperation, north: Canary, south: Canary): object[] {
  const [good, theirs] = [operation.example(north), operation.example(south)]
  const own = operation.references.filter((path) => !path.includes('.') && path in theirs)
  return own.map((path) => ({ ...good, [path]: theirs[path] }))
}
