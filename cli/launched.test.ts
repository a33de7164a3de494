import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

/**
 * The launcher as an older Node would run it: its files in a folder of their own, with a command line that says its
 * process id and then how it was stopped, and a preload that makes this Node claim an older version.
 */
const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-launch-'))
after(() => rmSync(folder, { recursive: true }))
const older = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.20.2"})'

const binaries = join('node_modules', `node-${process.platform}-${process.arch}`, 'bin')
for (const part of ['bin', 'cli', 'node_modules/fastify', binaries]) mkdirSync(join(folder, part), { recursive: true })
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
cpSync('bin/vouchsafe.js', join(folder, 'bin/vouchsafe.js'))
symlinkSync(process.execPath, join(folder, binaries, 'node'))
writeFileSync(
  join(folder, 'cli/main.ts'),
  `import { stopWithLauncher } from ${JSON.stringify(new URL('launched.ts', import.meta.url))}
   export function main([code]: string[]) {
     stopWithLauncher()
     if (code) process.exit(Number(code))
     for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
       process.on(signal, () => { console.log(signal); setTimeout(() => process.exit(5), 200) })
     setInterval(() => {}, 1_000)
     console.log(process.pid)
   }`,
)

const launch = (...args: string[]) =>
  spawn(process.execPath, ['--import', older, 'bin/vouchsafe.js', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })

/** What it prints, line by line; ends when every process that holds its output has ended. */
async function* lines(child: ChildProcess): AsyncGenerator<string> {
  for await (const part of child.stdout!.setEncoding('utf8')) yield* String(part).trim().split('\n')
}

test('an exit code passes through', async () => {
  assert.deepEqual(await once(launch('7'), 'exit'), [7, null])
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  test(`${signal} reaches the inner process once, also when its whole group gets it`, async () => {
    const child = launch()
    const told = lines(child)
    const inner = Number((await told.next()).value)
    assert.notEqual(inner, child.pid)
    const exit = once(child, 'exit')
    process.kill(-child.pid!, signal)
    assert.deepEqual(await Array.fromAsync(told), [signal])
    assert.deepEqual(await exit, [5, null])
  })

test('an inner process that is killed takes the launcher with it, by the same signal', async () => {
  const child = launch()
  const inner = Number((await lines(child).next()).value)
  process.kill(inner, 'SIGKILL')
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'])
})

test('a launcher that is killed leaves no inner process behind', async () => {
  const child = launch()
  const told = lines(child)
  await told.next()
  child.kill('SIGKILL')
  assert.deepEqual(await Array.fromAsync(told), ['SIGTERM'])
})
