/**
 * The server and its Postgres are killed under writers who remember what was confirmed to them. Afterwards everything
 * that was confirmed is there, once; and each time somebody was served again within seconds.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Result, Say, Size } from '../../cli/campaign.ts'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { readConfig } from '../../kernel/base/config.ts'
import { boot } from '../../kernel/serve/boot.ts'
import { callIn, openWorkspace } from '../../kernel/serve/workspaces.ts'
import { asAdmin } from '../../kernel/tenancy/cluster.ts'
import { dice } from '../dice.ts'
import { knockAt } from '../knock.ts'
import type { Knock } from '../knock.ts'

export const summary =
  'kills the server and its Postgres under writers: nothing confirmed is lost, nothing is done twice'

const KILLS: Record<Size, number> = { small: 3, full: 100 }
const SEED = 20_261_122
const WRITERS = 8
/** Each key may write 120 times a minute, and the server is the real one. */
const KEYS = 200
const RECOVERY_MS = 10_000
/** A killed server may be killed again while it is still coming back. */
const PAUSE_MS = 1_500

export async function campaign(size: Size, say: Say): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-kills-'))
  try {
    const [port, tlsPort] = [await freePort(), await freePort()]
    const keys = await prepare(folder)
    const node = new Started(folder, port, tlsPort)
    try {
      using knock = knockAt(port, WRITERS)
      await using writers = new Writers(knock, keys)
      await writers.confirmedAfter(performance.now(), 60_000)
      const recoveries = await killAll(KILLS[size], { folder, node, writers, say })
      await writers.end()
      await node.end()
      const { counts, ok } = await verdict(folder, writers.confirmed, recoveries)
      return { counts: { ...counts, 'starts given up': node.gaveUp }, ok }
    } finally {
      await node.end('SIGKILL')
      await (await booted(folder))[Symbol.asyncDispose]()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

type Scene = { folder: string; node: Started; writers: Writers; say: Say }

/** How long it took each time until somebody was confirmed something again. */
async function killAll(kills: number, { folder, node, writers, say }: Scene): Promise<number[]> {
  const roll = dice(SEED)
  const recoveries: number[] = []
  for (let n = 0; n < kills; n++) {
    await sleep(200 + roll(PAUSE_MS))
    const victim = ['server', 'postmaster', 'both'][n < 3 ? n : roll(3)]!
    const killed = performance.now()
    if (victim !== 'server') await killPostmaster(folder)
    if (victim !== 'postmaster') await node.kill()
    const took_ms = await writers.confirmedAfter(killed, 4 * RECOVERY_MS)
    recoveries.push(took_ms)
    if (took_ms > RECOVERY_MS || n < 3 || n % 10 === 9)
      say(`kill ${n + 1}, ${victim}: served again after ${Math.round(took_ms)} ms, ${writers.confirmed.size} confirmed`)
  }
  return recoveries
}

async function verdict(folder: string, confirmed: ReadonlySet<string>, recoveries: number[]): Promise<Result> {
  await using deployment = await booted(folder)
  const { admin, names } = deployment.parts.deployment
  const rows = await asAdmin(admin, names.pool, async (client) => {
    const found = await client.query<{ name: string; times: number }>(
      `select name, count(*)::int as times from shop.customer where name like 'w%' group by name`,
    )
    return new Map(found.rows.map(({ name, times }) => [name, times]))
  })
  const counts = {
    kills: recoveries.length,
    'writes confirmed': confirmed.size,
    'confirmed and lost': [...confirmed].filter((name) => !rows.has(name)).length,
    'done twice': [...rows.values()].filter((times) => times > 1).length,
    'recoveries over ten seconds': recoveries.filter((took_ms) => took_ms > RECOVERY_MS).length,
    'longest recovery in ms': Math.round(Math.max(...recoveries)),
  }
  const faults = counts['confirmed and lost'] + counts['done twice'] + counts['recoveries over ten seconds']
  return { counts, ok: faults === 0 && confirmed.size > recoveries.length }
}

/** Each writes one thing after the other, and asks again with the same key until it is confirmed. */
class Writers implements AsyncDisposable {
  readonly confirmed = new Set<string>()
  private readonly knock: Knock
  private readonly keys: readonly string[]
  private readonly running: Promise<void>[]
  /** When the latest of the confirmed writes had been sent. */
  private latest_ms = 0
  private over = false

  constructor(knock: Knock, keys: readonly string[]) {
    this.knock = knock
    this.keys = keys
    this.running = Array.from({ length: WRITERS }, (_, writer) => this.write(writer))
  }

  /** Waits for a write that was sent and confirmed after that moment; answers how long it took to be. */
  async confirmedAfter(since_ms: number, within_ms: number): Promise<number> {
    while (this.latest_ms <= since_ms) {
      if (performance.now() - since_ms > within_ms) throw new Error('nothing was confirmed any more')
      await sleep(5)
    }
    return performance.now() - since_ms
  }

  async end() {
    this.over = true
    await Promise.all(this.running)
  }

  [Symbol.asyncDispose]() {
    return this.end()
  }

  private async write(writer: number) {
    for (let n = 0; !this.over; n++) {
      const name = `w${writer}-${n}`
      while (!(await this.isConfirmed(name, this.keys[(n * WRITERS + writer) % this.keys.length]!))) {
        if (this.over) return
        await sleep(20)
      }
      this.confirmed.add(name)
    }
  }

  private async isConfirmed(name: string, key: string): Promise<boolean> {
    const sent_ms = performance.now()
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': name }
    const body = JSON.stringify({ name })
    // Nobody is there just now; the same is asked again.
    const heard = await this.knock('/v1/shop.customer.create', 'POST', headers, body).catch(() => undefined)
    if (heard?.status !== 200) return false
    this.latest_ms = Math.max(this.latest_ms, sent_ms)
    return true
  }
}

/** `vouchsafe start` on the folder, with somebody who starts it again when it ends, as every machine has. */
class Started {
  child: ChildProcess
  /** It may give up where its database dies before it is ready. */
  gaveUp = 0
  private over = false
  private readonly env: NodeJS.ProcessEnv

  constructor(folder: string, port: number, tlsPort: number) {
    this.env = { ...process.env, VOUCHSAFE_DATA: folder, PORT: String(port), TLS_PORT: String(tlsPort) }
    this.child = this.spawn()
  }

  async kill() {
    const ended = this.ended()
    this.child.kill('SIGKILL')
    await ended
  }

  async end(signal: NodeJS.Signals = 'SIGTERM') {
    this.over = true
    const ended = this.ended()
    this.child.kill(signal)
    await ended
  }

  private spawn(): ChildProcess {
    const launcher = fileURLToPath(new URL('../../bin/vouchsafe.js', import.meta.url))
    const args = [launcher, 'start', '--empty', '--edition', 'jeweller']
    const child = spawn(process.execPath, args, { env: this.env, stdio: 'ignore' })
    child.once('exit', (code) => {
      if (code !== null && code !== 0) this.gaveUp++
      if (!this.over) this.child = this.spawn()
    })
    return child
  }

  private ended(): Promise<void> {
    const { child } = this
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => child.once('exit', () => resolve()))
  }
}

const booted = (folder: string) => boot(readConfig({ VOUCHSAFE_DATA: folder }), jeweller)

/** A deployment with one workspace, and its keys. */
async function prepare(folder: string): Promise<string[]> {
  await using deployment = await booted(folder)
  const { place } = await openWorkspace(deployment.parts, 'Written under fire', 'pool')
  const make = callIn(deployment.parts, place)<{ token: string }>
  const keys: string[] = []
  for (let n = 0; n < KEYS; n++)
    keys.push((await make('identity.key.create', { name: `Writer ${n}`, role: 'cashier' })).token)
  return keys
}

/** The one that lives: what the file names may be dead already, and its successor not yet there. */
async function killPostmaster(folder: string) {
  const file = join(folder, 'postgres', 'data', 'postmaster.pid')
  const until = performance.now() + RECOVERY_MS
  while (!existsSync(file) || !isKilled(Number.parseInt(readFileSync(file, 'utf8'), 10))) {
    if (performance.now() > until) throw new Error('there was no postmaster to kill')
    await sleep(10)
  }
}

function isKilled(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
