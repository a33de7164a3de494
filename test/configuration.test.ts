import assert from 'node:assert/strict'
import { createHook } from 'node:async_hooks'
import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { z } from 'zod'
import { helpdesk } from '../editions/helpdesk/edition.ts'
import { WAYS } from '../kernel/identity/ways.ts'
import type { Login } from '../kernel/postgres/pool.ts'
import { ask } from '../kernel/serve/live/ask.ts'
import { STAFF_WAYS } from '../kernel/staff/ways.ts'
import { world } from '../kernel/testing.ts'
import type { World } from '../kernel/testing.ts'
import { sql } from './people.ts'
import { readTree } from './tidy/tree.ts'
import { baseOf, owner, post, signIn, someAddress } from './visitors.ts'

/** How a deployment is set up when nobody set anything: what it shows, whom it calls, and what lets one in. */
let here: World
const called: { address?: string; hostname?: string }[] = []
const listening = createHook({
  init(_id, type, _trigger, resource) {
    if (
      ['TCPCONNECTWRAP', 'PIPECONNECTWRAP', 'GETADDRINFOREQWRAP'].includes(type) ||
      /^(UDPSEND|QUERY)WRAP$/.test(type)
    )
      called.push(resource)
  },
})
before(async () => {
  // Words by which other programs are told to be careless.
  Object.assign(process.env, { NODE_ENV: 'development', DEBUG: '*', VOUCHSAFE_DEBUG: '1' })
  listening.enable()
  here = await world(helpdesk)
})
after(async () => {
  listening.disable()
  await here[Symbol.asyncDispose]()
})

const get = (path: string, headers: Record<string, string> = {}) => ask(baseOf(here), path, { headers })
/** What anybody may open. */
const PUBLIC = [
  '/',
  '/security',
  '/security.json',
  '/security.css',
  '/robots.txt',
  '/openapi.json',
  '/livez',
  '/readyz',
]
const PAGES = [...PUBLIC, '/enter', '/enter.js', '/enter.css', '/enter.json', '/problems/not-found', '/mail']

test('no file of ours is served and no folder is listed (ASVS 13.4.1, 13.4.3, 13.4.7)', async () => {
  const files = [
    ...readTree().keys(),
    '.git/HEAD',
    '.git/config',
    '.env',
    '.vouchsafe/keys/0001.key',
    'package-lock.json',
  ]
  const folders = new Set(
    files.flatMap((path) =>
      path
        .split('/')
        .slice(0, -1)
        .map((_, at, all) => `${all.slice(0, at + 1).join('/')}/`),
    ),
  )
  assert.ok(files.length > 500 && folders.size > 50)
  const mine = { authorization: `Bearer ${here.north.token}` }
  for (const path of [...files, ...folders]) {
    const { status, text } = await get(encodeURI(`/${path}`), mine)
    assert.equal(status, 404, path)
    assert.match(text, /"code":"not-found"/, path)
  }
})

test('what is for those who run it is shown to nobody else (ASVS 13.4.2, 13.4.5)', async () => {
  for (const path of PAGES) assert.equal((await get(path)).status, 200, path)
  for (const path of INSIDE) assert.equal((await get(path)).status, 404, path)
  for (const [path, says] of [
    ['/livez', 'alive'],
    ['/readyz', 'ready'],
  ] as const)
    assert.equal((await get(path)).text, says)
})

