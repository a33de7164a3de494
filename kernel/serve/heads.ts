import { hash } from 'node:crypto'
import { inside, log } from '../base/log.ts'
import { LOBBY, recorderScope } from '../identity/lobby.ts'
import { letter } from '../mail/letter.ts'
import { changing } from '../postgres/work.ts'
import { booksOf } from './books.ts'
import type { Parts } from './parts.ts'

/**
 * The heads of the audit logs by letter, to whoever the operator named: once there is one, and then once a day. Its
 * number is made of the day, so of all processes that seal, one writes it; each asks the tables once a day at most.
 */
export function mailing(parts: Parts): () => Promise<void> {
  const { headsTo } = parts
  let [mailed, tried_ms] = ['', 0]
  return async () => {
    const day = new Date().toISOString().slice(0, 10)
    if (headsTo === undefined || mailed === day || Date.now() - tried_ms < AGAIN_AFTER_ms) return
    tried_ms = Date.now()
    try {
      if (await mailHeads(parts, headsTo, day)) mailed = day
    } catch (error) {
      log('heads not mailed', inside(error))
    }
  }
}

/** Where it did not go well, or there was nothing to tell of yet; less than anybody waits for a letter. */
const AGAIN_AFTER_ms = 1_000

/** Whether there was anything to tell. */
async function mailHeads(parts: Parts, to: string, day: string): Promise<boolean> {
  const { vault, deployment } = parts
  const heads = await headsOf(parts)
  if (heads.length === 0) return false
  const values = { day, logs: String(heads.length), heads: heads.join('\n\n') }
  const written = letter(vault, { workspace: LOBBY, to, template: 'heads', locale: 'en', id: idOf(to, day), values })
  const shared = deployment.known.at(-1)!
  await changing(deployment.realms.open(shared), recorderScope(deployment.names, LOBBY)).run(written)
  parts.worker.wake(shared)
  return true
}

/** The shared realm's first. What a log says is signed by it, so whoever altered a head here altered nothing else. */
async function headsOf({ deployment }: Parts): Promise<string[]> {
  const realms = await booksOf(deployment)(REALMS)
  const heads: string[] = []
  for (const { database } of realms) {
    const pool = deployment.keeper.open({ database: String(database) })
    const [found] = await pool.run([{ text: HEAD, name: 'open head' }])
    const note = found!.rows[0]?.['checkpoint']
    if (typeof note === 'string') heads.push(note)
  }
  return heads
}

/** Half a letter of a kilobyte each is as much as anybody files. */
const MOST_LOGS = 100
const REALMS = `select database from directory.realm order by kind desc, created_at limit ${MOST_LOGS}`
const HEAD = 'select checkpoint from audit.log where closed_at is null and checkpoint is not null'

/** A number as others are, of which nobody but this day's letter to that address has the same. */
function idOf(recipient: string, day: string): string {
  const digits = hash('sha256', `heads ${day} ${recipient}`)
  const [a, b, c, d, e] = [
    [0, 8],
    [8, 12],
    [13, 16],
    [17, 20],
    [20, 32],
  ].map(([from, to]) => digits.slice(from, to))
  return `${a}-${b}-8${c}-a${d}-${e}`
}
