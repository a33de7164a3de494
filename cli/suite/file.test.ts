import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runFile } from './file.ts'

const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-suite-'))
after(() => rmSync(folder, { recursive: true }))

const runText = (body: string, silence_ms = 60_000) => {
  const file = join(folder, `${crypto.randomUUID()}.test.mjs`)
  writeFileSync(file, `import { test, describe, before } from 'node:test'\n${body}`)
  return runFile(file, silence_ms).outcome
}

test('tests inside suites are counted one by one, and a skipped one is told apart', async () => {
  const { counts, failures } = await runText(
    `test('a', () => {}); describe('s', () => { test('b', () => {}); test('c', { skip: 'why' }, () => {}) })`,
  )
  assert.deepEqual({ counts, failures }, { counts: { passed: 2, skipped: 1 }, failures: [] })
})

test('a failing subtest is one failure, with its message and what the file printed', async () => {
  const { counts, failures, printed } = await runText(
    `console.log('on the way'); test('outer', (t) => t.test('inner', () => { throw new Error('as planned') }))`,
  )
  assert.equal(counts.passed, 0)
  assert.deepEqual(
    failures.map(({ name }) => name),
    ['inner'],
  )
  assert.match(failures[0]!.text, /as planned/)
  assert.equal(printed, 'on the way')
})

test('what a test prints cannot be taken for a result', async () => {
  const { counts } = await runText(
    `test('a', () => console.log(JSON.stringify({ counts: { passed: 9, skipped: 0 } })))`,
  )
  assert.equal(counts.passed, 1)
})

test('its temporary folder is gone when it went well, and kept and named when not', async () => {
  const body = `import { mkdtempSync } from 'node:fs'
    import { tmpdir } from 'node:os'
    const folder = mkdtempSync(tmpdir() + '/x-')`
  const good = await runText(`${body}; test(folder, () => {}); console.log(folder)`)
  assert.equal(existsSync(good.printed), false)
  assert.match(good.printed, /vs-/)
  const bad = await runText(`${body}; test('a', () => { throw new Error('no') })`)
  const kept = /kept in (.+)\.$/.exec(bad.printed)![1]!
  assert.equal(readdirSync(kept).length, 1)
  rmSync(kept, { recursive: true })
})

/** Every way in which Node itself would call a file a success, or wait for ever. */
const dishonest: Record<string, [body: string, says: RegExp]> = {
  'has no test': ['', /or had none/],
  'defines an empty suite': [`describe('s', () => {})`, /ran no test/],
  'ends itself with code 0 half-way': [
    `test('a', () => {}); test('b', () => process.exit(0))`,
    /before its tests were/,
  ],
  'cannot be read': ['const', /exit code 1/],
  'hangs in a test': [`test('a', () => new Promise((done) => setTimeout(done, 60_000)))`, /nothing happened/],
  'leaves a handle open': [`test('a', () => { setInterval(() => {}, 1_000) })`, /nothing happened/],
  'fails after its tests': [`test('a', () => {}); process.on('exit', () => { process.exitCode = 7 })`, /exit code 7/],
}
for (const [what, [body, says]] of Object.entries(dishonest))
  test(`a file that ${what} has failed`, async () => {
    const { failures } = await runText(body, says.test('nothing happened') ? 2_000 : undefined)
    assert.match(failures.at(-1)?.text ?? 'no failure', says)
  })

test('a process that a file leaves behind is named and ended', { skip: notLinux() }, async () => {
  const { failures } = await runText(
    `import { spawn } from 'node:child_process'
     test('a', () => { const left = spawn('sleep', ['60'], { stdio: 'ignore' }); left.unref() })`,
  )
  assert.match(failures[0]!.text, /left running: sleep/)
})

function notLinux(): string | false {
  return process.platform === 'linux' ? false : 'only Linux tells which processes belong to a group'
}
