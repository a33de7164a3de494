import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { owner, post, signIn } from '../../test/visitors.ts'
import type { Visitor } from '../../test/visitors.ts'
import { asAdmin } from '../tenancy/cluster.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'

let here: World
let asha: Visitor
before(async () => {
  here = await world(jeweller)
  asha = await owner(here)
})
after(() => here[Symbol.asyncDispose]())

const enter = async (email = asha.email) => (await signIn(here, email)).body.session as Visitor['session']
const refresh = (refreshToken: string) => post(here, '/auth/refresh', { refreshToken })
const look = async (token: string) => (await asha.call('identity.workspace.get', {}, token)).status
const sql = (text: string, values: unknown[]) => {
  const { admin, names } = here.served.parts.deployment
  return asAdmin(admin, names.pool, (client) => client.query(text, values))
}
const sessionOf = (accessToken: string) =>
  (JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as { sid: string }).sid

test('an access token opens its workspace, says no roles, and lives for minutes (ASVS 7.2.2, 9.2.1)', async () => {
  const { accessToken } = await enter()
  assert.equal(await look(accessToken), 200)
  const claims = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as Record<string, number>
  assert.deepEqual(Object.keys(claims).sort(), ['aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sid', 'sub', 'wid'])
  assert.equal(claims['exp']! - claims['iat']!, jeweller.policy.session.access_minutes * 60)
})

test('each sign-in is another session, and a refresh gives both halves anew (ASVS 7.2.4, 10.4.5)', async () => {
  const [one, two] = [await enter(), await enter()]
  assert.notEqual(sessionOf(one.accessToken), sessionOf(two.accessToken))
  const next = await refresh(one.refreshToken)
  assert.equal(next.status, 200)
  assert.notEqual(next.body.refreshToken, one.refreshToken)
  assert.equal(await look(next.body.accessToken), 200)
})

test('tabs that refresh at once all go on, with the same next token (row 13)', async () => {
  const { refreshToken } = await enter()
  const told = await Promise.all(Array.from({ length: 64 }, () => refresh(refreshToken)))
  assert.deepEqual(new Set(told.map(({ status }) => status)), new Set([200]))
  const next = new Set(told.map(({ body }) => body.refreshToken))
  assert.equal(next.size, 1)
  assert.equal((await refresh([...next][0])).status, 200)
})

test('a token that was exchanged before ends the session for all who have one of its kind (ASVS 10.4.5)', async () => {
  const first = await enter()
  const second = (await refresh(first.refreshToken)).body
  const session = sessionOf(first.accessToken)
  await sql(`update identity.session set rotated_at = rotated_at - interval '31 seconds' where id = $1`, [session])
  const replayed = await refresh(first.refreshToken)
  assert.deepEqual([replayed.status, replayed.body.code], [401, 'session-over'])
  assert.equal((await refresh(second.refreshToken)).status, 401)
  assert.equal(await look(second.accessToken), 401)
  const log = await asha.call('audit.entry.list', { action: 'identity.session.replay' })
  assert.equal(log.body.data[0].target, session)
  const letters = await sql(`select template, recipient from mail.letter where template = 'session-replayed'`, [])
  assert.deepEqual(letters.rows, [{ template: 'session-replayed', recipient: asha.email }])
})

test('a token two steps old is never the second tab, however quickly it comes', async () => {
  const first = await enter()
  const second = (await refresh(first.refreshToken)).body
  const third = (await refresh(second.refreshToken)).body
  assert.equal((await refresh(first.refreshToken)).status, 401)
  assert.equal((await refresh(third.refreshToken)).status, 401)
})

test('whatever a refresh races with, nobody is let in after the sign-out (ASVS 7.2.1, 7.4.1, row 13)', async () => {
  for (let round = 0; round < 8; round++) {
    const session = await enter()
    const bearer = { authorization: `Bearer ${session.accessToken}` }
    const racing = await Promise.all([
      refresh(session.refreshToken),
      post(here, '/auth/sign-out', {}, bearer),
      refresh(session.refreshToken),
    ])
    assert.equal(racing[1].status, 200)
    for (const token of [session.accessToken, racing[0].body.accessToken, racing[2].body.accessToken])
      if (token) assert.equal(await look(token), 401)
    for (const token of [session.refreshToken, racing[0].body.refreshToken, racing[2].body.refreshToken])
      if (token) assert.equal((await refresh(token)).status, 401)
  }
})

