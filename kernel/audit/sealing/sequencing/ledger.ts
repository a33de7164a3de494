import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { Log } from '../../../base/log.ts'
import type { Statement } from '../../../postgres/batch.ts'
import type { Pool } from '../../../postgres/pool.ts'
import type { Keeper } from '../../../tenancy/keeper.ts'
import type { Realm } from '../../../tenancy/realms.ts'
import type { Vault } from '../../../vault/vault.ts'
import { checkpointText } from '../../log/checkpoint.ts'
import { KIND, verifierKey } from '../../log/key.ts'
import { noteSigner, noteVerifier, signNote, type Signer, type Verifier } from '../../log/note.ts'
import { EMPTY_ROOT, type Head } from '../../log/tree.ts'
import type { Copies } from '../copies.ts'

/**
 * The row of a realm's log: which one is open, how far it has come, and the key that signs it. Only a process that has
 * the vault opens that key; only one at a time has the row.
 */
export type Ledger = Head & {
  epoch: number
  origin: string
  publicKey: string
  secret: string
  cursor: Cursor
  checkpoint: string | null
  refused: string | null
  /** The server has not come as far as the last entry: it is another server than that of these entries. */
  isAhead: boolean
}

/** The last entry that is in a log, by its transaction and its id. */
export type Cursor = { xid: string; id: string }

/** What sealing works with. */
export type Means = { keeper: Pick<Keeper, 'open'>; vault: Vault; copies: Copies; tell: Log }

export type Sealable = Pick<Realm, 'id' | 'database'>

/** Rows of a log and its tiles belong to no workspace. */
export const NO_WORKSPACE = '00000000-0000-0000-0000-000000000000'

const FROM_LOG = `from audit.log l where l.workspace_id = '${NO_WORKSPACE}'`
export const FROM_OPEN_LOG = `${FROM_LOG} and l.closed_at is null`

const COLUMNS = `l.epoch, l.origin, l.public_key as "publicKey", l.secret, l.size, l.root, l.xid::text as xid,
  l.entry_id as id, l.checkpoint, l.refused, l.xid >= pg_snapshot_xmax(pg_current_snapshot()) as "isAhead"`

const select = (name: string, which: string): Statement => ({ text: `select ${COLUMNS} ${which}`, name })

export const OPEN_LOG = select('open log', FROM_OPEN_LOG)
/** Nobody waits: whoever has it does the same. */
export const TAKE_LOG = select('take log', `${FROM_OPEN_LOG} for update skip locked`)
/** The newest, whether or not it is open. */
export const LAST_LOG = select('last log', `${FROM_LOG} order by l.epoch desc limit 1 for update`)

export const ledgerFrom = ({ xid, id, ...row }: Record<string, unknown>): Ledger =>
  ({ ...row, cursor: { xid, id } }) as Ledger

/** Of two who begin at once one opens it. */
export const openFirst = (pool: Pool, vault: Vault, realm: Sealable) =>
  pool.run([{ text: `${OPEN} on conflict do nothing`, name: 'open first log', values: opened(vault, realm, 1).values }])

/** A log with a key of its own, and the head of nothing, which it has signed. */
export function opened(vault: Vault, realm: Sealable, epoch: number): Opened {
  const origin = originOf(realm, epoch)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const secret = vault.seal(privateKey.export({ type: 'pkcs8', format: 'der' }), contextOf(origin))
  const line = verifierKey(origin, publicKey, KIND.note)
  const signer = noteSigner(origin, privateKey)
  const note = signNote(checkpointText({ origin, size: 0, root: EMPTY_ROOT }), [signer])
  return { origin, signer, values: [NO_WORKSPACE, epoch, origin, line, secret, EMPTY_ROOT, note] }
}

export type Opened = { origin: string; signer: Signer; values: readonly unknown[] }

export const OPEN = `insert into audit.log
    (workspace_id, epoch, origin, public_key, secret, root, checkpoint, signed_at)
  values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())`

/** What the log is called wherever it is verified: the realm's id is random, and no host is in it. */
const originOf = ({ id }: Sealable, epoch: number) => `vouchsafe/${id}/${epoch}`
const contextOf = (origin: string) => `log ${origin}`

export type Keys = { secret: string; publicKey: string; signer: Signer; verifier: Verifier }

/** Throws where the row names another log, or a key that is not the one that the vault opens. */
export function keysOf(vault: Vault, realm: Sealable, { epoch, origin, secret, publicKey }: Ledger): Keys {
  if (origin !== originOf(realm, epoch)) throw new Unsealable('the name of the log was altered')
  const key = createPrivateKey({ key: vault.open(secret, contextOf(origin)), type: 'pkcs8', format: 'der' })
  const line = verifierKey(origin, createPublicKey(key), KIND.note)
  if (line !== publicKey) throw new Unsealable('the public key of the log was altered')
  return { secret, publicKey, signer: noteSigner(origin, key), verifier: noteVerifier(line) }
}

/** Why a log is not signed: what is stored is not what was signed, or not all of it. It ends when somebody acts. */
export class Unsealable extends Error {}
