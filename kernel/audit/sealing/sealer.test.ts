import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { ENTRIES, examined, nowhere, workspaces } from '../../../test/logbook.ts'
import { booksOf } from '../../serve/books.ts'
import { asAdmin } from '../../tenancy/cluster.ts'
import type { Realm } from '../../tenancy/realms.ts'
import { world, type World } from '../../testing.ts'
import { reopen } from './reopening.ts'
import { Sealer } from './sealer.ts'
import { LEFT_OUT, standing } from './standing.ts'

/** A whole deployment, whose own sealer works beside the requests, and others of which each is as another process. */
let here: World
before(async () => {
  here = await world(helpdesk, 'database')
})
after(() => here[Symbol.asyncDispose]())

type Told = { event: string; fields: Record<string, unknown> }
const another = (told: Told[] = []) => {
  const { deployment, vault } = here.served.parts
  const tell = (event: string, fields: Record<string, unknown> = {}) => void told.push({ event, fields })
  return new Sealer({ keeper: deployment.keeper, vault, copies: nowhere, tell }, booksOf(deployment))
}

const sqlIn =
  (realm: Realm) =>
  (text: string, values: unknown[] = []) =>
    asAdmin(
      here.served.parts.deployment.admin,
      realm.database,
      async (client) => (await client.query(text, values)).rows,
    )

const pool = () => here.served.parts.deployment.known.find(({ kind }) => kind === 'pool')!
const stands = (realm: Realm) => standing(here.served.parts.deployment.keeper.open(realm))

/** Generous: machines that are busy are slow, and nobody measures here. */
async function until(what: string, isSo: () => Promise<boolean>) {
  for (const until_ms = Date.now() + 60_000; !(await isSo()); await sleep(25))
    assert.ok(Date.now() < until_ms, `in vain: ${what}`)
}

const isSealed = (realm: Realm) => async () => {
  const left = await sqlIn(realm)(LEFT_OUT, [0])
  return left.length === 0 && (await stands(realm)) !== undefined
}

test('what an action recorded is sealed beside the requests, in either kind of realm', async () => {
  const { realm } = here.north.place
  await here.as('owner').call('identity.key.create', { name: 'One', role: 'owner' })
  await until('the workspace’s own', isSealed(realm))
  await sqlIn(pool())(ENTRIES, [workspaces(3), 30])
  await until('the shared one', isSealed(pool()))
  for (const one of [realm, pool()]) {
    await examined({ sql: sqlIn(one) as never })
    const { refused, waiting_s, origin } = (await stands(one))!
    assert.deepEqual([refused, waiting_s, origin], [null, null, `vouchsafe/${one.id}/1`])
  }
})

test('what another process writes to a database of its own is found by what the server counts there', async () => {
  const { realm } = here.south.place
  await until('all before', isSealed(realm))
  await sqlIn(realm)(ENTRIES, [[here.south.place.workspace], 5])
  await until('what was written elsewhere', isSealed(realm))
})

test('several at once take turns, and what is written meanwhile is sealed once', async () => {
  await using one = another()
  await using other = another()
  const all = workspaces(4)
  for (let round = 0; round < 40; round++) {
    await sqlIn(pool())(ENTRIES, [all, 7])
    one.wake(pool())
    other.wake(pool())
    here.served.parts.sealer.wake(pool())
  }
  await until('all rounds', isSealed(pool()))
  await examined({ sql: sqlIn(pool()) as never })
})

test('a log that cannot be signed holds up no other, is told of once, and stands as refused', async () => {
  const told: Told[] = []
  const [broken, fine] = [here.north.place.realm, here.south.place.realm]
  await until('both are sealed', async () => (await isSealed(broken)()) && (await isSealed(fine)()))
  await using sealer = another(told)
  await sealer.settled(broken)
  await sqlIn(broken)('update audit.log set size = size + 1')
  await sqlIn(broken)(ENTRIES, [[here.north.place.workspace], 1])
  await sqlIn(fine)(ENTRIES, [[here.south.place.workspace], 1])
  for (let round = 0; round < 5; round++) await Promise.all([sealer.settled(broken), sealer.settled(fine)])
  await until('the other goes on', isSealed(fine))
  assert.equal((await stands(fine))!.refused, null)
  await until('it says so', async () => (await stands(broken))!.refused !== null)
  const { refused, waiting_s } = (await stands(broken))!
  assert.equal(refused, 'the head that is stored is not the one that was signed')
  assert.ok(waiting_s! > 0)
  const complaints = told.filter(({ event }) => event === 'a log is not signed')
  assert.deepEqual(
    complaints.map(({ fields }) => fields),
    [{ realm: broken.id, why: refused }],
  )
  await sqlIn(broken)('update audit.log set size = size - 1')
  await until('it is put right', isSealed(broken))
  await until('and said to be', async () => (await stands(broken))!.refused === null)
  await sealer.settled(broken)
  assert.equal(told.filter(({ event }) => event === 'a log is sealed again').length, 1)
})

test('a new log is taken up by those who had the old one', async () => {
  const { deployment, vault } = here.served.parts
  const { realm } = here.north.place
  await until('the old one', isSealed(realm))
  await reopen({ keeper: deployment.keeper, vault, copies: nowhere, tell: () => undefined }, realm, 'a drill')
  await here.as('owner').call('identity.key.create', { name: 'Two', role: 'owner' })
  await until('the new one', isSealed(realm))
  assert.equal((await stands(realm))!.epoch, 2)
  await examined({ sql: sqlIn(realm) as never })
})

test('one that is disposed of ends what it is at, and begins nothing more', async () => {
  const sealer = another()
  await sqlIn(pool())(ENTRIES, [workspaces(2), 3_000])
  sealer.wake(pool())
  await sleep(40)
  await sealer[Symbol.asyncDispose]()
  sealer.wake(pool())
  await until('the deployment’s own does the rest', isSealed(pool()))
  await examined({ sql: sqlIn(pool()) as never })
})
