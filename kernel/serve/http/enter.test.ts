import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'
import en from './enter/locales/en.json' with { type: 'json' }

let here: World
before(async () => {
  here = await world(helpdesk)
})
after(() => here[Symbol.asyncDispose]())

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${here.served.listening.port}${path}`, { headers })
const textOf = async (path: string) => await (await get(path)).text()

test('what is offered is told to everybody, and nothing else of the policy', async () => {
  assert.deepEqual(JSON.parse(await textOf('/enter.json')), {
    title: helpdesk.title,
    signIn: ['password', 'link', 'passkey'],
    signUp: 'open',
    secondFactor: 'optional',
  })
})

test('the page tells nobody anything, whatever they come with', async () => {
  const { workspace } = here.north.place
  const plain = await textOf('/enter?lang=en')
  assert.ok(!plain.includes(workspace))
  assert.equal(await textOf(`/enter?lang=en&workspace=${workspace}&owner=vst_x`), plain)
  const cookie = `__Host-a-${workspace}=x`
  const answer = await get('/enter?lang=en', { cookie, 'vouchsafe-workspace': workspace })
  assert.equal(await answer.text(), plain)
  assert.equal(answer.headers.get('set-cookie'), null)
})

test('the page runs one script of ours and no other, and no text becomes code (ASVS 3.4.3, 3.2.2)', async () => {
  const page = await get('/enter?lang=ar')
  const policy = page.headers.get('content-security-policy') ?? ''
  assert.match(policy, /script-src 'self';.*require-trusted-types-for 'script'/)
  const scripts = [...(await page.text()).matchAll(/<script[^>]*>/g)].map(String)
  assert.deepEqual(scripts, ['<script type="module" src="/enter.js">'])
  const script = await textOf('/enter.js')
  assert.doesNotMatch(script, /^(?:import|export)\b/m, 'it is one file')
  assert.doesNotMatch(script, /innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|\bFunction\(|srcdoc/)
})

test('every word that the script says exists, and none is there for nothing', async () => {
  const script = await textOf('/enter.js')
  const said = [...script.matchAll(/'([a-z]+(?:[.-][a-z]+)*)'/g)].map((match) => match[1]!)
  const made = [...script.matchAll(/`([a-z]+)\.\$\{\w+\}(\.\w+)?`/g)].map(([, first, last = '']) => [first!, last])
  const isMade = (word: string) => made.some(([first, last]) => word.startsWith(`${first}.`) && word.endsWith(last!))
  // What the page itself says, and what is told in two halves.
  const isElsewhere = (word: string) => word === 'script' || /\.(?:title|detail)$/.test(word)
  assert.deepEqual(
    Object.keys(en).filter((word) => !said.includes(word) && !isMade(word) && !isElsewhere(word)),
    [],
  )
  const asked = [...script.matchAll(/\b(?:word|paragraph)\('([^']+)'/g)].map((match) => match[1]!)
  assert.deepEqual(
    asked.filter((word) => !Object.hasOwn(en, word)),
    [],
  )
})
