import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { hashOf, newToken, workspaceOf } from './token.ts'

test('a key has one form, says which workspace it opens, and keeps the rest to itself (ASVS 11.5.1)', () => {
  const seen = new Set<string>()
  for (let i = 0; i < 1_000; i++) {
    const workspace = randomUUID()
    const { token, prefix, hash } = newToken(workspace)
    assert.match(token, /^vsk_[A-Za-z0-9_-]{62}$/)
    assert.equal(workspaceOf(token), workspace)
    assert.match(prefix, /^vsk_….{8}$/)
    assert.ok(token.includes(prefix.slice(5)))
    assert.equal(hash, hashOf(token))
    assert.match(hash, /^[0-9a-f]{64}$/)
    seen.add(token.slice(26))
  }
  assert.equal(seen.size, 1_000)
})

test('the same random part makes the same key, and one that is too short makes none', () => {
  const [workspace, random] = [randomUUID(), randomBytes(40).toString('base64url')]
  assert.deepEqual(newToken(workspace, random), newToken(workspace, random))
  for (const short of ['', 'x', random.slice(0, 39), `${random.slice(0, 39)}!`])
    assert.throws(() => newToken(workspace, short), TypeError)
  for (const no of ['', 'not-a-workspace', workspace.slice(0, -2)]) assert.throws(() => newToken(no, random), TypeError)
})

test('what is not of that form opens no workspace at all', () => {
  const { token } = newToken(randomUUID())
  const others = [
    '',
    'vsk_',
    token.slice(1),
    token.slice(0, -1),
    `${token}x`,
    ` ${token}`,
    `${token}\n`,
    token.toUpperCase(),
  ]
  const signs = ['vsj_', 'VSK_', 'vsk-', 'sk__'].map((sign) => sign + token.slice(4))
  const letters = ['+', '/', '=', ' ', '\u0000', 'é', '.'].map(
    (letter) => token.slice(0, 10) + letter + token.slice(11),
  )
  for (const other of [...others, ...signs, ...letters])
    assert.equal(workspaceOf(other), undefined, JSON.stringify(other))
})

test('a second spelling of the same workspace is another key', () => {
  const { token } = newToken(randomUUID())
  const spelt = new Set<string>()
  for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
    const other = token.slice(0, 25) + last + token.slice(26)
    if (workspaceOf(other) === workspaceOf(token)) spelt.add(hashOf(other))
  }
  assert.equal(spelt.size, 16, 'four bits of the last letter say nothing, so the hash is over the key as it is written')
})
