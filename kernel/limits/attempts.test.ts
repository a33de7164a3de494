import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { Pool } from '../postgres/pool.ts'
import { booksOf } from '../serve/books.ts'
import { asAdmin } from '../tenancy/cluster.ts'
import { openStage } from '../testing.ts'
import type { Stage } from '../testing.ts'
import { addressGroup, readAddress } from '../transport/address.ts'
import { clientAddress, trustedProxies } from '../transport/client.ts'
import { createAttempts, insistOnAttempt, MOST_PLACES, RULES } from './attempts.ts'
import type { Attempts, What, Who } from './attempts.ts'
import { postgresStore } from './postgres-store.ts'
import type { Rule, Store } from './store.ts'

let stage: Stage
let attempts: Attempts
let store: Store
before(async () => {
  stage = await openStage(jeweller)
  ;({ attempts, counting: store } = stage.parts)
})
after(() => stage[Symbol.asyncDispose]())

let networks = 0
const newNetwork = () => `10.${((networks += 1) >> 16) & 255}.${(networks >> 8) & 255}.${networks & 255}`
const newAccount = () => `${randomUUID()}@example.com`

/** How many are allowed, and how many more may have been because a minute passed meanwhile. */
async function allowed(what: What, all: readonly Who[]): Promise<{ count: number; refilled: number }> {
  const started_ms = performance.now()
  const told = await Promise.all(all.map((who) => attempts.spend(what, who)))
  const refilled = Math.floor((performance.now() - started_ms) / 60_000)
  return { count: told.filter((one) => one.allowed).length, refilled }
}
const insistOnCount = ({ count, refilled }: { count: number; refilled: number }, burst: number) =>
  assert.ok(count >= burst && count <= burst + refilled, `${count}`)

test('one network is one, whatever headers rotate and however it writes itself (ASVS 6.3.1, row 25)', async () => {
  const nobody = trustedProxies([])
  const spellings = Array.from({ length: 1_000 }, (_, turn) => {
    const low = `${((turn * 7_919) & 65_535).toString(16)}:${turn.toString(16)}`
    const alias = [`2001:db8:0:7::${low}`, `2001:0DB8:0000:0007:0:0:${low}`, `2001:db8::7:0:0:${low}%eth0`][turn % 3]!
    const forged = `198.51.${turn >> 8}.${turn & 255}`
    return addressGroup(clientAddress(nobody, alias, { 'x-forwarded-for': forged, forwarded: `for=${forged}` }))
  })
  assert.equal(new Set(spellings).size, 1)
  const guesses = spellings.map((network) => ({ network, account: newAccount() }))
  insistOnCount(await allowed('sign-in', guesses), RULES['sign-in'].network.burst)
  for (const mapped of ['::ffff:192.0.2.9', '::FFFF:c000:209', '0:0:0:0:0:ffff:192.0.2.9'])
    assert.equal(addressGroup(readAddress(mapped)!), '192.0.2.9')
})

test('one account from ever new networks, and however it is typed, is one (ASVS 6.3.1, row 17)', async () => {
  const name = randomUUID()
  const typed = [`${name}@example.com`, ` ${name.toUpperCase()}@EXAMPLE.com `, `${name}＠ｅxample.com`]
  const guesses = Array.from({ length: 60 }, (_, turn) => ({ network: newNetwork(), account: typed[turn % 3]! }))
  insistOnCount(await allowed('sign-in', guesses), RULES['sign-in'].strangers.burst)
  const other = { network: newNetwork(), account: newAccount() }
  assert.deepEqual(await attempts.spend('sign-in', other), { allowed: true, reset_s: 0 })
  assert.equal((await attempts.spend('factor', guesses[0]!)).allowed, true, 'another secret, another budget')
})

test('letters that one network causes, and that one mailbox gets, are counted (ASVS 6.6.3)', async () => {
  for (const what of ['reset', 'link', 'invitation', 'sign-up', 'contact'] as const) {
    const network = newNetwork()
    const many = Array.from({ length: 40 }, () => ({ network, account: newAccount() }))
    insistOnCount(await allowed(what, many), RULES[what].network.burst)
    const account = newAccount()
    const one = Array.from({ length: 20 }, () => ({ network: newNetwork(), account }))
    insistOnCount(await allowed(what, one), RULES[what].strangers.burst)
  }
})

