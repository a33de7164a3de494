import pg from 'pg'
import { z } from 'zod'
import { inside, log } from '../../base/log.ts'
import type { Canary, Live, LiveOperation, Pair, Sql } from '../../contract/control.ts'
import type { Login } from '../../postgres/pool.ts'
import { ask, requestOf } from './ask.ts'
import type { Base } from './ask.ts'
import { A_DAY_ms, ensureCanaries, renewCanaries } from './canaries.ts'
import type { Planted } from './canaries.ts'
import { lettersTo } from './letters.ts'
import { misissued } from './misissued.ts'
import { Keys } from './keys.ts'
import { canaryPerson, EVERYBODY } from './people.ts'
import type { Parts } from '../parts.ts'

/**
 * The running deployment as probes see it: through its own door, as its own login, and as a reader of its catalogue.
 */
export type Watching = Live & AsyncDisposable

export async function liveOf(parts: Parts, base: Base, doors: Pick<Live, 'tls' | 'plain'>): Promise<Watching> {
  const { deployment, edition, catalogue } = parts
  const sessions = new Sessions()
  const operations = [...catalogue.values()].map((served): LiveOperation => ({
    name: served.name,
    kind: served.operation.kind,
    recorded: served.operation.recorded,
    module: served.module,
    example: (canary) => served.operation.example(canary.thing) as Record<string, unknown>,
    references: referencesIn(z.toJSONSchema(served.operation.input, { io: 'input', unrepresentable: 'any' })),
  }))
  const planted = await ensureCanaries(parts)
  const canaries: Canary[] = []
  for (const one of planted) canaries.push(await canaryOf(parts, one, base, sessions))
  const renewing = setInterval(() => void renewed(parts, planted), A_DAY_ms / 2).unref()
  const find = (kind: Pair['kind'], side: string) =>
    canaries[planted.findIndex((one) => one.kind === kind && one.side === side)]!
  return {
    policy: edition.policy,
    operations,
    roles: edition.roles,
    canaries: (['pool', 'database'] as const).map((kind) => ({
      kind,
      north: find(kind, 'north'),
      south: find(kind, 'south'),
    })),
    http: (path, init) => ask(base, path, init),
    keptHead: async (origin) => (await parts.copies.newest(origin))?.note,
    attempt: (what, who) => parts.attempts.spend(what, who),
    ...doors,
    directory: sessions.open({ ...deployment.admin, database: deployment.names.deployment }),
    get keyRing() {
      return parts.vault.ring()
    },
    tables: Object.fromEntries(parts.modules.map(({ name, tables }) => [name, tables])),
    async [Symbol.asyncDispose]() {
      clearInterval(renewing)
      await sessions.close()
    },
  }
}

/** What could not be planted is by the next turn: there are many before anything ends. */
const renewed = (parts: Parts, planted: readonly Planted[]) =>
  renewCanaries(parts, planted).catch((error: unknown) => log('canaries were not renewed', inside(error)))

async function canaryOf(parts: Parts, planted: Planted, base: Base, sessions: Sessions): Promise<Canary> {
  const { admin } = parts.deployment
  const { realm, workspace } = planted.place
  const keys = new Keys(parts, planted)
  const owner = Object.keys(parts.edition.roles)[0]!
  const people = new Map(EVERYBODY.map((who) => [who, canaryPerson(parts, base, planted, who)]))
  return {
    workspace,
    marker: planted.things.get('marker')!,
    thing(name) {
      const found = planted.things.get(name)
      if (found === undefined) throw new Error(`nothing called ${name} was planted`)
      return found
    },
    call(name, input, as = owner, headers = {}) {
      const isQuery = parts.catalogue.get(name)?.operation.kind === 'query'
      return keys.asking(as, (key) => {
        const { path, asking } = requestOf(name, isQuery, input, key)
        return ask(base, path, { ...asking, headers: { ...asking.headers, ...headers } })
      })
    },
    app: sessions.open({ ...admin, database: realm.database, user: realm.login, password: realm.password }),
    catalogue: sessions.open({ ...admin, database: realm.database }),
    misissued: (of) => misissued(parts, { ...of, workspace }),
    key: await keys.first(owner),
    letters: (address) => lettersTo(parts, planted, address),
    person: (who) => people.get(who)!,
  }
}

/** Connections for probes: opened when one is needed, cleaned after every statement, closed when it has been quiet. */
class Sessions {
  private readonly pools: pg.Pool[] = []
  private readonly known = new Map<string, Sql>()

  open(login: Login): Sql {
    const key = `${login.user}@${login.database}`
    let sql = this.known.get(key)
    if (!sql) this.known.set(key, (sql = this.connect(login)))
    return sql
  }

  async close() {
    await Promise.all(this.pools.map((pool) => pool.end()))
  }

  private connect(login: Login): Sql {
    const pool = new pg.Pool({ ...login, max: 1, idleTimeoutMillis: 10_000, application_name: 'vouchsafe probe' })
    // An idle connection that is lost is opened again by the next probe.
    pool.on('error', () => undefined)
    pool.on('connect', (client) => void client.on('error', () => undefined))
    this.pools.push(pool)
    return async (statement, values) => {
      const client = await pool.connect()
      try {
        const result = await client.query(statement, values && [...values])
        const results = (Array.isArray(result) ? result : [result]) as pg.QueryResult<Record<string, unknown>>[]
        const told = results.findLast(({ fields }) => fields.length > 0)
        await client.query('discard all')
        client.release()
        return told?.rows ?? []
      } catch (error) {
        client.release(true)
        throw error
      }
    }
  }
}

type Schema = { properties?: Record<string, Schema>; items?: Schema; format?: string; anyOf?: Schema[] }

/** The places of an input that name a row, as paths: `id`, `customerId`, `lines.0.pieceId`. */
function referencesIn(schema: unknown, path = ''): string[] {
  const { properties, items, format, anyOf } = schema as Schema
  if (format === 'uuid') return [path]
  const within = (key: string) => (path ? `${path}.${key}` : key)
  return [
    ...Object.entries(properties ?? {}).flatMap(([key, inner]) => referencesIn(inner, within(key))),
    ...(items ? referencesIn(items, within('0')) : []),
    ...(anyOf ?? []).flatMap((one) => referencesIn(one, path)),
  ]
}
