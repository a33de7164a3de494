import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { editionCalled } from '../cli/editions.ts'
import { createLimits } from '../kernel/limits/limits.ts'
import type { Login } from '../kernel/postgres/pool.ts'
import { openParts } from '../kernel/serve/open.ts'
import { serve } from '../kernel/serve/serve.ts'
import { ownCertificate } from '../kernel/transport/certificate.ts'
import { openVault } from '../kernel/vault/vault.ts'
import { hurry } from './hurry.ts'

/** A second process that serves the same deployment on a port of its own, until it is disposed of. */
export type Shared = {
  admin: Login
  deployment: string
  folder: string
  /** The jeweller's, unless told. */
  edition?: string
  /** Where people are in a hurry, and what browsers are to know it by. */
  hurried?: { publicUrl: string }
}

export async function secondProcess(shared: Shared): Promise<AsyncDisposable & { port: number }> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(shared)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve(Number(line)))
    child.once('close', () => reject(new Error('the second process ended before it served')))
  })
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await ended
    },
  }
}

async function beSecond({ admin, deployment, folder, hurried, ...shared }: Shared): Promise<void> {
  const limits = createLimits({ scale: 10_000 })
  const edition = await editionCalled(shared.edition ?? 'jeweller')
  const parts = await openParts({ edition, admin, deployment, limits, vault: openVault({ folder }) })
  if (hurried) hurry(parts)
  const certificate = await ownCertificate(folder, ['localhost'])
  const serving = { host: '127.0.0.1', port: 0, tlsPort: 0, certificate, probing: false, ...hurried }
  const served = await serve(parts, serving)
  console.log(served.listening.port)
  process.stdin.resume().once('end', () => void end())
  const end = async () => {
    await served[Symbol.asyncDispose]()
    await parts.deployment[Symbol.asyncDispose]()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await beSecond(JSON.parse(process.argv[2]!) as Shared)
