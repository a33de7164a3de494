import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import type { Told } from '../../contract/control.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'
import { ask } from '../live/ask.ts'

/** Bodies in every form but the one that is read, against every action: validation must not be gone around. */
let here: World
before(async () => {
  here = await world(jeweller)
})
after(() => here[Symbol.asyncDispose]())

const actions = () => here.served.live.operations.filter(({ kind }) => kind === 'action')
const north = () => here.served.live.canaries[0]!.north
const base = () => ({ url: new URL(`http://127.0.0.1:${here.served.listening.port}`) })
const post = (name: string, body: string | Uint8Array, headers: Record<string, string>) =>
  ask(base(), `/v1/${name}`, { method: 'POST', body, headers: { authorization: `Bearer ${north().key}`, ...headers } })

const good = (name: string) => {
  const operation = actions().find((one) => one.name === name)!
  return JSON.stringify(operation.example(north()))
}

function isProblem({ status, headers, text, json }: Told, statuses: readonly number[], what: string) {
  assert.ok(statuses.includes(status), `${what}: ${status} ${text}`)
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/, what)
  const { instance, code } = json() as { instance: string; code: string }
  assert.equal(instance, `urn:uuid:${headers.get('x-request-id')}`, what)
  assert.match(code, /^[a-z][a-z_-]+$/, what)
  assert.doesNotMatch(text, /\.ts:|node:internal|at async|select |insert /i, what)
}

const WRONG_TYPES = [
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain',
  'text/json',
  'application/json ;x',
  'application/json;x=1',
  'application/json; charset=utf-16',
  'application/json; charset=iso-8859-1',
  'application/json; charset=utf-8; charset=utf-16',
  'application/json,text/plain',
  'application/jsonp',
  'application/json+x',
  'application/vnd.api+json',
  'application/problem+json',
  'application /json',
  '"application/json"',
  '*/*',
  'a',
  '',
]

test('schema validation is not skipped by a content type: all but JSON is refused, on every action', async () => {
  for (const { name } of actions())
    for (const type of WRONG_TYPES)
      isProblem(await post(name, good(name), { 'content-type': type }), [415], `${name} as ${type}`)
})

test('the same types in upper case, in chunks, twice, packed or not at all', async () => {
  for (const { name } of actions()) {
    const json = 'application/json'
    isProblem(await post(name, good(name), { 'content-type': 'TEXT/PLAIN' }), [415], name)
    isProblem(
      await post(name, good(name), { 'content-type': 'Text/Plain', 'transfer-encoding': 'chunked' }),
      [415],
      name,
    )
    isProblem(await post(name, good(name), { 'transfer-encoding': 'chunked' }), [415], name)
    isProblem(await post(name, good(name), {}), [415], `${name} without a type`)
    for (const encoding of ['gzip', 'deflate', 'br', 'identity, gzip'])
      isProblem(await post(name, good(name), { 'content-type': json, 'content-encoding': encoding }), [415], encoding)
    isProblem(await post(name, good(name), { 'content-type': `${json}, ${json}` }), [415], `${name} twice`)
    isProblem(await post(name, '', { 'content-type': json, 'content-length': '0' }), [400], `${name} without a body`)
  }
})

test('JSON in any spelling of its own name is read', async () => {
  const types = [
    'application/json',
    'APPLICATION/JSON',
    'application/json;charset=utf-8',
    'Application/Json ; Charset=UTF-8',
  ]
  for (const type of types) {
    const told = await post('shop.customer.create', good('shop.customer.create'), { 'content-type': type })
    assert.equal(told.status, 200, type)
  }
})

