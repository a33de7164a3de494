import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sampleLog, WORKSPACES } from '../test/sample-log.ts'

const launcher = fileURLToPath(new URL('../bin/vouchsafe.js', import.meta.url))
const audit = (...args: string[]) => spawnSync(process.execPath, [launcher, 'audit', ...args], { encoding: 'utf8' })

test('an export is verified from the command line, and its exit code tells tampering from a mistake', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'audit-'))
  t.after(() => rm(folder, { recursive: true }))
  const [good, bad] = [join(folder, 'good'), join(folder, 'bad')]
  const log = sampleLog(20)
  const text = await log.export(WORKSPACES[0]!)
  await writeFile(good, text)
  await writeFile(bad, text.replace('Haddad', 'Hadded'))

  const whole = audit('verify', good, '--key', log.key)
  assert.equal(whole.status, 0, whole.stderr)
  assert.match(whole.stdout, /Nothing was changed/)
  const tampered = audit('verify', bad, '--key', log.key)
  assert.equal(tampered.status, 5)
  assert.match(tampered.stderr, /entry 1/)
  assert.equal(audit('verify').status, 2)
  assert.equal(audit('verify', join(folder, 'none')).status, 3)
  const other = audit('varify', good)
  assert.equal(other.status, 2)
  assert.match(other.stderr, /audit verify/)
})
