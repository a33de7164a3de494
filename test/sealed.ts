import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pipeline } from 'node:stream/promises'
import { createWriteStream } from 'node:fs'
import { openExport } from '../kernel/audit/sealing/exporting.ts'
import type { Copies } from '../kernel/audit/sealing/copies.ts'
import { newMemory } from '../kernel/audit/sealing/sequencing/belief.ts'
import { pass } from '../kernel/audit/sealing/sequencer.ts'
import type { Parts } from '../kernel/serve/parts.ts'
import { serve } from '../kernel/serve/serve.ts'
import { callIn, openWorkspace } from '../kernel/serve/workspaces.ts'
import { openStage } from '../kernel/testing.ts'
import { ownCertificate } from '../kernel/transport/certificate.ts'
import { jeweller } from '../editions/jeweller/edition.ts'
import { asAdmin } from '../kernel/tenancy/cluster.ts'
import type { Place, Realm } from '../kernel/tenancy/realms.ts'

/** Real logs for tests: sealed to the end, exported, and verified by a stranger in a process of its own. */
export const NO_COPIES: Copies = { newest: async () => undefined, keep: () => undefined }

/** A deployment in which nothing is sealed but by the test itself: what it does to its tables nobody else notices. */
export async function quietWorld(): Promise<Quiet> {
  await using opened = new AsyncDisposableStack()
  const stage = opened.use(await openStage(jeweller))
  const { parts, admin, folder } = stage
  const certificate = await ownCertificate(folder, ['localhost'])
  const quiet = { host: '127.0.0.1', port: 0, tlsPort: 0, certificate, probing: false, sealing: false }
  const served = opened.use(await serve(parts, quiet))
  const [north, south] = [await openWorkspace(parts, 'North', 'pool'), await openWorkspace(parts, 'South', 'pool')]
  const { realm } = north.place
  const all = opened.move()
  return {
    parts,
    realm,
    north: north.place,
    south: south.place,
    base: `http://127.0.0.1:${served.listening.port}`,
    async act(times, copies, side = 'north') {
      const call = callIn(parts, (side === 'north' ? north : south).place)
      for (let one = 0; one < times; one++) await call('shop.customer.create', { name: `Customer ${one}` })
      await sealAll(parts, realm, copies)
    },
    sql: async (text, values = []) =>
      await asAdmin(admin, realm.database, async (client) => (await client.query<Cells>(text, values)).rows),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

export type Quiet = AsyncDisposable & {
  parts: Parts
  realm: Realm
  north: Place
  south: Place
  base: string
  act: (times: number, copies?: Copies, side?: 'north' | 'south') => Promise<void>
  /** As whoever owns the server: nothing holds them back. */
  sql: (text: string, values?: unknown[]) => Promise<Cells[]>
}
type Cells = Record<string, unknown>

/** All that is written in a realm, whoever seals it: what waits for a transaction somewhere is waited for. */
export async function sealAll({ deployment, vault }: Parts, realm: Realm, copies = NO_COPIES): Promise<void> {
  const means = { keeper: deployment.keeper, vault, copies, tell: () => undefined }
  const memory = newMemory()
  for (const until_ms = Date.now() + SEALED_WITHIN_MS; ;) {
    await pass(means, realm, memory)
    if ((await unsealedIn(deployment, realm)) === 0) return
    if (Date.now() > until_ms) throw new Error('entries wait in vain to be sealed')
    await new Promise((done) => setTimeout(done, 20))
  }
}

/** As long as another test may be in a transaction of its own. */
const SEALED_WITHIN_MS = 60_000

const unsealedIn = ({ admin }: Parts['deployment'], { database }: Realm) =>
  asAdmin(admin, database, async (client) => {
    const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from audit.entry e
      where not exists (select from audit.leaf f where f.workspace_id = e.workspace_id and f.id = e.id)`)
    return rows[0]!.n
  })

export async function exportOf(
  { deployment, vault }: Parts,
  place: Place,
  since: readonly string[] = [],
  copies: Pick<Copies, 'newest'> = NO_COPIES,
): Promise<string> {
  const { keeper, names } = deployment
  const means = { keeper, role: names.keeper, vault, copies }
  const { lines, end } = await openExport(means, place, since)
  try {
    return (await Array.fromAsync(lines)).join('')
  } finally {
    end()
  }
}

export type Verdict = { status: number | null; said: string }

/** What the script says that strangers are given. */
export async function verified(text: string, ...given: string[]): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'vouchsafe-export-'))
  try {
    const file = join(folder, 'export.jsonl')
    await pipeline([text], createWriteStream(file))
    const [flag, ...rest] = given
    const since = join(folder, 'since')
    if (flag === '--since') await writeFile(since, rest.shift()!)
    return await run(file, ...(flag === '--since' ? ['--since', since] : flag === undefined ? [] : [flag]), ...rest)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const VERIFIER = fileURLToPath(new URL('../kernel/audit/log/verifier.mjs', import.meta.url))

async function run(...args: string[]): Promise<Verdict> {
  const child = spawn(process.execPath, [VERIFIER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => said.push(piece))
  const status = await new Promise<number | null>((done, fail) => child.on('error', fail).on('close', done))
  return { status, said: Buffer.concat(said).toString() }
}