test('strangers who burn an account’s budget leave the owner’s own places alone (ASVS 6.1.1)', async () => {
  const [account, home] = [newAccount(), newNetwork()]
  assert.ok((await attempts.spend('sign-in', { network: home, account })).allowed)
  await attempts.forgive('sign-in', { network: home, account })
  await allowed(
    'sign-in',
    Array.from({ length: 60 }, () => ({ network: newNetwork(), account })),
  )
  assert.equal((await attempts.spend('sign-in', { network: newNetwork(), account })).allowed, false)
  for (const what of ['sign-in', 'factor', 'reset'] as const)
    assert.ok((await attempts.spend(what, { network: home, account })).allowed, what)
  const guesses = Array.from({ length: 30 }, () => ({ network: home, account }))
  insistOnCount(await allowed('sign-in', guesses), RULES['sign-in'].place.burst - 1)
})

test('whoever stole a password cannot keep its owner from the second factor (ASVS 6.1.1)', async () => {
  const [person, home] = [randomUUID(), newNetwork()]
  await attempts.forgive('factor', { network: home, account: person })
  await allowed(
    'factor',
    Array.from({ length: 60 }, () => ({ network: newNetwork(), account: person })),
  )
  assert.equal((await attempts.spend('factor', { network: newNetwork(), account: person })).allowed, false)
  assert.ok((await attempts.spend('factor', { network: home, account: person })).allowed)
})

test('who comes back whenever told gets a hundred tries at an account, no more (ASVS 6.1.1)', async () => {
  const tries = async (rule: Rule) => {
    const [charge, who] = [
      { ...rule, key: randomUUID(), of: 'all' as const },
      { account: '', network: '' },
    ]
    let [made, now_ms, longest_s] = [0, Date.UTC(2026, 0, 1), 0]
    while (made <= 200) {
      const wait_s = await store.spend([charge], who, now_ms)
      if (wait_s > 30 * 86_400) break
      if (wait_s === 0) made += 1
      longest_s = Math.max(longest_s, wait_s)
      now_ms += wait_s * 1_000
    }
    return { made, longest_s }
  }
  for (const what of ['sign-in', 'factor'] as const) {
    const [strangers, place] = [await tries(RULES[what].strangers), await tries(RULES[what].place)]
    assert.ok(strangers.made + MOST_PLACES * place.made <= 100)
    assert.ok(strangers.longest_s > 12 * 3_600 && strangers.longest_s < 18 * 3_600)
    assert.ok(place.longest_s > 3_600 / 2 && place.longest_s < 2 * 3_600)
  }
})

test('an office that signs in at nine meets no limit; who succeeds at their own account does', async () => {
  const network = newNetwork()
  for (let person = 0; person < 60; person += 1) {
    const who = { network, account: newAccount() }
    assert.ok((await attempts.spend('sign-in', who)).allowed, `${person}`)
    await attempts.forgive('sign-in', who)
  }
  const own = { network: newNetwork(), account: newAccount() }
  let guessed = 0
  for (let turn = 0; turn < 50; turn += 1) {
    if ((await attempts.spend('sign-in', own)).allowed) await attempts.forgive('sign-in', own)
    if ((await attempts.spend('sign-in', { network: own.network, account: newAccount() })).allowed) guessed += 1
  }
  assert.ok(guessed < RULES['sign-in'].network.burst + 3, `${guessed}`)
})

test('a letter that was sent is not given back to the network', async () => {
  const who = { network: newNetwork(), account: newAccount() }
  let sent = 0
  for (let turn = 0; turn < 40; turn += 1)
    if ((await attempts.spend('link', who)).allowed) {
      sent += 1
      await attempts.forgive('link', who)
    }
  assert.ok(sent >= RULES.link.network.burst && sent < RULES.link.network.burst + 2, `${sent}`)
})

