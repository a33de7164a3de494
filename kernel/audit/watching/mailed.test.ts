import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { lettings } from '../../../editions/lettings/edition.ts'
import { identityFor, mailServer, readLetter } from '../../../test/mailserver.ts'
import type { MailServer } from '../../../test/mailserver.ts'
import { callerWith, somebody, sql } from '../../../test/people.ts'
import { owner, PASSWORD, post, signIn, someAddress } from '../../../test/visitors.ts'
import { serve } from '../../serve/serve.ts'
import { ownCertificate } from '../../transport/certificate.ts'
import { openStage } from '../../testing.ts'
import type { World } from '../../testing.ts'
import { openWorkspace } from '../../serve/workspaces.ts'

/** From what somebody does at the door to what its owners read: over real sockets, as it is in service. */
let here: World
let mail: MailServer
const opened = new AsyncDisposableStack()
before(async () => {
  mail = opened.use(await mailServer({ identity: await identityFor('127.0.0.1') }))
  const { parts, folder } = opened.use(await openStage(lettings))
  const certificate = await ownCertificate(folder, ['localhost'])
  const from = { name: 'Lettings', address: 'no-reply@example.com' }
  const smtp = { host: '127.0.0.1', port: mail.port, encryption: 'none', ca: undefined, auth: undefined, from } as const
  const quiet = { host: '127.0.0.1', port: 0, tlsPort: 0, certificate, probing: false, smtp }
  const served = opened.use(await serve(parts, quiet))
  const [north, south] = [
    await openWorkspace(parts, 'North Homes', 'pool'),
    await openWorkspace(parts, 'South', 'pool'),
  ]
  here = { served, north, south } as unknown as World
})
after(() => opened.disposeAsync())

