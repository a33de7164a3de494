import { inside } from '../../base/log.ts'
import type { Log } from '../../base/log.ts'
import type { AlertRule } from '../../contract/control.ts'
import type { Pool } from '../../postgres/pool.ts'
import { rulesFor } from './rules.ts'
import { PRUNE_ALERTS, watch } from './watch.ts'

/**
 * What in the logs deserves a look: rules over the entries of each realm, once they are sealed. Many wrong passwords, a
 * scanner that has somebody's key, a new owner: each becomes an alert in the workspace that it concerns, once, however
 * many processes look and wherever one of them dies. `rules/` says what is looked for, `judge.ts` how it adds up, and
 * `watch.ts` how it is done exactly once.
 */
export function watching<Realm extends { id: string }>({
  open,
  owner,
  mailed,
  raised,
  tell,
}: Given<Realm>): Look<Realm> {
  const how = { rules: rulesFor(owner), mailed: new Set(mailed) }
  const pruned = new Map<string, number>()
  const failed = new Set<string>()
  return async (realm) => {
    try {
      const pool = open(realm)
      for (let isAll = false; !isAll;) {
        const watched = await watch(pool, how)
        if (watched.raised > 0) raised(realm)
        isAll = watched.isAll
      }
      if (Date.now() - (pruned.get(realm.id) ?? 0) > PRUNE_EVERY_ms) {
        pruned.set(realm.id, Date.now())
        await pool.run([PRUNE_ALERTS])
      }
      failed.delete(realm.id)
      return true
    } catch (error) {
      // A database that is away is told of once.
      if (!failed.has(realm.id)) tell('a log is not watched', { realm: realm.id, ...inside(error) })
      failed.add(realm.id)
      return false
    }
  }
}

/** Looks at what was sealed since; false where it could not, and should be asked again. */
export type Look<Realm> = (realm: Realm) => Promise<boolean>

type Given<Realm> = {
  /** As the keeper of the logs. */
  open: (realm: Realm) => Pool
  /** The edition's role of owners. */
  owner: string
  mailed: readonly AlertRule[]
  /** There may be letters to write in that realm. */
  raised: (realm: Realm) => void
  tell: Log
}

const PRUNE_EVERY_ms = 60 * 60_000
