import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { newToken } from '../../identity/token.ts'
import { Whois } from '../../identity/whois.ts'
import { createLimits, QUOTAS } from '../../limits/limits.ts'
import { openStage } from '../../testing.ts'
import type { Stage } from '../../testing.ts'
import { ownCertificate } from '../../transport/certificate.ts'
import { ask } from '../live/ask.ts'
import { serve } from '../serve.ts'
import type { Served } from '../serve.ts'
import { openWorkspace } from '../workspaces.ts'

/** Guessed keys over real HTTP, from any network, through a proxy that is believed. */
let stage: Stage
let served: Served
let asked = 0
before(async () => {
  stage = await openStage(jeweller, { limits: createLimits() })
  const { realms } = stage.parts.deployment
  const place = realms.place.bind(realms)
  realms.place = (workspace) => ((asked += 1), place(workspace))
  served = await serve(stage.parts, {
    host: '127.0.0.1',
    port: 0,
    tlsPort: 0,
    certificate: await ownCertificate(stage.folder, ['localhost']),
    probing: false,
    trustedProxies: ['127.0.0.0/8'],
  })
})
after(async () => {
  await served[Symbol.asyncDispose]()
  await stage[Symbol.asyncDispose]()
})

const { quota } = QUOTAS.public
const get = (path: string, address: string, token?: string) =>
  ask({ url: new URL(`http://127.0.0.1:${served.listening.port}`) }, path, {
    headers: { 'x-forwarded-for': address, ...(token && { authorization: `Bearer ${token}` }) },
  })
const use = (token: string, address: string) => get('/v1/identity.workspace.get', address, token)
const guess = (address: string, workspace: string = randomUUID()) => use(newToken(workspace).token, address)
const forgetKeys = () => {
  stage.parts.whois = new Whois(stage.parts.deployment.realms, stage.parts.whois.reading)
}

test('who guesses keys pays before the database is asked, one after the other or all at once (row 17)', async () => {
  const guesser = '203.0.113.1'
  const [started_ms, before] = [performance.now(), asked]
  const told = await Promise.all(Array.from({ length: quota + 60 }, () => guess(guesser)))
  const refilled = () => Math.ceil(((performance.now() - started_ms) * quota) / 60_000)
  assert.ok(asked - before <= quota + refilled(), String(asked - before))
  assert.equal(told.filter(({ status }) => status === 401).length, asked - before)
  const refused = told.find(({ status }) => status === 429)
  assert.match(refused?.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  for (let turn = 0; turn < 40; turn += 1) await guess(guesser)
  assert.ok(asked - before <= quota + refilled(), String(asked - before))
  assert.equal((await guess('203.0.113.2')).status, 401, 'another network has a budget of its own')
})

test('a good key pays nothing, however often it has to be looked up', async () => {
  const { token } = await openWorkspace(stage.parts, 'Forgotten', 'pool')
  const before = asked
  for (let turn = 0; turn < quota + 30; turn += 1) {
    forgetKeys()
    assert.equal((await use(token, '203.0.113.3')).status, 200)
  }
  assert.equal(asked - before, quota + 30)
})

test('neither a neighbour’s guesses nor a neighbour’s reading keeps a key out that was not seen before', async () => {
  const { token } = await openWorkspace(stage.parts, 'Beside', 'pool')
  const other = (await openWorkspace(stage.parts, 'Unmet', 'pool')).token
  const noisy = '203.0.113.4'
  assert.equal((await use(token, '203.0.113.5')).status, 200)
  while ((await get('/robots.txt', noisy)).status === 200);
  assert.equal((await use(other, noisy)).status, 200, 'after pages')
  for (let turn = 0; turn < quota + 30; turn += 1) await guess(noisy)
  forgetKeys()
  assert.equal((await use(token, noisy)).status, 200, 'after guesses')
})

test('who guesses at one workspace comes no further than who guesses at many', async () => {
  const { token, place } = await openWorkspace(stage.parts, 'Aimed at', 'pool')
  const [guesser, started_ms] = ['203.0.113.6', performance.now()]
  await use(token, guesser)
  const before = asked
  await Promise.all(Array.from({ length: quota + 60 }, () => guess(guesser, place.workspace)))
  assert.ok(asked - before <= quota + Math.ceil(((performance.now() - started_ms) * quota) / 60_000))
})