test('what cannot be counted is refused, not let through: 503 and a time (ASVS 16.5.3, row 36)', async () => {
  const { directory, names } = stage.parts.deployment
  await using away = new AsyncDisposableStack()
  const nowhere = away.adopt(new Pool({ ...stage.admin, host: '127.0.0.1', port: 1 }, 1), (pool) => pool.end())
  const unknown = { ...names, directory: 'nobody_of_that_name' }
  for (const books of [booksOf({ directory: nowhere, names }), booksOf({ directory, names: unknown })]) {
    const blind = createAttempts(postgresStore(books), (text) => text)
    const refusal = { status: 503, code: 'unavailable', retryAfter_s: 1 }
    const who = { network: newNetwork(), account: newAccount() }
    await assert.rejects(insistOnAttempt(blind, 'sign-in', who), refusal)
    await assert.rejects(blind.spend('contact', { network: who.network }), refusal)
    await assert.rejects(blind.forgive('sign-in', who), refusal)
  }
})

test('a refusal says when to come back, and nothing of whether there is such an account', async () => {
  const who = () => ({ network: newNetwork(), account: newAccount() })
  const [one, other] = [who(), who()]
  for (const { account } of [one, other])
    await allowed(
      'sign-in',
      Array.from({ length: 12 }, () => ({ network: newNetwork(), account })),
    )
  const refusal = (error: unknown) => {
    const { status, code, retryAfter_s } = error as { status: number; code: string; retryAfter_s: number }
    return status === 429 && code === 'rate-limited' && retryAfter_s > 0 && retryAfter_s <= 60
  }
  await assert.rejects(insistOnAttempt(attempts, 'sign-in', one), refusal)
  await assert.rejects(insistOnAttempt(attempts, 'sign-in', other), refusal)
})

test('the books name nobody, their role cannot change a count, and who is refused does not fill them', async () => {
  const { names, directory } = stage.parts.deployment
  const who = { network: newNetwork(), account: newAccount() }
  await attempts.spend('sign-in', who)
  await attempts.forgive('sign-in', who)
  const rows = await asAdmin(stage.admin, names.deployment, async (client) => {
    const told = await client.query('select a::text from limits.attempt a union all select p::text from limits.place p')
    return JSON.stringify(told.rows)
  })
  for (const word of ['@', '10.0.', who.account, who.network]) assert.ok(!rows.includes(word), word)
  const books = booksOf({ directory, names })
  await assert.rejects(books('update limits.attempt set owed_s = 0'), { code: '42501' })
  const count = async () => Number((await books('select count(*) from limits.attempt'))[0]!['count'])
  const full = Array.from({ length: 60 }, () => ({ network: who.network, account: newAccount() }))
  await allowed('sign-in', full)
  const before = await count()
  assert.equal((await allowed('sign-in', full.slice(0, 20))).count, 0)
  assert.equal(await count(), before)
})

test('the written design says the numbers that the code has (ASVS 6.1.1)', () => {
  const text = readFileSync(new URL('guessing.md', import.meta.url), 'utf8')
  const cells = ({ burst, each_s, doublings, most, forget_s }: Rule) => {
    const days = forget_s / 86_400
    const at = most > 1e6 ? '–' : most
    return [burst, `${each_s} s`, `${doublings} times`, at, `${days} day${days === 1 ? '' : 's'}`].join('|')
  }
  const table = text.split('\n').filter((line) => line.startsWith('| '))
  const rows = new Map(
    table.map((line): [string, string] => {
      const [name = '', ...rest] = line.split('|').flatMap((cell) => cell.trim() || [])
      return [name, rest.join('|')]
    }),
  )
  for (const what of ['sign-in', 'factor'] as const) {
    assert.equal(rows.get('sign-in, factor: network'), cells(RULES[what].network))
    assert.equal(rows.get('sign-in, factor: strangers'), cells(RULES[what].strangers))
    assert.equal(rows.get('sign-in, factor: each place'), cells(RULES[what].place))
  }
  for (const what of ['reset', 'link', 'invitation', 'sign-up', 'contact'] as const) {
    assert.equal(rows.get('letters of any kind: network'), cells(RULES[what].network))
    for (const kind of ['strangers', 'place'] as const)
      assert.equal(rows.get('letters of any kind: one mailbox'), cells(RULES[what][kind]))
  }
  assert.match(text, new RegExp(`at most ${MOST_PLACES} places`))
})
