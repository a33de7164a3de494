import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Finding } from './finding.ts'
import { memory_bytes } from './usage.ts'

/** From the command to the line that says it is ready, as a person waits for it: on an empty folder, then again. */
const LAUNCHER = join(import.meta.dirname, '..', 'bin', 'vouchsafe.js')
const READY = ' is ready'

export async function measureStart(rest_ms: number): Promise<Finding[]> {
  const data = mkdtempSync(join(tmpdir(), 'vouchsafe-bench-start-'))
  try {
    const first = await start(data)
    await first.stop()
    const again = await start(data)
    await sleep(rest_ms)
    const { pid } = JSON.parse(readFileSync(join(data, 'running.json'), 'utf8')) as { pid: number }
    const bytes = memory_bytes(pid)
    await again.stop()
    return [
      { what: 'start to ready, very first, with its demo', measured: first.took_ms, unit: 'ms', goal: { most: 6_000 } },
      { what: 'start to ready, existing data', measured: again.took_ms, unit: 'ms', goal: { most: 1_500 } },
      ...(bytes ? [{ what: 'memory at rest', measured: bytes / 1_048_576, unit: 'MB' } as const] : []),
    ]
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

async function start(data: string) {
  const env = { ...process.env, VOUCHSAFE_DATA: data, PORT: '0', TLS_PORT: '0', EDITION: 'jeweller', DATABASE_URL: '' }
  const started = performance.now()
  const child = spawn(process.execPath, [LAUNCHER, 'start'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  while (!said.includes(READY)) {
    await Promise.race([once(child.stdout, 'data'), ended])
    if (child.exitCode !== null) throw new Error(`the product did not start: ${said}`)
  }
  const took_ms = performance.now() - started
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  return { took_ms, stop }
}
