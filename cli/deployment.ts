/** The deployment that a command works on: the one in the data folder, whether or not it is being served just now. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../kernel/base/config.ts'
import { boot } from '../kernel/serve/boot.ts'
import type { Address } from '../kernel/serve/http/listen.ts'
import type { Parts } from '../kernel/serve/parts.ts'
import { editionCalled } from './editions.ts'

export type Running = {
  pid: number
  edition: string
  port: number
  tlsPort: number
  plainDoors: readonly Address[]
}

export async function withDeployment<T>(edition: string | undefined, work: (parts: Parts) => Promise<T>): Promise<T> {
  const config = readConfig(process.env)
  const name = edition ?? process.env['EDITION'] ?? runningIn(config.data)?.edition ?? config.edition
  await using booted = await boot(config, await editionCalled(name))
  return await work(booted.parts)
}

/** What the last start noted; undefined when it has ended, however it did. */
export function runningIn(data: string): Running | undefined {
  try {
    const note = JSON.parse(readFileSync(join(data, 'running.json'), 'utf8')) as Running
    process.kill(note.pid, 0)
    return note
  } catch {
    // No note, or nobody of that number any more: nothing runs here.
    return undefined
  }
}
