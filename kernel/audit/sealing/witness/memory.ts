import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Sql } from '../../../contract/control.ts'
import type { Vault } from '../../../vault/vault.ts'
import { cosigner } from '../../log/cosignature.ts'
import { KIND, verifierKey } from '../../log/key.ts'
import { logsToWitness, type Memory, type Witnessing } from '../witness.ts'

/** What a witness has seen, in the control database: its role adds rows, and changes one by a function alone. */
const memoryOf = (sql: Sql): Memory & Shown => ({
  async seen(origin) {
    const [row] = await sql('select size, root from witness.seen where origin = $1', [origin])
    return row && { size: Number(row['size']), root: row['root'] as Buffer }
  },
  async advance(origin, from, to, note) {
    const values = [origin, from.size, from.root, to.size, to.root, note]
    const [row] = await sql(ADVANCE, values)
    return row!['advanced'] === true
  },
  async shown(hashedOrigin) {
    const [row] = await sql(
      `select note from witness.seen where encode(sha256(convert_to(origin, 'utf8')), 'hex') = $1`,
      [hashedOrigin],
    )
    return row && String(row['note'])
  },
})

const ADVANCE = 'select witness.advance($1, $2::bigint, $3::bytea, $4::bigint, $5::bytea, $6) as advanced'

/** The note that was signed last for a log, by the hash of the log's name. */
type Shown = { shown: (hashedOrigin: string) => Promise<string | undefined> }

/** The key that this deployment witnesses with, which is made once: whoever trusts it knows it by its name as well. */
async function witnessKey(sql: Sql, vault: Vault, name: string): Promise<WitnessKey> {
  const known = (await read(sql)) ?? (await make(sql, vault, name))
  // As bytes it lies in memory no longer than this.
  const privateKey = createPrivateKey({ key: vault.open(known.secret, CONTEXT), format: 'der', type: 'pkcs8' })
  return { line: known.public_key, signer: (now_s) => cosigner(known.name, privateKey, now_s) }
}

/** A witness at work: what it may sign, what it remembers, and its own key as others are told of it. */
export type Vouching = Witnessing & { memory: Memory & Shown; line: string }

type WitnessKey = { line: string; signer: Witnessing['signer'] }

const CONTEXT = 'key of the witness'

async function read(sql: Sql) {
  const [row] = await sql('select name, public_key, secret from witness.key')
  return row as { name: string; public_key: string; secret: string } | undefined
}

/** Of two processes that begin at once the first one's key counts. */
async function make(sql: Sql, vault: Vault, name: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const secret = vault.seal(privateKey.export({ format: 'der', type: 'pkcs8' }), CONTEXT)
  const line = verifierKey(name, publicKey, KIND.cosignature)
  await sql('insert into witness.key (name, public_key, secret) values ($1, $2, $3) on conflict do nothing', [
    name,
    line,
    secret,
  ])
  return (await read(sql))!
}

/** A witness of these logs, if of any: `host` is where it is known, from which its key gets its name for good. */
export async function vouchingFor(
  keys: readonly string[],
  sql: Sql,
  vault: Vault,
  host: string,
): Promise<Vouching | undefined> {
  const logs = logsToWitness(keys)
  if (logs.size === 0) return undefined
  const key = await witnessKey(sql, vault, `${host}/witness/${randomBytes(4).toString('hex')}`)
  return { logs, memory: memoryOf(sql), ...key }
}
