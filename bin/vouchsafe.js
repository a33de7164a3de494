#!/usr/bin/env node
/**
 * The way in. It is plain JavaScript, so that an older Node can read it and say what is missing instead of failing on
 * the first type. It finds the Node that the lock pins and hands over to `cli/main.ts`: in this process when this Node
 * is new enough, else in a second one that gets every signal and never outlives this one.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

/** 24.7 is the first Node that has argon2 and runs TypeScript as it stands. */
const NEEDED = [24, 7]
const root = new URL('../', import.meta.url)
/** Exit code 3 means everywhere: not ready, and the sentence says what to do. */
const NOT_READY = 3

start().catch((error) => {
  console.error(error)
  process.exitCode = 1
})

async function start() {
  if (!existsSync(new URL('node_modules/fastify', root))) return refuse('The dependencies are missing. Run: npm ci')
  if (isEnough(process.versions.node)) {
    // From the second start on nothing has to be stripped of its types and compiled again: half the time, less memory.
    module.enableCompileCache(fileURLToPath(new URL('node_modules/.cache/vouchsafe/code', root)))
    const { main } = await import('../cli/main.ts')
    return main(process.argv.slice(2))
  }
  const node = pinned()
  if (!node || node === process.execPath)
    return refuse(
      `Vouchsafe needs Node ${NEEDED.join('.')} or newer and this is ${process.versions.node}. The lock brings one ` +
        'for Linux and Windows, so run npm ci without --omit=optional; elsewhere install Node 24.',
    )
  handOver(node)
}

function isEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
}

function pinned() {
  const system = process.platform === 'win32' ? 'win' : process.platform
  const binary = process.platform === 'win32' ? 'node.exe' : 'node'
  const file = fileURLToPath(new URL(`node_modules/node-${system}-${process.arch}/bin/${binary}`, root))
  return existsSync(file) ? file : undefined
}

/**
 * The second process sits in a group of its own, so that Ctrl-C reaches it once, through here, and not twice. The extra
 * channel is never written to: it closes when this process dies of anything, SIGKILL included, and the other one stops.
 */
function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: process.platform !== 'win32',
  })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => refuse(`The pinned Node at ${node} does not start: ${error.message}. Run: npm ci`))
  child.on('exit', (code, signal) => {
    for (const each of signals) process.removeAllListeners(each)
    if (signal) process.kill(process.pid, signal)
    else process.exitCode = code
  })
}

function refuse(sentence) {
  console.error(sentence)
  process.exitCode = NOT_READY
}