test('a mistake of ours tells its caller nothing, whatever the environment says (ASVS 13.4.2)', async () => {
  const { boundary } = here.served.parts
  const { acceptInput } = boundary
  try {
    boundary.acceptInput = () => {
      throw new Error('broken on purpose in some-file')
    }
    const told = await here.as('owner').call('identity.workspace.get')
    assert.equal(told.status, 500)
    assert.deepEqual(Object.keys(told.body).sort(), ['code', 'detail', 'instance', 'status', 'title', 'type'])
    assert.doesNotMatch(told.text, /on purpose|some-file|node:|\.ts\b|at \w+ \(/)
    assert.equal((await here.as('owner').call('identity.workspace.get')).headers.get('x-debug'), null)
  } finally {
    boundary.acceptInput = acceptInput
  }
})

test('no page, answer or header says which version of anything runs here (ASVS 13.4.6)', async () => {
  const { version, dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
  const [row] = await sql(here)('show server_version')
  const [server = ''] = String(row!['server_version']).split(' ')
  // What is too short to be told from any other number is no version that could be looked for.
  const versions = [version, process.versions.node, server, ...Object.values(dependencies)].filter(
    (one) => one.length > 4,
  )
  assert.ok(versions.length > 10)
  for (const path of [...PAGES, '/nothing', '/v1/identity.workspace.get', '/%']) {
    const { text, headers } = await get(path)
    const all = [text, ...headers.values()].join('\n')
    // The address of the description's own format.
    for (const one of versions) assert.ok(!all.replace('"openapi":"3.1.0"', '').includes(one), `${path}: ${one}`)
    assert.doesNotMatch([...headers].join('\n'), /fastify|node\.?js|postgres/i, path)
  }
})

test('nothing is called but what was configured, whoever asks for what (ASVS 13.2.4, 13.2.5)', async () => {
  const asha = await owner(here)
  await signIn(here, asha.email)
  for (const way of ['reset-send', 'link-send', 'sign-up']) await post(here, `/auth/${way}`, { email: someAddress() })
  const report = {
    'csp-report': { 'document-uri': 'http://elsewhere.example/x', 'blocked-uri': 'http://elsewhere.example/' },
  }
  const csp = { 'content-type': 'application/csp-report' }
  await ask(baseOf(here), '/policy-reports', { method: 'POST', headers: csp, body: JSON.stringify(report) })
  for (const path of PAGES)
    await get(path, { referer: 'http://elsewhere.example/', forwarded: 'host=elsewhere.example' })
  assert.ok(called.length > 5, 'the database is called, so that calls are seen at all')
  assert.ok(['192.0.2.1', 'elsewhere.example', '2001:db8::1', 'unknown'].every((one) => !isHere(one)))
  const { host } = here.served.parts.deployment.admin
  const database = host.startsWith('/') ? [] : (await lookup(host, { all: true })).map(({ address }) => address)
  const strange = called
    .map(({ address, hostname }) => address ?? hostname ?? 'unknown')
    .filter((one) => !isHere(one) && one !== host && !database.includes(one))
  assert.deepEqual([...new Set(strange)], [])
})

test('no operation and no way takes an address that we would fetch (ASVS 13.2.5)', () => {
  const operations = [...here.served.parts.catalogue.values()].map(({ name, operation }) => ({ name, ...operation }))
  const all = [...operations, ...WAYS, ...STAFF_WAYS]
  assert.ok(all.length > 40)
  for (const { name, input } of all) {
    const schema = JSON.stringify(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }))
    assert.doesNotMatch(schema, /"format":"ur[il]|"(?:url|uri|href|callback|webhook\w*|redirect\w*)":/i, name)
  }
})

test('each realm’s login has a password of its own that nobody could guess (ASVS 13.2.3)', async (t) => {
  const { admin, realms, known, names } = here.served.parts.deployment
  const all = [...new Map([...known, ...realms.inUse()].map((realm) => [realm.database, realm])).values()]
  assert.ok(all.length > 1)
  assert.equal(new Set(all.map(({ password }) => password)).size, all.length)
  for (const { password } of all) assert.match(password, /^[\w-]{32}$/)
  const { login, database, password } = all[0]!
  if (await trusts(admin)) return t.skip('this server asks nobody for a password')
  for (const guess of [
    '',
    login,
    database,
    names.deployment,
    'postgres',
    'password',
    'admin',
    'vouchsafe',
    password.slice(1),
  ]) {
    const client = new pg.Client({ ...admin, user: login, database, password: guess })
    await assert.rejects(client.connect(), /password|SASL|SCRAM/i, guess)
    await client.end()
  }
})

/** A server of somebody's own may let in whoever comes from this machine. */
async function trusts(admin: Login): Promise<boolean> {
  const client = new pg.Client({ ...admin, password: 'not the password' })
  return await client.connect().then(
    async () => (await client.end(), true),
    () => false,
  )
}

test('no key, token or password stands in the code (ASVS 13.3.1)', () => {
  for (const [path, text] of readTree())
    for (const { what, pattern } of SECRETS)
      for (const [match] of text.matchAll(pattern))
        assert.ok(isMadeUp(match), `${path}: ${what} ${match.slice(0, 12)}…`)
  for (const { what, pattern, bad } of SECRETS) {
    const [match = ''] = bad.match(pattern) ?? []
    assert.ok(match && !isMadeUp(match), `${what} would be found`)
  }
})

type Manifest = { version: string; dependencies: Record<string, string> }

const INSIDE = [
  '/metrics',
  '/debug',
  '/debug/pprof',
  '/docs',
  '/documentation',
  '/swagger',
  '/swagger-ui',
  '/graphql',
  '/admin',
  '/status',
  '/server-status',
  '/actuator/health',
  '/health',
  '/json/version',
  '/__debug__',
  '/console',
]

/** This machine by any of its names, or a socket in a folder. */
function isHere(address: string): boolean {
  if (address.startsWith('/') || address.startsWith('\0')) return true
  return isIP(address) === 0 ? /^(?:.+\.)?localhost$/.test(address) : /^(?:127\.|::1$|::ffff:127\.)/.test(address)
}

/** Each with one that must be found, made here of two pieces so that this file has none. */
const SECRETS = [
  {
    what: 'a private key',
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[\w+/=]{16,}/g,
    bad: `-----BEGIN ${'PRIVATE KEY-----'}\nMIGHAgEAMBMGByqGSM49`,
  },
  { what: 'a key of ours', pattern: /\bvs[ksrt]_[\w-]{40,}/g, bad: `vsk_${'Zk3vQ9wLx2'.repeat(7)}` },
  {
    what: 'a key of a cloud',
    pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}\b/g,
    bad: `AKIA${'Q7ZK3VX9WL2MB4ND'}`,
  },
  {
    what: 'a token of a service',
    pattern: /\b(?:gh[pousr]_\w{36}|npm_\w{36}|xox[abp]-[\w-]{20,}|sk_live_\w{20,})/g,
    bad: `npm_${'Zk3vQ9'.repeat(6)}`,
  },
  {
    what: 'a signed token',
    pattern: /\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}/g,
    bad: `eyJ${'Zk3vQ9wLx2'.repeat(3)}.eyJ${'Zk3vQ9wLx2'.repeat(3)}.${'Zk3vQ9wLx2'.repeat(3)}`,
  },
  {
    what: 'a password in an address',
    pattern: /\b(?:postgres(?:ql)?|rediss?|smtps?|https?):\/\/[\w%-]+:[^@\s'"`${}]{8,}@[\w.-]+/g,
    bad: `redis://app:${'Zk3vQ9wLx2'}@db`,
  },
]

/** Of one letter over and over, or a word that says so. */
const isMadeUp = (match: string) => /(?:([\w-])\1{15,})|example|password|pass\b|secret/i.test(match)
