import type { Pool } from '../postgres/pool.ts'
import type { Place } from '../tenancy/realms.ts'

/**
 * Hears that rights changed. Each workspace has a counter that grows with every change to who may come in; while a
 * realm is in use its recently changed counters are read a few times a second, in one statement for all its
 * workspaces. Nothing is pushed, so nothing can be missed: a process that could not ask in time trusts none of what
 * it remembers.
 */

/** After this long a new look is started in the background … */
const LOOK_EVERY_MS = 250
/** … and after this long nobody is believed before it has ended: with the request itself this stays below a second. */
const BELIEVE_FOR_MS = 700
/** A change is seen when its transaction ends, half a minute later at most, and looked for as late as below. */
const WINDOW_S = 60
/** A realm not looked at for this long may have changed outside the window: everything is looked up anew. */
const FORGET_AFTER_MS = 20_000

type Watch = {
  /** By a clock that nobody sets. */
  lookedAt_ms: number
  counters: Map<string, number>
  looking: Promise<boolean> | undefined
  generation: number
  doubts: number
}

export class Epochs {
  private readonly role: string
  private readonly watches = new Map<string, Watch>()

  constructor(watcher: string) {
    this.role = watcher
  }

  /** True when what is remembered of this realm may be believed; starts a new look where one is due. */
  isCurrent({ realm }: Place, pool: Pool): boolean {
    const watch = this.watch(realm.id)
    const age_ms = performance.now() - watch.lookedAt_ms
    if (age_ms > LOOK_EVERY_MS) void this.look(watch, pool)
    return age_ms < BELIEVE_FOR_MS
  }

  /** Looks now unless somebody just did; false when the database could not be asked. */
  async refresh({ realm }: Place, pool: Pool): Promise<boolean> {
    const watch = this.watch(realm.id)
    return performance.now() - watch.lookedAt_ms < LOOK_EVERY_MS || (await this.look(watch, pool))
  }

  /** What is remembered of this realm may be believed again once somebody has looked. */
  doubt({ realm }: Place): void {
    const watch = this.watch(realm.id)
    watch.lookedAt_ms = Math.min(watch.lookedAt_ms, performance.now() - BELIEVE_FOR_MS)
    // A look that is under way may have seen how things were before.
    watch.looking = undefined
    watch.doubts++
  }

  /** Names the state of a workspace's rights: as long as it is the same, nothing has changed. */
  of({ workspace, realm }: Place): string {
    const { generation, counters } = this.watch(realm.id)
    return `${generation}.${counters.get(workspace) ?? 'unseen'}`
  }

  /** To be read before a look-up whose answer is remembered: what is forgotten meanwhile must stay forgotten. */
  generation({ realm }: Place): number {
    return this.watch(realm.id).generation
  }

  /** Takes the counter that a look-up read in the same statement as the key, and names the state that it saw. */
  note({ workspace, realm }: Place, generation: number, n: number): string {
    const { counters } = this.watch(realm.id)
    if ((counters.get(workspace) ?? -1) < n) counters.set(workspace, n)
    return `${generation}.${n}`
  }

  private watch(realm: string): Watch {
    let watch = this.watches.get(realm)
    if (!watch)
      this.watches.set(
        realm,
        (watch = {
          lookedAt_ms: Number.NEGATIVE_INFINITY,
          counters: new Map(),
          looking: undefined,
          generation: 0,
          doubts: 0,
        }),
      )
    return watch
  }

  private look(watch: Watch, pool: Pool): Promise<boolean> {
    if (watch.looking) return watch.looking
    const looking = this.read(watch, pool).finally(() => {
      if (watch.looking === looking) watch.looking = undefined
    })
    return (watch.looking = looking)
  }

  private async read(watch: Watch, pool: Pool): Promise<boolean> {
    const [started_ms, doubts] = [performance.now(), watch.doubts]
    try {
      const [, changed] = await pool.run([
        { text: `select set_config('role', $1, true)`, name: 'as', values: [this.role] },
        {
          text: `select workspace_id, n from identity.epoch
            where changed_at > clock_timestamp() - make_interval(secs => $1)`,
          name: 'epochs',
          values: [WINDOW_S],
        },
      ])
      if (started_ms - watch.lookedAt_ms > FORGET_AFTER_MS) {
        watch.generation++
        watch.counters.clear()
      }
      for (const { workspace_id, n } of changed!.rows as { workspace_id: string; n: number }[])
        if ((watch.counters.get(workspace_id) ?? -1) < n) watch.counters.set(workspace_id, n)
      if (watch.doubts === doubts) watch.lookedAt_ms = started_ms
      return watch.doubts === doubts
    } catch {
      // The look-up that follows meets the same database and answers for it.
      return false
    }
  }
}
