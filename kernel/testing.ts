import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Edition } from './contract/edition.ts'
import { createLimits } from './limits/limits.ts'
import { startEmbedded } from './postgres/embedded.ts'
import type { Login } from './postgres/pool.ts'
import { loginOf } from './postgres/url.ts'
import { ask, requestOf } from './serve/live/ask.ts'
import type { Base } from './serve/live/ask.ts'
import { openParts } from './serve/open.ts'
import type { Opening } from './serve/open.ts'
import type { Parts } from './serve/parts.ts'
import { serve } from './serve/serve.ts'
import type { Served } from './serve/serve.ts'
import { callIn, openWorkspace } from './serve/workspaces.ts'
import type { Opened } from './serve/workspaces.ts'
import { abandon } from './tenancy/cluster.ts'
import { namesOf } from './tenancy/names.ts'
import type { RealmKind } from './tenancy/realms.ts'
import { ownCertificate } from './transport/certificate.ts'
import { openVault } from './vault/vault.ts'

/**
 * The tests' door: a whole deployment on a real server, with real sockets, that is gone afterwards. Every world has two
 * workspaces, north and south, since a test with one proves nothing about the other.
 */
export type World = AsyncDisposable & {
  served: Served
  north: Opened
  south: Opened
  /** Speaks HTTP with a key of that role. */
  as: (role: string, side?: Side) => Client
  nobody: Client
  /** What a second process of this deployment must be told, beside its name. */
  folder: string
}
export type Side = 'north' | 'south'
export type Client = { call: (name: string, input?: unknown, headers?: Record<string, string>) => Promise<Answer> }
export type Answer = { status: number; body: Body; text: string; headers: Headers }
/** JSON as it came: a test says what it expects of it. Of a file there is none but its text. */
export const readBody = (text: string, headers: Headers): Body =>
  headers.get('content-type')?.includes('json;') ? (JSON.parse(text) as Body) : undefined
type Body = ReturnType<typeof JSON.parse>

export async function world(
  edition: Edition,
  kind: RealmKind = 'pool',
  limits = createLimits({ scale: 10_000 }),
  dashboard?: string,
): Promise<World> {
  await using opened = new AsyncDisposableStack()
  const stage = opened.use(await openStage(edition, { limits }))
  const { parts } = stage
  const certificate = await ownCertificate(stage.folder, ['localhost'])
  const quiet = { host: '127.0.0.1', port: 0, tlsPort: 0, certificate, probing: false, dashboard }
  const served = opened.use(await serve(parts, quiet))
  const sides = { north: await openWorkspace(parts, 'North', kind), south: await openWorkspace(parts, 'South', kind) }
  const base = { url: new URL(`http://127.0.0.1:${served.listening.port}`) }
  const keys = await keysOf(parts, sides)
  const all = opened.move()
  return {
    served,
    ...sides,
    as: (role, side = 'north') => clientOf(parts, base, keys.get(`${side} ${role}`)),
    nobody: clientOf(parts, base, undefined),
    folder: stage.folder,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

/** A deployment without doors. */
export type Stage = AsyncDisposable & { parts: Parts; admin: Login; folder: string }

export async function openStage(edition: Edition, more: Pick<Opening, 'limits' | 'anySchema'> = {}): Promise<Stage> {
  await using opened = new AsyncDisposableStack()
  const { admin, stop } = await testServer()
  opened.defer(stop)
  const folder = join(CACHE, `stage-${process.pid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const deployment = `t${randomBytes(5).toString('hex')}`
  opened.defer(() => abandon(admin, namesOf(deployment)))
  const limits = createLimits({ scale: 10_000 })
  const parts = await openParts({ edition, admin, deployment, limits, vault: openVault({ folder }), ...more })
  opened.use(parts.deployment)
  const all = opened.move()
  return { parts, admin, folder, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

const CACHE = fileURLToPath(new URL('../node_modules/.cache/vouchsafe', import.meta.url))

/** A file may have several deployments open, and as many files run at once as there are cores. */
const FOR_ALL_FILES = 300

/** One throw-away server for all test files, ended by the last; or the server that TEST_DATABASE_URL names. */
export async function testServer(): Promise<{ admin: Login; stop: () => Promise<void> }> {
  const given = process.env['TEST_DATABASE_URL']
  if (given) return { admin: loginOf(given), stop: () => Promise.resolve() }
  mkdirSync(CACHE, { recursive: true })
  return await startEmbedded(join(CACHE, 'postgres'), { durable: false, maxConnections: FOR_ALL_FILES })
}

async function keysOf(parts: Parts, sides: Record<Side, Opened>) {
  const keys = new Map<string, string>()
  for (const side of ['north', 'south'] as const)
    for (const role of Object.keys(parts.edition.roles)) {
      const made = callIn(parts, sides[side].place)<{ token: string }>('identity.key.create', { name: role, role })
      keys.set(`${side} ${role}`, (await made).token)
    }
  return keys
}

function clientOf({ catalogue }: Parts, base: Base, token: string | undefined): Client {
  return {
    async call(name, input = {}, headers = {}) {
      const isQuery = catalogue.get(name)?.operation.kind === 'query'
      const { path, asking } = requestOf(name, isQuery, input, token)
      const {
        status,
        text,
        headers: told,
      } = await ask(base, path, { ...asking, headers: { ...asking.headers, ...headers } })
      return { status, text, headers: told, body: readBody(text, told) }
    },
  }
}
