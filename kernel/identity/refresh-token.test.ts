import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { openVault } from '../vault/vault.ts'
import { newRefresh, readRefresh } from './refresh-token.ts'

const folder = mkdtempSync(join(tmpdir(), 'refresh-'))
after(() => rmSync(folder, { recursive: true }))
const vault = openVault({ folder })
const said = fc
  .record({ workspace: fc.uuid(), session: fc.uuid(), generation: fc.nat(2 ** 31 - 1) })
  .map((refresh) => ({ ...refresh }))

test('what was written is read, and nothing else was said', () => {
  fc.assert(fc.property(said, (refresh) => assert.deepEqual(readRefresh(vault, newRefresh(vault, refresh)), refresh)))
})

test('whatever is changed in it, it is not ours any more (ASVS 7.2.3)', () => {
  const letter = fc.constantFrom('A', 'B', 'Z', 'a', 'b', 'z', '0', '9', '-', '_')
  fc.assert(
    fc.property(said, fc.nat(97), letter, (refresh, at, other) => {
      const token = newRefresh(vault, refresh)
      const altered = token.slice(0, at) + other + token.slice(at + 1)
      if (altered === token) return
      const told = readRefresh(vault, altered)
      // The last letter of an id may carry bits that stand for nothing; what is read is then still what was written.
      if (told) assert.deepEqual(told, refresh)
    }),
  )
})

test('two that differ in what they say differ in their tag', () => {
  fc.assert(
    fc.property(said, said, (one, two) => {
      if (JSON.stringify(one) === JSON.stringify(two)) return
      assert.notEqual(newRefresh(vault, one).slice(-43), newRefresh(vault, two).slice(-43))
    }),
  )
})

test('it outlives a new master key, and means nothing to a deployment that has another', () => {
  const own = openVault({ folder: mkdtempSync(join(folder, 'own-')) })
  const token = newRefresh(own, { workspace: randomUUID(), session: randomUUID(), generation: 7 })
  own.rotate()
  assert.equal(readRefresh(own, token)?.generation, 7)
  assert.equal(readRefresh(vault, token), undefined)
})
