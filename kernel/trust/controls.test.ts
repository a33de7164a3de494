import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Asking, Live, Told } from '../contract/control.ts'
import { bound, quiet } from './controls.ts'
import { securityDocument } from './document.ts'
import type { SecurityDocument } from './document.ts'
import { pageHtml, pageJson } from './html.ts'
import { everyState } from './sample.ts'

const page = securityDocument(everyState())

const told = (status: number, text: string, headers: Record<string, string> = {}): Told => ({
  status,
  text,
  headers: new Headers(headers),
  bytes: () => Buffer.from(text),
  json: () => JSON.parse(text) as Record<string, unknown>,
})

type Answers = (path: string, init?: Asking) => Told

/** The page as a deployment would answer it; `bent` is what a careless build does to one of its drawings. */
const showing = (
  document: SecurityDocument,
  bent: (html: string, path: string) => string = (html) => html,
): Answers => {
  const drawn: Record<string, () => string> = {
    '/security.json': () => pageJson(document),
    '/security': () => pageHtml(document, 'en'),
    '/security?lang=en': () => pageHtml(document, 'en'),
    '/security?lang=ar': () => pageHtml(document, 'ar'),
    '/livez': () => 'alive',
  }
  const problem = (status: number, code: string) => told(status, JSON.stringify({ status, code }))
  return (path, init) => {
    const draw = drawn[path]
    if (draw !== undefined) return told(200, bent(draw(), path))
    if (path !== '/v1/shop.customer.create') return problem(404, 'not-found')
    return init?.headers?.['authorization'] === undefined ? problem(401, 'unauthenticated') : problem(400, 'invalid')
  }
}

function live(answers: Answers): Live {
  const http = (path: string, init?: Asking) => Promise.resolve(answers(path, init))
  const headers = { authorization: 'Bearer canary' }
  const call = (name: string) => http(`/v1/${name}`, { method: 'POST', headers })
  return {
    http,
    canaries: [{ north: { key: 'canary', call } }],
    operations: [{ name: 'shop.customer.create', kind: 'action' }],
    tables: { shop: { customer: {}, invoice_line: {} } },
  } as unknown as Live
}

const changed = (change: (page: SecurityDocument) => void): SecurityDocument => {
  const copy = structuredClone(page)
  change(copy)
  return copy
}

const holds = async (control: typeof bound, answers: Answers) => (await control.probe(live(answers))).holds

test('a page on which everything is bound, in both languages, holds', async () => {
  assert.equal(await holds(bound, showing(page)), true)
})

test('a sentence with nothing behind it is noticed, and so is one that is told to be more than it is', async () => {
  const first = (each: SecurityDocument) => each.sections[0]!.sentences[0]!
  const careless: [string, (page: SecurityDocument) => void][] = [
    ['no control', (each) => void (first(each).controls = [])],
    ['an id twice', (each) => void (first(each).id = 'house-1.2')],
    ['a count that is off', (each) => void (each.counts.proven += 1)],
    ['proven on lapsed evidence', (each) => void (first(each).controls[0]!.validUntil = '2026-11-20T11:59:59Z')],
    ['proven on no evidence', (each) => void (first(each).controls[0]!.validUntil = null)],
    ['proven though seen broken', (each) => void (first(each).controls[0]!.state = 'broken')],
    ['attested by nothing', (each) => void (each.sections[1]!.sentences[0]!.attestation = null)],
  ]
  for (const [what, change] of careless) assert.equal(await holds(bound, showing(changed(change))), false, what)
})

test('a language that leaves out a sentence or shows another state is noticed', async () => {
  const bend = (path: string, from: RegExp, to: string) =>
    showing(page, (html, asked) => (asked === path ? html.replace(from, to) : html))
  assert.equal(
    await holds(bound, bend('/security?lang=ar', /house-1.2" data-state="failing"/, 'house-1.2" data-state="proven"')),
    false,
  )
  assert.equal(await holds(bound, bend('/security?lang=en', /data-claim="house-1.3"/, 'data-claim="house-1.4"')), false)
  assert.equal(await holds(bound, bend('/security?lang=ar', /<li class="claim"[\s\S]*?<\/li>/, '')), false)
  assert.equal(await holds(bound, bend('/security.json', /"state": "proven"/, '"state": "fine"')), false)
})

test('a page that cannot be read, or will not stand still, proves nothing', async () => {
  await assert.rejects(bound.probe(live(() => told(500, ''))), /answered 500/)
  let turn = 0
  const restless: Answers = (path) => {
    turn += 1
    return showing(changed((each) => void (each.sections[0]!.sentences[0]!.id = `house-${turn}`)))(path)
  }
  await assert.rejects(bound.probe(live(restless)), /changed each time/)
})

test('answers that say only what they are for hold', async () => {
  assert.equal(await holds(quiet, showing(page)), true)
})

test('whatever an answer gives away is noticed, in its text and in its headers', async () => {
  const leaks = [
    'Error: no\n    at run (/srv/shop/serve.ts:10:5)',
    '"stack":"Error: no\\n    at run (serve.ts:10:5)"',
    'PostgreSQL 18.4 on x86_64',
    `node ${process.version}`,
    'connect ECONNREFUSED 10.0.3.7:5432',
    'ENOENT: /var/lib/data',
    process.cwd(),
    'relation "customer" does not exist',
    'insert into "shop"."customer" values',
    'select "id" from customer where id = $1',
    'violates unique constraint',
    'column of invoice_line',
  ]
  const refusals: [string, (path: string, init?: Asking) => boolean][] = [
    ['not found', (path) => path === '/v1/no.such.thing'],
    ['nobody', (path, init) => path.startsWith('/v1/shop') && init?.headers?.['authorization'] === undefined],
    ['invalid', (_, init) => init?.headers?.['authorization'] !== undefined],
    ['page', (path) => path === '/security.json'],
  ]
  for (const leak of leaks)
    for (const [where, applies] of refusals) {
      const answer: Answers = (path, init) => {
        const good = showing(page)(path, init)
        return applies(path, init) ? told(good.status, `${good.text}${leak}`) : good
      }
      assert.equal(await holds(quiet, answer), false, `${leak} in ${where}`)
    }
  for (const [name, value] of [
    ['server', 'x'],
    ['x-powered-by', 'x'],
    ['x-note', 'nginx/1.27'],
  ] as const) {
    const answer: Answers = (path, init) => {
      const { status, text } = showing(page)(path, init)
      return told(status, text, { [name]: value })
    }
    assert.equal(await holds(quiet, answer), false, name)
  }
})

test('words that only look like a leak are none', async () => {
  const innocent = changed((each) => {
    each.sections[0]!.sentences[0]!.text.en =
      'Claim jeweller-10.1.2 and jeweller-2.1.1: TLS 1.2 or newer, at any time, from customers to invoices; ' +
      'we select vendors from a list.'
  })
  assert.equal(await holds(quiet, showing(innocent)), true)
})

test('a probe that could not provoke the answers has not looked', async () => {
  const open: Answers = (path, init) => (path.startsWith('/v1/') ? told(200, '{}') : showing(page)(path, init))
  await assert.rejects(quiet.probe(live(open)), /was answered 200/)
})
