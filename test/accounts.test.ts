import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { editionCalled, editionNames } from '../cli/editions.ts'
import { helpdesk } from '../editions/helpdesk/edition.ts'
import { isSecret } from '../kernel/contract/values.ts'
import { WAYS } from '../kernel/identity/ways.ts'
import { booksOf } from '../kernel/serve/books.ts'
import { catalogueOf, modulesOf } from '../kernel/serve/catalogue.ts'
import { STAFF_WAYS } from '../kernel/staff/ways.ts'
import { world } from '../kernel/testing.ts'
import type { World } from '../kernel/testing.ts'
import { somebody, sql } from './people.ts'
import { owner, signIn } from './visitors.ts'

/** What holds for every account and every operation there is, whichever comes next. */
let here: World
before(async () => {
  here = await world(helpdesk)
})
after(() => here[Symbol.asyncDispose]())

const operations = () =>
  [...here.served.parts.catalogue.values()].map(({ name, operation }) => ({ name, ...operation }))

test('nobody is there but the probes’ own people, whose password is no word (ASVS 6.3.2)', async () => {
  const people = await sql(here)('select email from identity.person')
  assert.ok(people.length > 0)
  for (const email of people.map(({ email }) => String(email))) {
    assert.match(email, /\.invalid$/)
    for (const password of ['password', 'vouchsafe', 'admin', email, email.split('@')[0]!])
      assert.equal((await signIn(here, email, { password })).status, 401, `${email} ${password}`)
  }
  for (const name of ['admin', 'root', 'sa', 'owner', 'support', 'test', 'demo'])
    assert.equal((await signIn(here, `${name}@example.com`, { password: name })).status, 401, name)
  assert.deepEqual(await booksOf(here.served.parts.deployment)('select id from staff.person'), [])
})

test('a password of twenty years ago still opens, and nobody is told to change it (ASVS 6.2.10)', async () => {
  const asha = await owner(here)
  const past = `update identity.person set password_at = now() - interval '20 years' where email = $1 returning id`
  assert.equal((await sql(here)(past, [asha.email])).length, 1)
  const told = await signIn(here, asha.email)
  assert.deepEqual([told.status, told.body.next], [200, 'done'])
})

test('nobody is asked for a hint or a secret question, and there is no place to keep one (ASVS 6.4.2)', async () => {
  const columns = await sql(here)(`select table_name || '.' || column_name as name from information_schema.columns
    where table_schema = 'identity'`)
  const fields = [...WAYS, ...STAFF_WAYS, ...operations()].flatMap(({ name, input }) =>
    Object.keys((input as { shape?: object }).shape ?? {}).map((field) => `${name} ${field}`),
  )
  assert.ok(columns.length > 50 && fields.length > 50)
  for (const name of [...columns.map(({ name }) => String(name)), ...fields])
    assert.doesNotMatch(name, /hint|question|answer|maiden|birth/i)
})

test('whatever deserves a second look wants a proof that is still warm (ASVS 7.5.3)', async () => {
  const { call, session } = await somebody(here, ['owner'])
  const past = `now() - interval '16 minutes'`
  const stale = `update identity.session set proved_at = ${past}, strong_at = ${past} where id = $1 returning id`
  assert.equal((await sql(here)(stale, [session])).length, 1)
  const sensitive = operations().filter(({ kind, rate }) => kind !== 'job' && rate === 'sensitive')
  for (const wanted of ['identity.key.create', 'identity.member.changeRoles', 'identity.support.grant'])
    assert.ok(
      sensitive.some(({ name }) => name === wanted),
      wanted,
    )
  for (const { name } of sensitive) {
    const told = await call(name, {})
    assert.deepEqual([told.status, told.body.code], [403, 'step-up-required'], name)
  }
  assert.equal((await call('identity.workspace.get')).status, 200)
})

test('no address has a secret, nor what is personal but where one looks for it (ASVS 14.1.2, 14.2.1)', async () => {
  const editions = await Promise.all(editionNames.map(editionCalled))
  const queries = editions.flatMap((edition) =>
    [...catalogueOf(modulesOf(edition)).values()].filter(({ operation }) => operation.kind === 'query'),
  )
  const personal = new Set<string>()
  for (const { name, operation } of queries)
    for (const [field, schema] of Object.entries((operation.input as unknown as { shape: Shape }).shape)) {
      assert.doesNotMatch(field, /token|password|secret|code|ticket/i, name)
      assert.equal(isSecret(schema), false, `${name} ${field}`)
      if (/mail|phone|search|name|address|birth|text/i.test(field)) personal.add(`${name} ${field}`)
    }
  assert.ok(queries.length > 50)
  assert.deepEqual([...personal].sort(), ['shop.customer.list phone', 'shop.customer.list search'])
  const said = readFileSync('docs/data.md', 'utf8').replaceAll(/\s+/g, ' ')
  assert.ok(said.includes('(`phone` and `search` of `shop.customer.list`)'))
})

type Shape = Record<string, Parameters<typeof isSecret>[0]>
