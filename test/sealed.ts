import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pipeline } from 'node:stream/promises'
import { createWriteStream } from 'node:fs'
import type { Checkpoint } from '../kernel/audit/log/checkpoint.ts'
import { openExport } from '../kernel/audit/sealing/exporting.ts'
import type { Copies } from '../kernel/audit/sealing/copies.ts'
import { newMemory } from '../kernel/audit/sealing/sequencing/belief.ts'
import { pass } from '../kernel/audit/sealing/sequencer.ts'
import type { Parts } from '../kernel/serve/parts.ts'
import { asAdmin } from '../kernel/tenancy/cluster.ts'
import type { Place, Realm } from '../kernel/tenancy/realms.ts'

/** Real logs for tests: sealed to the end, exported, and verified by a stranger in a process of its own. */
export const NO_COPIES: Copies = { newest: async () => undefined, keep: () => undefined }

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
  since: readonly Checkpoint[] = [],
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