test('nobody may be away, nor stay, for longer than the policy says (ASVS 7.3.1, 7.3.2, 10.4.8)', async () => {
  const { idle_hours, absolute_hours } = jeweller.policy.session
  const idle = await enter()
  await sql('update identity.session set rotated_at = now() - make_interval(hours => $2) where id = $1', [
    sessionOf(idle.accessToken),
    idle_hours,
  ])
  assert.equal((await refresh(idle.refreshToken)).status, 401)
  const old = await enter()
  const { rows } = await sql(
    `select extract(epoch from expires_at - created_at)::float as s from identity.session
    where id = $1`,
    [sessionOf(old.accessToken)],
  )
  assert.ok(Math.abs((rows[0] as { s: number }).s - absolute_hours * 3_600) < 60)
  await sql('update identity.session set expires_at = now() where id = $1', [sessionOf(old.accessToken)])
  assert.equal((await refresh(old.refreshToken)).status, 401)
  assert.equal(await look(old.accessToken), 401)
})

test('what was over a season ago is gone when its owner comes again', async () => {
  const [past, lately] = [await enter(), await enter()]
  await sql(`update identity.session set expires_at = now() - interval '91 days' where id = $1`, [
    sessionOf(past.accessToken),
  ])
  await sql(`update identity.session set expires_at = now() - interval '89 days' where id = $1`, [
    sessionOf(lately.accessToken),
  ])
  await enter()
  const kept = async ({ accessToken }: Visitor['session']) =>
    (await sql('select from identity.session where id = $1', [sessionOf(accessToken)])).rowCount
  assert.deepEqual([await kept(past), await kept(lately)], [0, 1])
})

test('signing out ends it on the server, and tells the browser to forget (ASVS 7.4.1, 14.3.1)', async () => {
  const kept = await signIn(here, asha.email, { keep: 'cookie' })
  assert.equal(kept.body.session.accessToken, undefined)
  const cookies = kept.headers.getSetCookie()
  assert.equal(cookies.length, 2)
  for (const cookie of cookies)
    assert.match(cookie, /^__Host-[ar]-[\w-]{22}=[\w.-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=\d+$/)
  const workspace = asha.session.workspace
  const ours = {
    cookie: cookies.map((cookie) => cookie.split(';')[0]).join('; '),
    'vouchsafe-workspace': workspace,
    'sec-fetch-site': 'same-origin',
  }
  assert.equal((await post(here, '/auth/refresh', {}, ours)).status, 200)
  const out = await post(here, '/auth/sign-out', {}, ours)
  assert.equal(out.status, 200)
  assert.equal(out.headers.get('clear-site-data'), '"cache", "storage"')
  assert.ok(out.headers.getSetCookie().every((cookie) => cookie.includes('Max-Age=0')))
  assert.equal((await post(here, '/auth/sign-out', {}, ours)).status, 401)
  assert.equal((await post(here, '/auth/refresh', {}, ours)).status, 401)
})

test('a cookie is worth nothing to another site’s page, nor without its workspace’s name (ASVS 3.5.1)', async () => {
  const kept = await signIn(here, asha.email, { keep: 'cookie' })
  const cookie = kept.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  const named = { cookie, 'vouchsafe-workspace': asha.session.workspace }
  const strangers: Record<string, string>[] = [
    { ...named, 'sec-fetch-site': 'cross-site' },
    { ...named, 'sec-fetch-site': 'same-site' },
    { ...named, origin: 'https://elsewhere.example' },
    { ...named, origin: 'null' },
    named,
  ]
  for (const headers of strangers)
    for (const path of ['/auth/refresh', '/auth/sign-out', '/v1/identity.key.create'])
      assert.equal((await post(here, path, {}, headers)).status, 403, `${path} ${JSON.stringify(headers)}`)
  assert.equal((await post(here, '/auth/sign-out', {}, { cookie, 'sec-fetch-site': 'same-origin' })).status, 401)
  const other = { cookie, 'vouchsafe-workspace': here.south.place.workspace, 'sec-fetch-site': 'same-origin' }
  assert.equal((await post(here, '/auth/sign-out', {}, other)).status, 401)
})

test('a key is nobody: what is a person’s own is not for programs', async () => {
  const headers = { authorization: `Bearer ${here.north.token}` }
  for (const path of ['sign-out', 'switch', 'prove', 'app-begin', 'passkeys']) {
    const told = await post(here, `/auth/${path}`, {}, headers)
    assert.deepEqual([told.status, told.body.code], [403, 'only-for-people'], path)
  }
})

test('a refresh token is no access token, and the other way round (ASVS 9.2.2)', async () => {
  const { accessToken, refreshToken } = await enter()
  assert.equal(await look(refreshToken), 401)
  assert.equal((await refresh(accessToken.slice(0, 150))).status, 401)
  assert.equal((await refresh(here.north.token)).status, 401)
})

test('the database holds nothing to sign in with: every value of the rows is tried (ASVS 11.4.2)', async () => {
  const { accessToken } = await enter()
  const { rows } = await sql('select to_jsonb(s) as row from identity.session s where id = $1', [
    sessionOf(accessToken),
  ])
  const values = Object.values((rows[0] as { row: Record<string, unknown> }).row).map(String)
  for (const value of values) {
    assert.equal((await refresh(value)).status === 200, false)
    assert.notEqual(await look(value.padEnd(20, 'x')), 200)
  }
})
