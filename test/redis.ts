import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A Redis on a free loopback port that writes everything down, and can be ended and started again. */
export type Redis = AsyncDisposable & { url: string; start: () => Promise<void>; stop: () => Promise<void> }

/** Why there is none; false where there is one. */
export const lacksRedis = spawnSync('redis-server', ['--version']).error ? 'redis-server is not installed' : false

export async function startRedis(tls?: { cert: string; key: string }): Promise<Redis> {
  const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-redis-'))
  const port = await freePort()
  const doors = tls
    ? ['--port', '0', '--tls-port', `${port}`, '--tls-cert-file', tls.cert, '--tls-key-file', tls.key]
    : ['--port', `${port}`]
  const flags = tls ? ['--tls-auth-clients', 'no', '--tls-ca-cert-file', tls.cert] : []
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
  let stop = async () => {}
  const start = async () => {
    const args = ['--bind', '127.0.0.1', '--dir', folder, ...doors, ...flags, ...durable]
    const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'close')
    stop = async () => {
      child.kill('SIGTERM')
      await ended
    }
    const lines = createInterface(child.stdout)
    await new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => line.includes('Ready to accept connections') && resolve())
      child.once('close', () => reject(new Error('redis-server ended before it was ready')))
    })
  }
  await start()
  return {
    url: `${tls ? 'rediss' : 'redis'}://localhost:${port}`,
    start,
    stop: () => stop(),
    async [Symbol.asyncDispose]() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
