import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import nodeCrypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { test } from 'node:test'
import native from '@node-rs/bcrypt'
import { Refusal } from '../../contract/refusal.ts'
import { createHashing, type HashKind } from './hashing.ts'
import { createTurns } from './turns.ts'

const KINDS: HashKind[] = ['argon2id', 'bcrypt']
const HORSE = 'correct horse battery staple'
const PALM = 'نخلة طويلة قرب البيت القديم'
const SALT = '0123456789abcdefghijklmnopqrstuv'

const strange = (cost: string, tag: string) =>
  `$argon2id$v=19$${cost}$${Buffer.from(SALT).toString('base64').replace('=', '')}$${tag}`

/** Made by the reference implementation of argon2, and by libxcrypt over a digest made by Perl. */
const STRANGERS = {
  argon2id: strange('m=47104,t=1,p=1', 'Lif/++grfQi1Sprrbp9GjS9ynShLJR82YnulVOdMBhM'),
  argon2idWeaker: strange('m=19456,t=2,p=1', 'sGl53Mwux4yO6YfmrvAAHTcRs78zLP0wavtdc3J4fzA'),
  argon2idLanes: strange('m=64,t=3,p=4', 'p+b8Y2ByN1sNA5xO7k7FCw4UeZ3ImWlbaGeU5HB+xPo'),
  bcrypt: '$2b$12$abcdefghijklmnopqrstuudpqIOu.luG9CntOePP4SwV9j.fj4IgO',
  bcryptWeaker: '$2b$10$abcdefghijklmnopqrstuuYOl91Wf57ZfcKqnUR/2evCeFDtKP0dO',
  bcryptWeak: '$2b$04$abcdefghijklmnopqrstuueJeLpjlkH3sbL0x2b7OrnBiqNHWXp8m',
} as const

/** Its salt is short, so it is outdated although its cost is above ours. */
const PUBLISHED = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'

test('argon2id costs 46 MiB and has 32 random bytes of salt, bcrypt says its cost (ASVS 11.4.2)', async () => {
  const form = /^\$argon2id\$v=19\$m=(?<memory>\d+),t=(?<passes>\d+),p=1\$[A-Za-z0-9+/]{43}\$[A-Za-z0-9+/]{43}$/
  const { memory, passes } = form.exec(await createHashing('argon2id').hash(HORSE))!.groups!
  assert.ok(Number(memory) >= 46 * 1_024 && Number(passes) >= 1)
  const cost = /^\$2b\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(await createHashing('bcrypt').hash(HORSE))![1]
  assert.ok(Number(cost) >= 10)
})

for (const kind of KINDS) {
  const { hash, check } = createHashing(kind)

  test(`${kind}: the right one opens, others do not, and twice the same is never the same (ASVS 11.4.2)`, async () => {
    const [stored, again] = await Promise.all([hash(PALM), hash(PALM)])
    assert.notEqual(stored, again)
    assert.notEqual(stored.slice(0, -43), again.slice(0, -43), 'the salts differ')
    assert.deepEqual(await check(PALM, stored), { ok: true, outdated: false })
    assert.deepEqual(await check(PALM, again), { ok: true, outdated: false })
    for (const other of ['', ' ' + PALM, PALM + ' ', PALM.slice(1), stored])
      assert.deepEqual(await check(other, stored), { ok: false, outdated: false })
  })

  test(`${kind}: nothing is cut, folded or trimmed, and two spellings are one (ASVS 6.2.8, 6.2.9)`, async () => {
    const long = `${'é'.repeat(100)}${'🔑'.repeat(27)}`
    const stored = await hash(`${long}a`)
    assert.equal((await check(`${long}a`.normalize('NFD'), stored)).ok, true)
    for (const other of [`${long}b`, `${long}A`, `${long} `, long, `${long}\u0000`])
      assert.equal((await check(other, stored)).ok, false)
    const nul = await hash('a\u0000b, and fifteen more')
    assert.equal((await check('a\u0000c, and fifteen more', nul)).ok, false, 'a zero byte ends nothing')
  })

  test(`${kind}: what no password can be is refused alike for accounts that exist and that do not`, async () => {
    for (const stored of [STRANGERS[kind], undefined, null])
      for (const [text, code] of [
        ['\ud800', 'password_not_text'],
        ['a'.repeat(129), 'password_too_long'],
      ] as const)
        await assert.rejects(check(text, stored), { status: 400, code })
    await assert.rejects(hash('\ud800'), { code: 'password_not_text' })
  })

  test(`${kind}: what a stranger made opens, and is outdated where it is of another kind or weaker`, async () => {
    for (const [name, stored] of Object.entries(STRANGERS))
      assert.deepEqual(await check(HORSE, stored), { ok: true, outdated: name !== kind }, name)
    assert.deepEqual(await check('password', PUBLISHED), { ok: true, outdated: true })
  })

  test(`${kind}: nobody has no password, not even an empty one, and nobody is never outdated`, async () => {
    for (const stored of [undefined, null])
      for (const text of ['', HORSE]) assert.deepEqual(await check(text, stored), { ok: false, outdated: false })
  })

  test(`${kind}: a stored text that we did not write is our fault and is not repeated`, async () => {
    const ours = STRANGERS[kind]
    const broken = ['', HORSE, ` ${ours}`, `${ours}\n`, ours.slice(0, -44), ours.replace('$', '$x'), `${ours}é`]
    const costly = ['$2b$31$' + '.'.repeat(53), ours.replace('m=47104', 'm=9999999').replace('$12$', '$20$')]
    for (const stored of [...broken, ...costly])
      await assert.rejects(check(HORSE, stored), (error) => {
        assert.ok(error instanceof Refusal)
        assert.deepEqual([error.status, error.code], [500, 'internal'])
        return !error.inside!.includes(HORSE) && !error.inside!.includes('$')
      })
  })
}