/** It takes seconds, and longer on a busy machine: sealed, looked at, and then written about. */
const WITHIN_ms = 60_000
async function until<Found>(find: () => Promise<Found | undefined> | Found | undefined): Promise<Found> {
  for (const end_ms = Date.now() + WITHIN_ms; ;) {
    const found = await find()
    if (found !== undefined) return found
    if (Date.now() > end_ms) throw new Error('it did not come')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
const alertOf = (rule: string, side: 'north' | 'south' = 'north') =>
  until(async () => {
    const text = 'select id, subject, times::int, entries from audit.alert where workspace_id = $1 and rule = $2'
    return (await sql(here)(text, [here[side].place.workspace, rule]))[0]
  })
const received = (subject: RegExp) =>
  mail.received
    .map(({ to, raw }) => ({ to: to[0]!, ...readLetter(raw) }))
    .filter(({ headers }) => subject.test(headers.get('subject')?.[0] ?? ''))
const plain = (text: string) => text.replace(/[\u2066-\u2069]/gu, '')

test('after twenty failed sign-ins the owners, and nobody else, have a letter each, in their language', async () => {
  const boss = await owner(here)
  const second = await owner(here, 'north', someAddress())
  assert.equal((await second.post('/auth/profile-change', { name: 'نور', locale: 'ar' })).status, 200)
  const neighbour = await owner(here, 'south')
  const clerk = await somebody(here, ['accountant'])
  const gone = await owner(here)
  await sql(here)(`update identity.member set state = 'disabled' where email = $1`, [gone.email])
  for (let n = 0; n < 20; n++) await signIn(here, boss.email, { password: 'a wild guess' })
  const { subject, times, entries } = await alertOf('guessed-account')
  const [person] = await sql(here)('select person_id as id from identity.member where email = $1', [boss.email])
  assert.equal(subject, person!['id'])
  assert.ok((times as number) >= 20)
  assert.ok((entries as string[]).length > 0)
  const english = await until(() => received(/many failed sign-ins/)[0])
  const arabic = await until(() => received(/محاولات كثيرة فاشلة/)[0])
  assert.deepEqual([english.to, arabic.to], [boss.email, second.email])
  assert.deepEqual(arabic.headers.get('content-language'), ['ar'])
  const text = plain(english.parts.get('text/plain')!)
  assert.match(text, /audit log of North Homes .*many failed sign-ins to one account\. It was counted 2\d times/s)
  // It says what and when; who and from where stands in the log, for those who may read it.
  for (const kept of ['a wild guess', '127.0.0.1', boss.email, String(subject), ...(entries as string[])])
    for (const part of english.parts.values()) assert.equal(part.includes(kept), false, kept)
  const others = [neighbour.email, gone.email, `${clerk.person}@example.com`]
  const told = received(/failed sign-ins|محاولات/).map(({ to }) => to)
  assert.deepEqual(
    told.filter((to) => others.includes(to)),
    [],
  )
  assert.equal(told.filter((to) => to === boss.email).length, 1)
})

test('whoever reads the log sees what was seen and says that they looked; others, and neighbours, do not', async () => {
  const boss = await owner(here)
  const { id } = await alertOf('guessed-account')
  const open = await boss.call('audit.alert.list', { state: 'open', rule: 'guessed-account' })
  assert.deepEqual(
    open.body.data.map((one: { id: string }) => one.id),
    [id],
  )
  const clerk = await somebody(here, ['accountant'])
  assert.equal((await clerk.call('audit.alert.list')).status, 403)
  const neighbour = await owner(here, 'south')
  assert.deepEqual((await neighbour.call('audit.alert.list', { rule: 'guessed-account' })).body.data, [])
  assert.equal((await neighbour.call('audit.alert.acknowledge', { id, note: 'not mine' })).status, 404)
  const told = await boss.call('audit.alert.acknowledge', { id, note: 'It was the intern' })
  assert.equal(told.status, 200, told.text)
  assert.equal(told.body.note, 'It was the intern')
  const again = await boss.call('audit.alert.acknowledge', { id, note: 'or so they say' })
  assert.deepEqual([again.body.note, again.body.acknowledgedAt], ['It was the intern', told.body.acknowledgedAt])
  assert.deepEqual((await boss.call('audit.alert.list', { state: 'open', rule: 'guessed-account' })).body.data, [])
})

test('a scanner with a good key is told of, and one with none, or that asks for what is no decoy, is not', async () => {
  const { port } = here.served.listening
  const knock = async (path: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
    await answer.arrayBuffer()
    assert.equal(answer.status, 404)
  }
  await knock('/.env')
  await knock('/.env', `vsk_${'a-key-that-nobody-ever-had'.repeat(2)}`)
  await knock('/nothing-at-all', here.south.token)
  await knock('/.git/config', here.north.token)
  const { entries } = await alertOf('decoy')
  const found = await sql(here)('select actor_kind, input, address from audit.entry where id = any($1::uuid[])', [
    entries,
  ])
  assert.deepEqual(found, [{ actor_kind: 'key', input: { path: '/.git/config', times: 1 }, address: '127.0.0.1' }])
  const all = await sql(here)(`select count(*)::int as n from audit.entry where action = 'limits.decoy.ask'`)
  assert.deepEqual(all, [{ n: 1 }])
})

test('who tries to change their own roles, and every new owner, is told of', async () => {
  const boss = await owner(here)
  const { data } = (await boss.call('identity.member.list')).body
  const { id } = data.find(({ email }: { email: string }) => email === boss.email)
  assert.equal((await boss.call('identity.member.changeRoles', { id, roles: ['ceo', 'secretary'] })).status, 409)
  await alertOf('own-role')
  const { times } = await alertOf('new-owner')
  assert.equal(times, 1)
  const clerk = await somebody(here, ['accountant'], 'south')
  const theirs = await owner(here, 'south')
  const changed = await theirs.call('identity.member.changeRoles', { id: clerk.member, roles: ['ceo'] })
  assert.equal(changed.status, 200, changed.text)
  await until(async () => {
    const text = `select id from audit.alert where workspace_id = $1 and rule = 'new-owner' and subject = $2`
    return (await sql(here)(text, [here.south.place.workspace, clerk.member]))[0]
  })
})

test('fifty doors that are not theirs are told of, whoever tries them', async () => {
  const clerk = await somebody(here, ['accountant'], 'south')
  const call = callerWith(here, clerk.token)
  for (let n = 0; n < 50; n++) assert.equal((await call('audit.entry.list')).status, 403)
  const { subject } = await alertOf('doors', 'south')
  assert.equal(subject, clerk.person)
})

test('a sign-in from a new device is seen', async () => {
  const boss = await owner(here, 'south')
  const device = { 'user-agent': 'Another browser altogether' }
  const told = await post(here, '/auth/sign-in', { email: boss.email, password: PASSWORD }, device)
  assert.equal(told.status, 200, told.text)
  await until(async () => {
    const [person] = await sql(here)('select person_id as id from identity.member where email = $1', [boss.email])
    const text = `select id from audit.alert where rule = 'new-device' and subject = $1`
    return (await sql(here)(text, [person!['id']]))[0]
  })
})
