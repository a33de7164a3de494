import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Trouble } from '../base/trouble.ts'
import { openVault } from './vault.ts'

const root = mkdtempSync(join(tmpdir(), 'ring-'))
after(() => rmSync(root, { recursive: true }))
const freshFolder = () => mkdtempSync(join(root, 'data-'))
const freshKey = () => randomBytes(32).toString('base64')
const trouble = (pattern: RegExp) => (error: unknown) => error instanceof Trouble && pattern.test(error.message)
const fileOf = (folder: string, number = 1) => join(folder, 'keys', `000${number}.key`)

test('the first start makes one key, for its owner only, and the next one finds it (ASVS 13.2.3, 13.3.2)', () => {
  const folder = freshFolder()
  const first = openVault({ folder })
  const sealed = first.seal('secret', 'here')
  assert.deepEqual(readdirSync(join(folder, 'keys')), ['0001.key'])
  assert.equal(statSync(fileOf(folder)).mode & 0o777, 0o600)
  assert.equal(statSync(join(folder, 'keys')).mode & 0o777, 0o700)
  const second = openVault({ folder, mayCreate: false })
  assert.deepEqual(second.ring(), first.ring())
  assert.equal(second.open(sealed, 'here').toString(), 'secret')
})

test('processes that start at the same moment agree on one key', async () => {
  const folder = freshFolder()
  const vault = JSON.stringify(new URL('./vault.ts', import.meta.url).href)
  const script = `const { openVault } = await import(${vault})
    const vault = openVault({ folder: ${JSON.stringify(folder)} })
    process.stdout.write(vault.seal('secret', 'here'))`
  const sealed = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const said = child.stdout.setEncoding('utf8').toArray()
      assert.deepEqual(await once(child, 'close'), [0, null])
      return (await said).join('')
    }),
  )
  const ours = openVault({ folder, mayCreate: false })
  for (const text of sealed) assert.equal(ours.open(text, 'here').toString(), 'secret')
  assert.deepEqual(readdirSync(join(folder, 'keys')), ['0001.key'])
})

test('a process that runs on follows the rotation of another', () => {
  const folder = freshFolder()
  const [one, two] = [openVault({ folder }), openVault({ folder })]
  two.rotate()
  assert.equal(one.open(two.seal('secret', 'here'), 'here').toString(), 'secret')
  assert.deepEqual(one.ring(), two.ring())
  one.rotate()
  two.rotate()
  const known = openVault({ folder }).ring().known
  assert.equal(known.length, 4)
  assert.equal(new Set(known).size, 4)
})

test('keys that are gone are asked for, not made anew', () => {
  const folder = freshFolder()
  openVault({ folder })
  rmSync(join(folder, 'keys'), { recursive: true })
  assert.throws(() => openVault({ folder }), trouble(/^Bring back the master key [0-9a-f]{16}, which was in .*keys: /))
  assert.deepEqual(readdirSync(join(folder, 'keys')), [])
  const other = freshFolder()
  assert.throws(() => openVault({ folder: other, mayCreate: false }), trouble(/^Restore .*keys from your backup/))
  assert.deepEqual(readdirSync(join(other, 'keys')), [])
})

test('the newest or a middle key that is gone is noticed at the start', () => {
  for (const [missing, pattern] of [
    [3, /^Bring back the master key/],
    [2, /^Restore .*0002\.key from your backup/],
  ] as const) {
    const folder = freshFolder()
    const vault = openVault({ folder })
    vault.rotate()
    vault.rotate()
    rmSync(fileOf(folder, missing))
    assert.throws(() => openVault({ folder }), trouble(pattern))
  }
})

