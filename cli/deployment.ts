/** The deployment that a command works on: the one in the data folder, whether or not it is being served just now. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isLoopback, readConfig } from '../kernel/base/config.ts'
import type { Config } from '../kernel/base/config.ts'
import { Trouble } from '../kernel/base/trouble.ts'
import { boot } from '../kernel/serve/boot.ts'
import type { Address } from '../kernel/serve/http/listen.ts'
import type { Parts } from '../kernel/serve/parts.ts'
import type { Place } from '../kernel/tenancy/realms.ts'
import { editionCalled } from './editions.ts'

export type Running = {
  pid: number
  edition: string
  port: number
  tlsPort: number
  plainDoors: readonly Address[]
  publicUrl: string
}

export async function withDeployment<T>(edition: string | undefined, work: (parts: Parts) => Promise<T>): Promise<T> {
  const config = readConfig(process.env)
  const name = edition ?? process.env['EDITION'] ?? runningIn(config.data)?.edition ?? config.edition
  await using booted = await boot(config, await editionCalled(name))
  booted.parts.publicUrl ??= config.publicUrl ?? runningIn(config.data)?.publicUrl ?? nextOrigin(config)
  return await work(booted.parts)
}

/** Before anything is opened for its sake. */
export function insistOnId(workspace: string): void {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(workspace))
    throw new Trouble('Name the workspace by its id: workspace list shows it.', 2)
}

export async function placeOf({ deployment }: Parts, workspace: string): Promise<Place> {
  const place = await deployment.realms.place(workspace)
  if (!place) throw new Trouble('There is no such workspace in this deployment: workspace list shows them all.', 4)
  return place
}

/** Where the next start will be found. */
const nextOrigin = ({ host, port, tlsPort }: Config) =>
  isLoopback(host) ? `http://localhost:${port}` : `https://localhost:${tlsPort}`

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
