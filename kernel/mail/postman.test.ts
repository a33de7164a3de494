import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { identityFor, mailServer, readLetter } from '../../test/mailserver.ts'
import type { Identity, MailServer, Manners } from '../../test/mailserver.ts'
import { Pool } from '../postgres/pool.ts'
import { Writing } from '../postgres/work.ts'
import { asAdmin } from '../tenancy/cluster.ts'
import type { Realm } from '../tenancy/realms.ts'
import { openStage } from '../testing.ts'
import type { Stage } from '../testing.ts'
import { letter } from './letter.ts'
import { Postman } from './postman.ts'
import { smtpOf } from './smtp.ts'

/** Letters against a real mail server: what it accepts is sent once, and nothing is said to one that is not ours. */
const LOBBY = '00000000-0000-0000-0000-000000000000'
const ORIGIN = 'https://app.example.com'
const SECRET = 'invite_c2VjcmV0'
let stage: Stage
let realm: Realm
let ours: Identity
let elsewhere: Identity
const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-postman-'))
before(async () => {
  stage = await openStage(jeweller)
  realm = stage.parts.deployment.known.find(({ kind }) => kind === 'pool')!
  ;[ours, elsewhere] = await Promise.all([identityFor('127.0.0.1'), identityFor('elsewhere.example')])
})
after(async () => {
  await stage[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})
beforeEach(() => sql('delete from mail.letter'))

test('a letter is delivered once, encrypted, as text and HTML, and what it said is erased (ASVS 12.3.1)', async () => {
  await using server = await mailServer({ identity: ours })
  await write({ to: 'asha@example.com' })
  const postman = postmanFor(server)
  assert.deepEqual([await postman.sendOne(pool()), await postman.sendOne(pool())], [true, false])

  const [only, ...more] = server.received
  assert.deepEqual(more, [])
  assert.deepEqual([only!.from, only!.to, only!.secure], ['no-reply@example.com', ['asha@example.com'], true])
  const { headers, parts } = readLetter(only!.raw)
  assert.deepEqual([...parts.keys()], ['text/plain', 'text/html'])
  for (const part of parts.values()) assert.match(part, RegExp(`${ORIGIN}/in#${SECRET}`))
  assert.deepEqual(headers.get('to'), ['asha@example.com'])
  assert.deepEqual(headers.get('from'), ['Vouchsafe Test <no-reply@example.com>'])
  assert.deepEqual(headers.get('subject'), ['\u2068Asha\u2069 invites you to \u2068شمال\u2069'])
  assert.deepEqual(headers.get('auto-submitted'), ['auto-generated'])
  const [row] = await rows()
  assert.deepEqual(headers.get('message-id'), [`<${String(row!['id'])}@example.com>`])
  assert.ok(row!['sent_at'])
  assert.equal(row!['content'], null)
})

test('until then no table and no backup shows its link, and no change to it leads the link elsewhere', async () => {
  await using server = await mailServer({ identity: ours })
  await write({ to: 'asha@example.com' })
  assert.doesNotMatch(JSON.stringify(await rows()), RegExp(`${SECRET}|${ORIGIN}|Asha`))
  const [row] = await rows()
  await write({ to: 'mallory@example.com' })
  await sql('update mail.letter set content = $1, recipient = recipient where recipient like $2', [
    row!['content'],
    'mallory%',
  ])
  await sql(`update mail.letter set recipient = 'mallory@example.com'`)
  const postman = postmanFor(server)
  while (await postman.sendOne(pool()));
  assert.deepEqual(server.received, [])
})

test('a server without STARTTLS, or that says it has none, hears of nothing (ASVS 12.3.1)', async () => {
  await using server = await mailServer({ identity: ours, disabledCommands: ['STARTTLS'] })
  await write({ to: 'asha@example.com' })
  assert.equal(await postmanFor(server, 'smtp://user:secret@').sendOne(pool()), false)
  await isKept(/STARTTLS/)
  assert.deepEqual([server.received, server.credentials], [[], []])
})

const imposters: Record<string, () => Promise<[MailServer, string | undefined]>> = {
  'is signed by nobody whom we believe': async () => [await mailServer({ identity: ours }), elsewhere.ca],
  'is for another name': async () => [await mailServer({ identity: elsewhere }), elsewhere.ca],
  'is signed by nobody whom we believe, from the first byte': async () => [
    await mailServer({ identity: ours, secure: true }),
    elsewhere.ca,
  ],
  'is for another name, from the first byte': async () => [
    await mailServer({ identity: elsewhere, secure: true }),
    elsewhere.ca,
  ],
}
for (const [what, make] of Object.entries(imposters))
  test(`a server whose certificate ${what} hears of nothing (ASVS 12.3.2)`, async () => {
    const [opened, ca] = await make()
    await using server = opened
    await write({ to: 'asha@example.com' })
    const scheme = what.endsWith('byte') ? 'smtps://user:secret@' : 'smtp://user:secret@'
    assert.equal(await postmanFor(server, scheme, ca).sendOne(pool()), false)
    await isKept(what.includes('name') ? /altnames/ : /unable to (?:verify|get)|self-signed/)
    assert.deepEqual([server.received, server.credentials], [[], []])
  })

test('TLS from the first byte, and a password that is said only inside of it', async () => {
  await using server = await mailServer({ identity: ours, secure: true, authOptional: false })
  await write({ to: 'asha@example.com' })
  assert.equal(await postmanFor(server, 'smtps://post%40office:p%3Aw@').sendOne(pool()), true)
  assert.deepEqual([server.received.length, server.received[0]!.secure], [1, true])
  assert.deepEqual(server.credentials, ['post@office:p:w'])
})

test('while the server is down letters wait with growing pauses, and all arrive when it is back (row 36)', async () => {
  const { port } = await closedPort()
  for (const to of ['one@example.com', 'two@example.com', 'three@example.com']) await write({ to })
  const postman = postmanFor({ port })
  const pauses: number[] = []
  for (let i = 0; i < 3; i++) {
    await sql(`update mail.letter set taken_until = now() where recipient = 'one@example.com'`)
    await sql(`update mail.letter set taken_until = now() + interval '1 day' where recipient <> 'one@example.com'`)
    assert.equal(await postman.sendOne(pool()), false, 'the others are not even tried')
    const [{ pause } = {}] = await sql(
      `select extract(epoch from taken_until - now())::int as pause from mail.letter where last_error is not null`,
    )
    pauses.push(Number(pause))
  }
  assert.ok(pauses[0]! > 0 && pauses[1]! > pauses[0]! && pauses[2]! > pauses[1]!, String(pauses))
  assert.equal((await rows()).filter(({ content }) => content !== null).length, 3)

  await using server = await mailServer({ identity: ours, port })
  await sql('update mail.letter set taken_until = now()')
  while (await postman.sendOne(pool()));
  assert.deepEqual(server.received.flatMap(({ to }) => to).toSorted(), [
    'one@example.com',
    'three@example.com',
    'two@example.com',
  ])
})

test('an address that the server does not know holds up no other letter, and is given up in the end', async () => {
  await using server = await mailServer({ identity: ours, knows: (address) => !address.startsWith('gone') })
  await write({ to: 'gone@example.com' })
  await write({ to: 'asha@example.com' })
  const postman = postmanFor(server)
  while (await postman.sendOne(pool()));
  assert.deepEqual(
    server.received.map(({ to }) => to),
    [['asha@example.com']],
  )
  for (let i = 0; i < 20; i++) {
    await sql('update mail.letter set taken_until = now()')
    await postman.sendOne(pool())
  }
  const [gone] = await sql('select attempts, last_error from mail.letter where sent_at is null')
  assert.equal(gone!['attempts'], 12)
  assert.match(String(gone!['last_error']), /nobody of that name/)
})

test('fifty letters and two processes that race for them: each is sent exactly once', async () => {
  await using server = await mailServer({ identity: ours })
  const to = Array.from({ length: 50 }, (_, at) => `person${at}@example.com`)
  for (const one of to) await write({ to: one })
  const { admin } = stage.parts.deployment
  const login = { ...admin, database: realm.database, user: realm.login, password: realm.password }
  const pools = [new Pool(login, 3), new Pool(login, 3)]
  try {
    const sendAll = async (mine: Pool) => {
      const postman = postmanFor(server)
      while (await postman.sendOne(mine));
    }
    await Promise.all([...pools, ...pools].map(sendAll))
  } finally {
    await Promise.all(pools.map((one) => one.end()))
  }
  assert.deepEqual(server.received.flatMap((one) => one.to).toSorted(), to.toSorted())
  assert.equal((await rows()).filter(({ sent_at }) => sent_at !== null).length, 50)
})

test('a letter in one process’s hands is taken by no other until that one must have died, and then it is', async () => {
  const hands = Promise.withResolvers<void>()
  const taken = Promise.withResolvers<void>()
  await using slow = await mailServer({ identity: ours, accept: () => (taken.resolve(), hands.promise) })
  await using server = await mailServer({ identity: ours })
  await write({ to: 'asha@example.com' })
  const first = postmanFor(slow).sendOne(pool())
  await taken.promise
  assert.equal(await postmanFor(server).sendOne(pool()), false)
  assert.deepEqual(server.received, [])

  await sql('update mail.letter set taken_until = now()')
  assert.equal(await postmanFor(server).sendOne(pool()), true)
  const [marked] = await rows()
  hands.reject(new Error('it had died'))
  await first
  assert.deepEqual(await rows(), [marked], 'who comes late has no say')
  assert.equal(server.received.length, 1)
})

test('without a mail server letters are kept, and gone after seven days; what is old is never sent', async () => {
  await write({ to: 'asha@example.com' })
  const nobody = new Postman(undefined, round())
  assert.equal(await nobody.sendOne(pool()), false)
  await isKept()
  await sql(`update mail.letter set created_at = now() - interval '6 days'`)
  await using server = await mailServer({ identity: ours })
  assert.equal(await postmanFor(server).sendOne(pool()), false)
  assert.deepEqual(server.received, [])
  await isKept()
  await sql(`update mail.letter set created_at = now() - interval '8 days'`)
  assert.equal(await new Postman(undefined, round()).sendOne(pool()), false)
  assert.deepEqual(await rows(), [])
})

const pool = () => stage.parts.deployment.realms.open(realm)

const round = () => ({
  names: stage.parts.deployment.names,
  vault: stage.parts.vault,
  title: jeweller.title,
  origin: ORIGIN,
})

function postmanFor({ port }: { port: number }, scheme = 'smtp://', ca: string | undefined = ours.ca): Postman {
  const file = join(folder, 'ca.pem')
  writeFileSync(file, ca)
  const smtpUrl = `${scheme}127.0.0.1:${port}?ca=${encodeURIComponent(file)}`
  return new Postman(smtpOf({ smtpUrl, mailFrom: 'Vouchsafe Test <no-reply@example.com>' }), round())
}

const letterTo = (to: string) =>
  letter(stage.parts.vault, {
    workspace: LOBBY,
    to,
    template: 'invitation',
    locale: 'en',
    values: { workspace: 'شمال', inviter: 'Asha', link: `/in#${SECRET}`, expires: new Date(Date.now() + 3_600_000) },
  })

/** In the lobby, as whatever makes a change records it. */
async function write({ to }: { to: string }) {
  const scope = { role: stage.parts.deployment.names.recorder, schema: 'audit', workspace: LOBBY }
  await using work = new Writing(pool(), scope)
  await work.commit(scope, [letterTo(to)])
}

const sql = (text: string, values: unknown[] = []) =>
  asAdmin(stage.admin, realm.database, async (client) => {
    return (await client.query<Record<string, unknown>>(text, values)).rows
  })
const rows = () => sql('select * from mail.letter order by created_at')

async function isKept(why?: RegExp) {
  const [only, ...more] = await rows()
  assert.deepEqual(more, [])
  assert.equal(only!['sent_at'], null)
  assert.equal(only!['attempts'], why ? 1 : 0)
  assert.ok(only!['content'])
  if (why) assert.match(String(only!['last_error']), why)
}

/** Where a server was, and will be again. */
async function closedPort(): Promise<{ port: number }> {
  await using server = await mailServer({ identity: ours } satisfies Manners)
  return { port: server.port }
}
