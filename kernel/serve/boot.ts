import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../base/config.ts'
import { Trouble } from '../base/trouble.ts'
import type { Edition } from '../contract/edition.ts'
import { redisStore } from '../limits/redis-store.ts'
import type { Store } from '../limits/store.ts'
import { startEmbedded } from '../postgres/embedded.ts'
import type { Login } from '../postgres/pool.ts'
import { loginOf } from '../postgres/url.ts'
import { asAdmin } from '../tenancy/cluster.ts'
import { isName } from '../tenancy/names.ts'
import { openVault } from '../vault/vault.ts'
import { openParts } from './open.ts'
import type { Opening } from './open.ts'
import type { Parts } from './parts.ts'

/**
 * From settings to a deployment that could be served: data folder, keys, database, parts, each with a sentence if it
 * cannot be.
 */
export type Booted = AsyncDisposable & { parts: Parts; embedded: boolean }

export async function boot(
  config: Config,
  edition: Edition,
  more: Pick<Opening, 'anySchema' | 'limits'> = {},
): Promise<Booted> {
  openFolder(config.data)
  // Where there is data already, a missing key is a loss that a new one would only hide.
  const mayCreate = !existsSync(join(config.data, 'postgres', 'data'))
  const { admin, deployment, stop } = await openDatabase(config)
  let redis: (Store & AsyncDisposable) | undefined
  try {
    redis = config.redisUrl ? await redisStore(config.redisUrl, deployment) : undefined
    const vault = openVault({ folder: config.data, masterKey: config.masterKey, mayCreate })
    const { checkpoints: folder, checkpointBucket: bucket, checkpointMail: mailedTo, witnesses } = config
    const heads = { folder, bucket, mailedTo, witnesses }
    const counting = redis && { counting: redis }
    const parts = await openParts({ edition, admin, deployment, vault, heads, ...counting, ...more })
    return {
      parts,
      embedded: !config.databaseUrl,
      async [Symbol.asyncDispose]() {
        await parts.copies[Symbol.asyncDispose]()
        await parts.deployment[Symbol.asyncDispose]()
        await redis?.[Symbol.asyncDispose]()
        await stop()
      },
    }
  } catch (error) {
    await redis?.[Symbol.asyncDispose]()
    await stop()
    throw error
  }
}

function openFolder(folder: string) {
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch {
    throw new Trouble(
      `The data folder ${folder} cannot be used: choose one that this user may write to with VOUCHSAFE_DATA=… .`,
    )
  }
}

/** Parent by parent: Node's own recursion never ends where a file system refuses by saying that nothing is there. */
function makeFolder(folder: string) {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}

type Database = { admin: Login; deployment: string; stop: () => Promise<void> }

async function openDatabase({ databaseUrl, data }: Config): Promise<Database> {
  if (!databaseUrl) {
    const server = await startEmbedded(join(data, 'postgres'), { kept: true })
    return { admin: server.admin, deployment: 'vouchsafe', stop: server.stop }
  }
  const admin = loginOf(databaseUrl)
  if (!isName(admin.database))
    throw new Trouble(
      'DATABASE_URL names a database whose name is more than lower-case letters, digits and _: give it a plain one.',
      2,
    )
  await asAdmin(admin, admin.database, (client) => client.query('select 1')).catch(explain)
  return { admin, deployment: admin.database, stop: () => Promise.resolve() }
}

/** What a wrong address looks like from here, in words for the person who wrote it. */
const reasons: Record<string, string> = {
  ECONNREFUSED: 'no Postgres server listens there',
  ENOTFOUND: 'there is no machine of that name',
  ETIMEDOUT: 'it does not answer',
  '28P01': 'the password is not accepted',
  '28000': 'that user is not let in',
  '3D000': 'there is no such database; create it first',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted; name the issuer with sslrootcert',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted; name the issuer with sslrootcert',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
}

function explain(error: Error & { code?: string }): never {
  const reason = reasons[error.code ?? ''] ?? error.message
  throw new Trouble(`DATABASE_URL cannot be used: ${reason}.`)
}
