import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-lock-'))
after(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'package-lock.json')

type Entry = { version?: string; resolved?: string; integrity?: string; os?: string[]; cpu?: string[]; libc?: string[] }
type Lock = { packages: Record<string, Entry> }
const committed = readFileSync('package-lock.json', 'utf8')

const lock = (...args: string[]) => spawnSync(process.execPath, ['bin/lock.js', ...args], { encoding: 'utf8' })
const changed = (change: (packages: Lock['packages']) => void) => {
  const content = JSON.parse(committed) as Lock
  change(content.packages)
  writeFileSync(file, JSON.stringify(content, null, 2) + '\n')
}

test('the committed lock has every platform build and names no host', () => {
  const { status, stderr } = lock('--check')
  assert.equal(status, 0, stderr)
})

test('a missing build is found, and mended as npm would have written it', () => {
  const name = 'node_modules/@oxlint/binding-linux-arm64-musl'
  changed((packages) => delete packages[name])
  assert.match(lock('--check', file).stderr, /1 missing platform builds, 0 hosts/)
  assert.equal(lock(file).status, 0)
  const { version, os, cpu, libc } = (JSON.parse(readFileSync(file, 'utf8')) as Lock).packages[name]!
  assert.deepEqual({ os, cpu, libc }, { os: ['linux'], cpu: ['arm64'], libc: ['musl'] })
  assert.equal(version, (JSON.parse(committed) as Lock).packages['node_modules/oxlint']!.version)
  assert.equal(lock('--check', file).status, 0)
})

test('a host is found, and taken out', () => {
  changed((packages) => (packages['node_modules/zod']!.resolved = 'https://registry.example/zod.tgz'))
  assert.equal(lock('--check', file).status, 1)
  lock(file)
  assert.equal(readFileSync(file, 'utf8'), committed)
})

test('what this project installs is pinned by its content', () => {
  const { packages } = JSON.parse(committed) as Lock
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, object>
  for (const name of Object.keys({ ...dependencies, ...devDependencies }))
    assert.match(packages[`node_modules/${name}`]?.integrity ?? '', /^sha512-/, name)
})
