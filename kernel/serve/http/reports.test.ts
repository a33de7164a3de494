import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { createLimits, QUOTAS } from '../../limits/limits.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'
import { ask } from '../live/ask.ts'

/** What browsers tell about blocked scripts ends in the operator's log, bounded, whoever sends it. */
let here: World
const said: string[] = []
const write = process.stderr.write.bind(process.stderr)
const QUOTA = 30
let where: string
before(async () => {
  const quotas = { ...QUOTAS, public: { quota: QUOTA, window_s: 60 } }
  here = await world(jeweller, 'pool', createLimits({ quotas }))
  where = await path()
  process.stderr.write = ((text: string) => (said.push(text), true)) as typeof write
})
after(async () => {
  process.stderr.write = write
  await here[Symbol.asyncDispose]()
})

const base = () => ({ url: new URL(`http://127.0.0.1:${here.served.listening.port}`) })
const log = () =>
  said
    .splice(0)
    .filter((line) => line.includes('blocked by content policy'))
    .map((line): Record<string, unknown> => ({ ...(JSON.parse(line) as object), at: undefined, event: undefined }))

async function send(body: unknown, type = 'application/csp-report') {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const { status } = await ask(base(), where, { method: 'POST', body: text, headers: { 'content-type': type } })
  return status
}

/** As a browser finds it: in the policy of a page. */
async function path(): Promise<string> {
  const policy = (await ask(base(), '/robots.txt')).headers
  assert.doesNotMatch(policy.get('content-security-policy') ?? '', /report/, 'data has no scripts to report')
  const { headers } = await ask(base(), '/problems/not-found')
  const [, told = ''] =
    /report-uri (\/\S+); report-to reports$/.exec(headers.get('content-security-policy') ?? '') ?? []
  assert.equal(headers.get('reporting-endpoints'), `reports="${told}"`)
  return told
}

const [at, event] = [undefined, undefined]

test('a report in either form is logged, and holds nothing secret (ASVS 3.4.7)', async () => {
  const report = {
    'document-uri': 'https://localhost/security?token=secret#secret',
    'effective-directive': 'script-src-elem',
    'blocked-uri': 'inline',
    'source-file': 'https://localhost/security?token=secret',
    'line-number': 7,
    'script-sample': 'secret',
    referrer: 'https://localhost/?secret',
  }
  const wanted = { at, event, directive: 'script-src-elem', blocked: 'inline', line: 7 }
  const found = { page: 'https://localhost/security', source: 'https://localhost/security' }
  assert.equal(await send({ 'csp-report': report }), 204)
  assert.deepEqual(log(), [{ ...wanted, ...found }])
  const body = {
    documentURL: report['document-uri'],
    effectiveDirective: 'script-src-elem',
    blockedURL: 'inline',
    sourceFile: report['source-file'],
    lineNumber: 7,
    sample: 'secret',
  }
  const several = [
    { type: 'csp-violation', age: 1, url: 'x', user_agent: 'x', body },
    { type: 'deprecation', body: { id: 'x' } },
  ]
  assert.equal(await send(several, 'application/reports+json'), 204)
  assert.deepEqual(log(), [{ ...wanted, ...found }])
})

test('what is no report is not logged, and what is much is cut', async () => {
  for (const body of [{}, [], null, 'x', 1, { 'csp-report': 1 }, [{ type: 'csp-violation' }]])
    assert.equal(await send(JSON.stringify(body)), 204)
  assert.deepEqual(log(), [])
  await send({
    'csp-report': { 'blocked-uri': 'x'.repeat(5_000), 'line-number': 'seven', 'document-uri': '\n{"a":1}' },
  })
  const [one] = log()
  assert.equal(String(one!['blocked']).length, 200)
  assert.equal(one!['page'], '\n{"a":1}', 'as a value, on one line')
  const many = Array.from({ length: 50 }, () => ({ type: 'csp-violation', body: { blockedURL: 'x' } }))
  await send(many, 'application/reports+json')
  assert.equal(log().length, 10)
  assert.equal(await send('x'.repeat(20_000)), 413)
  assert.equal(await send('{'), 400)
  for (const type of ['application/json', 'text/plain', 'application/csp-report; x=1'])
    assert.equal(await send({}, type), 415, type)
})

test('it has a budget of its own: neither an operation’s form nor a page’s visit is kept from anybody', async () => {
  const one = () =>
    ask(base(), where, { method: 'POST', body: '{}', headers: { 'content-type': 'application/csp-report' } })
  let told = await one()
  for (let turn = 0; turn < QUOTA && told.status === 204; turn += 1) told = await one()
  assert.equal(told.status, 429)
  assert.equal((await ask(base(), '/problems/not-found')).status, 200)
  const headers = { 'content-type': 'application/csp-report', authorization: `Bearer ${here.north.token}` }
  const asReport = await ask(base(), '/v1/shop.customer.create', { method: 'POST', body: '{"name":"x"}', headers })
  assert.equal(asReport.status, 415, 'an operation is not read as a report')
})
