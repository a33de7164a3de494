import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import pg from 'pg'
import type { Breakable, Sql } from '../contract/control.ts'
import { type Server, startEmbedded } from '../postgres/embedded.ts'
import { rotation, sealed } from './controls.ts'
import { openVault } from './vault.ts'

const folder = mkdtempSync(join(tmpdir(), 'sealed-'))
const vault = openVault({ folder })
let server: Server
let client: pg.Client
let sql: Sql

before(async () => {
  server = await startEmbedded(join(folder, 'postgres'), { durable: false })
  client = new pg.Client(server.admin)
  await client.connect()
  sql = async (statement, values) => (await client.query(statement, values && [...values])).rows
})
after(async () => {
  await client.end()
  await server.stop()
  rmSync(folder, { recursive: true })
})

const PASSWORD = 'the-realm-password'

/** A directory of three realms whose logins really exist, as the tenancy folder lays it out. */
beforeEach(async () => {
  await sql(`drop schema if exists directory cascade; drop schema if exists shop cascade; create schema directory;
    create table directory.realm (
      id uuid primary key, kind text not null, database text not null unique,
      login text not null, secret text not null)`)
  for (const kind of ['pool', 'database', 'database']) {
    const [id, login] = [randomUUID(), `login_${randomUUID().slice(0, 8)}`]
    await sql(`create role ${login} login password '${PASSWORD}'`)
    const secret = vault.seal(PASSWORD, `realm ${id}`)
    await sql('insert into directory.realm values ($1, $2, $3, $4, $5)', [id, kind, login, login, secret])
  }
})

const live = () =>
  ({
    directory: sql,
    keyRing: vault.ring(),
    canaries: [{ kind: 'pool', north: { catalogue: sql }, south: { catalogue: sql } }],
  }) as unknown as Breakable

const look = async () => [(await sealed.probe(live())).holds, (await rotation.probe(live())).holds]

test('both hold, each sabotage turns its own control red and no other, and heals', async () => {
  assert.deepEqual(await look(), [true, true])
  const healSealed = await sealed.sabotage(live())
  assert.deepEqual(await look(), [false, true])
  await healSealed()
  const healRotation = await rotation.sabotage(live())
  assert.deepEqual(await look(), [true, false])
  await healRotation()
  assert.deepEqual(await look(), [true, true])
})

test('the same where there is one realm only', async () => {
  await sql(`delete from directory.realm where kind <> 'pool'`)
  const heal = await sealed.sabotage(live())
  assert.deepEqual(await look(), [false, true])
  await heal()
  assert.deepEqual(await look(), [true, true])
})

test('a password that is only dressed up as sealed is seen, because Postgres takes it', async () => {
  const form = (await sql('select secret from directory.realm limit 1'))[0]?.['secret']
  for (const dressed of [Buffer.from(PASSWORD).toString('base64url'), 'p'.repeat(22)]) {
    const secret = String(form).split('.').with(4, dressed).join('.')
    await sql('update directory.realm set secret = $1', [secret])
    for (const { login } of await sql('select login from directory.realm'))
      await sql(`alter role ${String(login)} password '${dressed.startsWith('pp') ? dressed : PASSWORD}'`)
    const finding = await sealed.probe(live())
    assert.equal(finding.holds, false)
    assert.equal((await rotation.probe(live())).holds, true)
  }
})

test('a secret in the clear anywhere in a realm is seen (ASVS 13.3.1)', async () => {
  await sql(`create schema shop; create table shop.hook (id int, signing_secret text, secret_hash text)`)
  await sql(`insert into shop.hook values (1, $1, 'not a secret'), (2, null, null)`, [vault.seal('x', 'hook 1')])
  assert.deepEqual(await look(), [true, true])
  await sql(`insert into shop.hook values (3, 'whsec_in_the_clear')`)
  assert.deepEqual(await look(), [false, true])
})

test('a rotation is red until everything is rewrapped, and then holds', async () => {
  vault.rotate()
  assert.deepEqual(await look(), [true, false])
  for (const { id, secret } of await sql('select id, secret from directory.realm'))
    await sql('update directory.realm set secret = $2 where id = $1', [id, vault.rewrap(String(secret))])
  assert.deepEqual(await look(), [true, true])
  assert.equal((await rotation.probe({ ...live(), keyRing: { current: '0'.repeat(16), known: [] } })).holds, false)
})

test('an empty directory proves nothing', async () => {
  await sql('delete from directory.realm')
  assert.deepEqual(await look(), [false, false])
})

test('what may be read by anyone names no table, login or key', async () => {
  for (const control of [sealed, rotation]) {
    const { saw } = await control.probe(live())
    assert.doesNotMatch(saw, /\d|realm|directory|login_/)
  }
})
