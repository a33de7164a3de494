import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { Trouble } from '../base/trouble.ts'
import { MAX_SECRET_bytes } from './envelope.ts'
import { openVault } from './vault.ts'

const root = mkdtempSync(join(tmpdir(), 'vault-'))
after(() => rmSync(root, { recursive: true }))
const freshFolder = () => mkdtempSync(join(root, 'data-'))
const freshKey = () => randomBytes(32).toString('base64')
const tampering = (error: unknown) => error instanceof Trouble && error.exit === 5

test('what is sealed opens again, and only where it belongs (ASVS 11.3.2)', () => {
  const vault = openVault({ folder: freshFolder() })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), fc.string(), (secret, context, other) => {
      const sealed = vault.seal(Buffer.from(secret), context)
      assert.deepEqual(vault.open(sealed, context), Buffer.from(secret))
      if (other !== context) assert.throws(() => vault.open(sealed, other), tampering)
    }),
  )
  assert.equal(vault.open(vault.seal('pass wörd', 'realm 1'), 'realm 1').toString(), 'pass wörd')
})

test('the text says its key and nothing else, and never twice the same', () => {
  const vault = openVault({ folder: freshFolder() })
  const sealed = vault.seal('correct horse battery staple', 'realm 1')
  assert.match(sealed, /^v1\.[0-9a-f]{16}\.[\w-]{80}\.[\w-]{16}\.[\w-]{59}$/)
  assert.equal(vault.kekOf(sealed), vault.ring().current)
  const parts = sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'))
  for (const word of ['correct', 'staple']) assert.ok(![sealed, ...parts].some((text) => text.includes(word)))
  assert.notEqual(vault.seal('same', 'same'), vault.seal('same', 'same'))
})

test('no single character can be altered, added or taken away (ASVS 11.2.5, 11.3.3)', () => {
  const vault = openVault({ folder: freshFolder() })
  for (const secret of ['', 'x', 'xy', 'a longer secret']) {
    const sealed = vault.seal(secret, 'here')
    for (let at = 0; at < sealed.length; at += 1) {
      const others = ['A', 'B', '_', '0', '.'].filter((letter) => letter !== sealed[at])
      for (const letter of others)
        assert.throws(() => vault.open(sealed.slice(0, at) + letter + sealed.slice(at + 1), 'here'), Trouble)
      assert.throws(() => vault.open(sealed.slice(0, at) + sealed.slice(at + 1), 'here'), Trouble)
    }
    for (const more of ['A', '=', ' ', '\n', '.']) assert.throws(() => vault.open(sealed + more, 'here'), Trouble)
  }
})

test('parts of two envelopes do not make a third (ASVS 11.3.3)', () => {
  const vault = openVault({ folder: freshFolder() })
  const [one, two] = [vault.seal('one', 'here').split('.'), vault.seal('two', 'here').split('.')]
  for (const at of [2, 3, 4]) assert.throws(() => vault.open(one.with(at, two[at] ?? '').join('.'), 'here'), tampering)
})

test('what is no envelope is refused', () => {
  const vault = openVault({ folder: freshFolder() })
  for (const text of ['', 'v1', 'v1....', 'hunter2', 'v2.' + vault.seal('x', 'y').slice(3)]) {
    assert.throws(() => vault.open(text, 'y'), tampering)
    assert.throws(() => vault.kekOf(text), tampering)
    assert.throws(() => vault.rewrap(text), tampering)
  }
})

test('secrets are small', () => {
  const vault = openVault({ folder: freshFolder() })
  assert.equal(vault.open(vault.seal(Buffer.alloc(MAX_SECRET_bytes), 'x'), 'x').length, MAX_SECRET_bytes)
  assert.throws(() => vault.seal(Buffer.alloc(MAX_SECRET_bytes + 1), 'x'))
})

test('rotation: old text opens, new text is under the new key, rewrapping keeps the secret (ASVS 11.2.2)', () => {
  const vault = openVault({ folder: freshFolder() })
  const old = vault.seal('secret', 'here')
  const before = vault.ring().current
  const now = vault.rotate()
  assert.notEqual(now, before)
  assert.deepEqual(vault.ring(), { current: now, known: [now, before] })
  assert.equal(vault.kekOf(vault.seal('x', 'y')), now)
  assert.equal(vault.open(old, 'here').toString(), 'secret')
  const moved = vault.rewrap(old)
  assert.equal(vault.kekOf(moved), now)
  assert.deepEqual(moved.split('.').slice(3), old.split('.').slice(3))
  assert.equal(vault.open(moved, 'here').toString(), 'secret')
  assert.throws(() => vault.open(moved, 'there'), tampering)
})

test('a text under a key that is not ours says which one to restore', () => {
  const sealed = openVault({ folder: freshFolder() }).seal('x', 'y')
  const vault = openVault({ folder: freshFolder() })
  const wanted = new RegExp(`Restore the master key ${vault.kekOf(sealed)} `)
  assert.throws(() => vault.open(sealed, 'y'), wanted)
  assert.throws(() => vault.rewrap(sealed), wanted)
})

test('a text that only claims another of our keys does not open', () => {
  const vault = openVault({ folder: freshFolder() })
  const sealed = vault.seal('x', 'y')
  const now = vault.rotate()
  assert.throws(() => vault.open(sealed.split('.').with(1, now).join('.'), 'y'), tampering)
})

test('a tag holds for its purpose, its data and through a rotation', () => {
  const vault = openVault({ folder: freshFolder() })
  const mac = vault.mac('cursor', 'page 2')
  assert.match(mac, /^[\w-]{43}$/)
  assert.equal(mac, vault.mac('cursor', Buffer.from('page 2')))
  vault.rotate()
  assert.notEqual(mac, vault.mac('cursor', 'page 2'))
  assert.ok(vault.checkMac('cursor', 'page 2', mac))
  for (const wrong of [vault.mac('link', 'page 2'), vault.mac('cursor', 'page 3'), mac.slice(1), '', `${mac}A`])
    assert.equal(vault.checkMac('cursor', 'page 2', wrong), false)
  assert.equal(openVault({ folder: freshFolder() }).checkMac('cursor', 'page 2', mac), false)
})

test('a purpose is a word in the code, never input', () => {
  const vault = openVault({ folder: freshFolder() })
  for (const purpose of ['', 'Cursor', 'a b', '../x', 'x'.repeat(40)]) {
    assert.throws(() => vault.mac(purpose, 'x'))
    assert.throws(() => vault.token(purpose))
  }
  assert.throws(() => Array.from({ length: 300 }, (_, index) => vault.mac(`p${index}`, 'x')))
})

test('a token says what it is for and is never the same (ASVS 11.5.1)', () => {
  const vault = openVault({ folder: freshFolder() })
  const tokens = new Set(Array.from({ length: 1_000 }, () => vault.token('invite')))
  assert.equal(tokens.size, 1_000)
  for (const token of tokens) assert.match(token, /^invite_[\w-]{43}$/)
})

test('a vault that is printed or logged shows no key (ASVS 13.3.2)', () => {
  const masterKey = freshKey()
  const vault = openVault({ folder: freshFolder(), masterKey })
  const printed = `${inspect(vault, { depth: 9, showHidden: true })} ${JSON.stringify(vault)}`
  assert.ok(!printed.includes(masterKey) && !printed.includes(Buffer.from(masterKey, 'base64').toString('hex')))
})