test('the policy may change either way, and each person moves with the next sign-in', async () => {
  for (const [from, to] of [KINDS, KINDS.toReversed()] as [HashKind, HashKind][]) {
    const [before, after] = [createHashing(from), createHashing(to)]
    const old = await before.hash(HORSE)
    assert.deepEqual(await after.check(HORSE, old), { ok: true, outdated: true })
    const fresh = await after.hash(HORSE)
    assert.deepEqual(await after.check(HORSE, fresh), { ok: true, outdated: false })
    assert.deepEqual(await before.check(HORSE, fresh), { ok: true, outdated: true })
  }
})

/** The real ones run; what they were asked is written down. */
test('an account that does not exist costs the same work (ASVS 6.3.8)', async (t) => {
  const argon2 = t.mock.method(nodeCrypto, 'argon2')
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  const verify = t.mock.method(native, 'verify')
  const work = async (kind: HashKind, stored: string | undefined) => {
    for (const one of [argon2, verify]) one.mock.resetCalls()
    await createHashing(kind).check(HORSE, stored)
    const passes = argon2.mock.calls.map(({ arguments: [name, asked] }) => {
      const sizes = { nonce: Buffer.from(asked.nonce as Buffer).length, message: asked.message }
      return [name, { ...asked, ...sizes }]
    })
    return [...passes, ...verify.mock.calls.map(({ arguments: [text, hash] }) => [text, String(hash).slice(0, 7)])]
  }
  for (const kind of KINDS) {
    const known = await work(kind, await createHashing(kind).hash(HORSE))
    assert.equal(known.length, 1)
    assert.deepEqual(await work(kind, undefined), known)
  }
})

test('hashing and checking stand in one line, and a full one says when to come again', async () => {
  const turns = createTurns({ atOnce: 1, mostWaiting: 2 })
  const [one, other] = [createHashing('argon2id', { turns }), createHashing('bcrypt', { turns })]
  const inside = [one.hash(HORSE), other.check(HORSE, STRANGERS.bcryptWeak), one.check(HORSE, undefined)]
  const busy = { status: 503, code: 'sign-in-busy' }
  await assert.rejects(one.check(HORSE, undefined), busy)
  await assert.rejects(other.check(HORSE, STRANGERS.bcrypt), busy)
  await assert.rejects(other.hash(HORSE), busy)
  const [stored, known, nobody] = await Promise.all(inside)
  assert.match(stored as string, /^\$argon2id/)
  assert.deepEqual(
    [known, nobody],
    [
      { ok: true, outdated: true },
      { ok: false, outdated: false },
    ],
  )
})

const argon2Tool = spawnSync('argon2', [], { encoding: 'utf8' }).error ? 'there is no argon2 to ask' : false

test('the reference implementation agrees with us about argon2id', { skip: argon2Tool }, async () => {
  for (const text of [HORSE, PALM, 'x'.repeat(120)])
    for (const cost of ['-t 1 -k 47104 -p 1', '-t 4 -k 256 -p 2']) {
      const args = [SALT, '-id', ...cost.split(' '), '-l', '32', '-e']
      const { stdout } = spawnSync('argon2', args, { input: text, encoding: 'utf8' })
      assert.equal((await createHashing('argon2id').check(text, stdout.trim())).ok, true, stdout)
    }
})

/** Makes the digest and the hash anew, with the salt of ours, by code that is not ours. */
const CRYPT = `use Digest::SHA qw(hmac_sha384_base64); binmode STDIN; local $/; my $text = <STDIN>;
  print crypt(hmac_sha384_base64($text, 'vouchsafe: a password for bcrypt'), $ARGV[0]) // ''`
const crypt = (text: string, stored: string) =>
  spawnSync('perl', ['-e', CRYPT, stored], { input: text, encoding: 'utf8' }).stdout
const libcrypt = crypt(HORSE, STRANGERS.bcryptWeak) === STRANGERS.bcryptWeak ? false : 'this crypt(3) knows no bcrypt'

test('libcrypt agrees with us about bcrypt', { skip: libcrypt }, async () => {
  for (const text of [PALM, 'x'.repeat(128)]) {
    const stored = await createHashing('bcrypt').hash(text)
    assert.equal(crypt(text, stored), stored)
  }
})
