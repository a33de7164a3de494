import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../editions/helpdesk/edition.ts'
import { sql } from '../../test/people.ts'
import { owner } from '../../test/visitors.ts'
import { LOBBY } from '../identity/lobby.ts'
import { sealedFor } from '../identity/proof.ts'
import { inviteStaff } from '../staff/desk.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'
import { rotation } from '../vault/controls.ts'
import { openVault } from '../vault/vault.ts'
import { booksOf } from './books.ts'
import { openParts } from './open.ts'

/** A new master key, and the start that follows it. */
let here: World
before(async () => {
  here = await world(helpdesk)
})
after(() => here[Symbol.asyncDispose]())

const restart = async () => {
  const { admin, names } = here.served.parts.deployment
  const vault = openVault({ folder: here.folder })
  const { deployment } = await openParts({ edition: helpdesk, admin, deployment: names.deployment, vault })
  await deployment[Symbol.asyncDispose]()
}

/** As somebody who set up an app long ago. */
async function personWithApp() {
  const { email } = await owner(here)
  const [person] = await sql(here)('select id from identity.person where email = $1', [email])
  const [context, secret] = [sealedFor(String(person!['id'])), randomBytes(20)]
  await sql(here)(
    'insert into identity.factor (workspace_id, person_id, secret, confirmed_at) values ($1, $2, $3, now())',
    [LOBBY, person!['id'], here.served.parts.vault.seal(secret, context)],
  )
  return { person: person!['id'], context, secret }
}

const probe = () => rotation.probe({ ...here.served.live, keyRing: here.served.parts.vault.ring() })

test('after a new master key and a start nothing that lasts is under the old one (ASVS 11.2.2)', async () => {
  const { vault, deployment } = here.served.parts
  const books = booksOf(deployment)
  const { person, context, secret } = await personWithApp()
  await inviteStaff({ sql: books, vault }, 'Noor', 'noor@example.com')
  // As a probe makes one up, without an app.
  await books(
    `insert into staff.person (name, email_key, password, app) values ('Guest', 'guest@staff.invalid', '', '')`,
  )
  assert.equal((await probe()).holds, true)
  const current = vault.rotate()
  assert.equal((await probe()).holds, false, 'begun and not finished')
  await restart()
  assert.equal((await probe()).holds, true)
  const factors = await sql(here)('select secret, person_id as person from identity.factor')
  const staff = await books('select app from staff.invitation')
  const realms = await here.served.live.directory('select secret from directory.realm')
  assert.ok(factors.length > 1 && staff.length === 1 && realms.length > 1)
  for (const sealed of [...factors, ...realms].map((row) => String(row['secret'])).concat(String(staff[0]!['app'])))
    assert.equal(vault.kekOf(sealed), current)
  const own = factors.find((one) => one['person'] === person)!
  assert.deepEqual(vault.open(String(own['secret']), context), secret)
})

test('the probe sees an app that was left behind, though every login was moved (ASVS 11.2.2)', async () => {
  const { vault } = here.served.parts
  const { person } = await personWithApp()
  vault.rotate()
  const [{ secret } = {}] = await sql(here)('select secret from identity.factor where person_id = $1', [person])
  await restart()
  const back = 'update identity.factor set secret = $2 where person_id = $1'
  await sql(here)(back, [person, secret])
  const { holds, saw } = await probe()
  assert.deepEqual([holds, saw], [false, 'a replacement of keys was begun and not finished'])
  await sql(here)(back, [person, vault.rewrap(String(secret))])
  assert.equal((await probe()).holds, true)
})