test('the oldest key may be retired', () => {
  const folder = freshFolder()
  const vault = openVault({ folder })
  const old = vault.seal('secret', 'here')
  const now = vault.rotate()
  rmSync(fileOf(folder, 1))
  const later = openVault({ folder })
  assert.deepEqual(later.ring(), { current: now, known: [now] })
  assert.equal(later.open(vault.rewrap(old), 'here').toString(), 'secret')
  assert.throws(() => later.open(old, 'here'), trouble(/^Restore the master key/))
  assert.notEqual(later.rotate(), now)
  assert.deepEqual(readdirSync(join(folder, 'keys')), ['0002.key', '0003.key'])
})

test('a damaged key file is refused, whatever was damaged', () => {
  const folder = freshFolder()
  openVault({ folder })
  const good = readFileSync(fileOf(folder), 'utf8')
  const [heading = '', id = '', key = ''] = good.split('\n')
  const swapped = [heading, id, freshKey(), ''].join('\n')
  const flipped = good.replace(key, `${key.startsWith('A') ? 'B' : 'A'}${key.slice(1)}`)
  for (const text of ['', good.slice(0, 40), good.slice(1), swapped, flipped, good.replace(key, `${key} `)]) {
    writeFileSync(fileOf(folder), text)
    assert.throws(() => openVault({ folder }), trouble(/0001\.key from your backup: it is damaged/), text)
  }
  writeFileSync(fileOf(folder), good)
  assert.doesNotThrow(() => openVault({ folder }))
})

test(
  'a key that others may read is refused (ASVS 13.3.2)',
  { skip: process.platform === 'win32' && 'no such bits' },
  () => {
    const folder = freshFolder()
    openVault({ folder })
    chmodSync(fileOf(folder), 0o640)
    assert.throws(() => openVault({ folder }), trouble(/chmod 600/))
  },
)

test('drafts of a start that was killed disturb nobody', () => {
  const folder = freshFolder()
  mkdirSync(join(folder, 'keys'))
  writeFileSync(join(folder, 'keys', '0001.key.1234.draft'), 'half')
  writeFileSync(join(folder, 'keys.used'), 'abc')
  assert.equal(openVault({ folder }).ring().known.length, 1)
  assert.deepEqual(openVault({ folder }).ring(), openVault({ folder }).ring())
})

test('the operator’s keys: the first seals, the others open, and no file is made', () => {
  const folder = freshFolder()
  const [old, now] = [freshKey(), freshKey()]
  const sealed = openVault({ folder, masterKey: old }).seal('secret', 'here')
  const vault = openVault({ folder, masterKey: `${now}, ${old}` })
  assert.equal(vault.open(sealed, 'here').toString(), 'secret')
  assert.equal(vault.kekOf(vault.rewrap(sealed)), vault.ring().current)
  assert.deepEqual(readdirSync(join(folder, 'keys')), [])
  assert.throws(() => vault.rotate(), trouble(/Put a new key in front/))
  assert.doesNotThrow(() => openVault({ folder, masterKey: now }))
})

test('a deployment moves from files to the operator’s key, and cannot forget it', () => {
  const folder = freshFolder()
  const sealed = openVault({ folder }).seal('secret', 'here')
  const masterKey = freshKey()
  const vault = openVault({ folder, masterKey })
  assert.equal(vault.open(sealed, 'here').toString(), 'secret')
  assert.equal(vault.kekOf(vault.rewrap(sealed)), vault.ring().current)
  assert.throws(() => openVault({ folder }), trouble(/was in VOUCHSAFE_MASTER_KEY/))
  assert.throws(() => openVault({ folder, masterKey: freshKey() }), trouble(/was in VOUCHSAFE_MASTER_KEY/))
})

test('a setting that is no key is refused and not repeated (ASVS 11.2.3)', () => {
  const good = freshKey()
  for (const masterKey of [
    '',
    'hunter2',
    `${good},`,
    good.slice(4),
    `${good}AAAA`,
    good.replace(/./, '!'),
    `${good};${good}`,
  ])
    assert.throws(
      () => openVault({ folder: freshFolder(), masterKey }),
      (error) =>
        error instanceof Trouble && /VOUCHSAFE_MASTER_KEY/.test(error.message) && !error.message.includes('hunter2'),
    )
})
