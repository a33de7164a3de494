import { spawn } from 'node:child_process'
import type { SpawnOptions } from 'node:child_process'
import type { Account } from './account.ts'

/** Nothing of the caller's PG* settings, and a locale that every system has. */
const environment = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }

export type Ended = { worked: boolean; printed: string }

/** How one of the binaries is spawned. The working folder is entered before the privileges are given up. */
export const spawning = (account: Account | undefined, cwd: string): SpawnOptions => ({
  cwd,
  env: environment,
  ...(account && { uid: account.uid, gid: account.gid }),
})

/** Runs one of the binaries to its end; `handle` is passed on as file descriptor 3. */
export function run(program: string, args: readonly string[], options: SpawnOptions, handle?: number): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe', handle ?? 'ignore'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-PRINTED_LIMIT)
    })
  }
  child.on('error', (error) => resolve({ worked: false, printed: error.message }))
  child.on('close', (code) => resolve({ worked: code === 0, printed }))
  return promise
}

/** Characters; the reason for a failure is at the end. */
const PRINTED_LIMIT = 20_000