const TRAPS: Record<string, string | Uint8Array> = {
  'a NUL': '{"name":"a\\u0000b"}',
  'a raw NUL': '{"name":"a\u0000b"}',
  'half a surrogate pair': '{"name":"\\ud800"}',
  'the other half': '{"name":"\\udc00\\ud800"}',
  'a NUL in a key': '{"na\\u0000me":"x"}',
  'a key twice': '{"name":"a","name":"b"}',
  'a key twice, spelt differently': '{"name":"a","n\\u0061me":"b"}',
  __proto__: '{"__proto__":{"name":"x"}}',
  constructor: '{"name":"x","constructor":{"prototype":{"admin":true}}}',
  'a whole number beyond 2^53': '{"name":9007199254740993}',
  'a number that is infinite': '{"name":1e999}',
  'not a number': '{"name":NaN}',
  'a hundred thousand brackets': '['.repeat(100_000),
  'a hundred thousand closed brackets': `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  'a hundred thousand braces': '{"a":'.repeat(100_000),
  'a byte order mark': '\ufeff{"name":"x"}',
  'trailing garbage': '{"name":"x"}garbage',
  'two documents': '{"name":"x"}{"name":"y"}',
  'a trailing comma': '{"name":"x",}',
  'a comment': '{"name":"x"/* */}',
  'single quotes': `{'name':'x'}`,
  'an unfinished string': '{"name":"x',
  'a lone quote': '"',
  'no JSON at all': '<customer/>',
  'only a space': ' ',
  'bytes that are no UTF-8': Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  'overlong UTF-8': Buffer.from([0x22, 0xc0, 0x80, 0x22]),
  'UTF-16': Buffer.from('{"name":"x"}', 'utf16le'),
  'a list': '[]',
  'a text': '"x"',
  nothing: 'null',
  'a number': '1',
  'a truth': 'true',
  'an empty object with a list inside': '{"":[]}',
}

test('JSON that hides a trap is refused by every action, and never becomes our mistake', async () => {
  for (const { name } of actions())
    for (const [what, body] of Object.entries(TRAPS))
      isProblem(await post(name, body, { 'content-type': 'application/json' }), [400], `${name}: ${what}`)
})

test('a trap inside a good input is refused where it lies', async () => {
  for (const { name } of actions())
    for (const [key, value] of Object.entries(JSON.parse(good(name)) as object))
      for (const trap of ['"\\u0000"', '"\\ud800"', '9007199254740993', '{"__proto__":1}', '[[[[[]]]]]']) {
        const body = JSON.stringify({ ...JSON.parse(good(name)), [key]: '\u0001' }).replace('"\\u0001"', trap)
        const told = await post(name, body, { 'content-type': 'application/json' })
        isProblem(told, [400], `${name}.${key} as ${trap}: ${String(value)}`)
      }
})

test('identity that is supplied in the body or the query is unknown, on every operation', async () => {
  const mine = [
    'workspaceId',
    'workspace_id',
    'workspace',
    'tenantId',
    'userId',
    'actor',
    'actorId',
    'role',
    'roles',
    'isAdmin',
    'id_',
  ]
  for (const { name, kind, example } of here.served.live.operations.filter((one) => one.kind !== 'job'))
    for (const field of mine) {
      const input = example(north())
      // Some ask for members of a role, or explain one: there the word is theirs and says nothing of who asks.
      if (field in fieldsOf(name)) continue
      const { workspace } = here.served.live.canaries[0]!.south
      const told = await north().call(name, { ...input, [field]: workspace })
      isProblem(told, [400], `${name} with ${field} (${kind})`)
      assert.match(told.text, new RegExp(`"pointer":"/${field}","code":"unknown_field"`))
    }
})

const fieldsOf = (name: string): object => {
  const { input } = here.served.parts.catalogue.get(name)!.operation
  return input instanceof z.ZodObject ? input.shape : {}
}

test('identity that is supplied in headers changes nothing', async () => {
  const { south } = here.served.live.canaries[0]!
  const plain = await north().call('identity.workspace.get', {})
  for (const header of [
    'x-workspace-id',
    'x-tenant-id',
    'x-user-id',
    'x-role',
    'x-forwarded-user',
    'x-original-url',
    'x-http-method-override',
  ])
    assert.equal(
      (await north().call('identity.workspace.get', {}, 'owner', { [header]: south.workspace })).text,
      plain.text,
      header,
    )
})
