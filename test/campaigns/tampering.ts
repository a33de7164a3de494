import type pg from 'pg'
import type { Result, Say, Size } from '../../cli/campaign.ts'
import { newMemory } from '../../kernel/audit/sealing/sequencing/belief.ts'
import { Unsealable } from '../../kernel/audit/sealing/sequencing/ledger.ts'
import { pass } from '../../kernel/audit/sealing/sequencer.ts'
import { asAdmin } from '../../kernel/tenancy/cluster.ts'
import { dice } from '../dice.ts'
import { exportOf, NO_COPIES, quietWorld, verified, type Quiet } from '../sealed.ts'
import { deeds, TABLES } from './tampering/deeds.ts'
import { flipped, type Kind } from './tampering/flips.ts'

/**
 * Whoever owns the database can write whatever they like to it, and has not the log's key. What they do must be found
 * by somebody who kept one earlier head and the key: in the export, by the script that strangers have; or the log
 * refuses to put its name to it.
 */
export const summary = 'alters what is stored of the audit log, and looks whether one earlier head gives it away'

const FLIPS: Record<Size, number> = { small: 80, full: 10_000 }
/** More than a tile holds, so that there are two levels. */
const ENTRIES = 280

export async function campaign(size: Size, say: Say): Promise<Result> {
  await using here = await quietWorld()
  await here.act(20)
  await here.act(20, undefined, 'south')
  const kept = await keep(here)
  await here.act(ENTRIES - 140)
  await here.act(100, undefined, 'south')
  const counts = {
    'bits flipped': 0,
    'rows rewritten': 0,
    'refused by the database': 0,
    'not found': 0,
    'found in vain': 0,
  }
  const miss = (what: string) => (say(`not found: ${what}`), counts['not found']++)
  if ((await find(here, kept)) !== undefined) counts['found in vain']++
  for (const [name, deed] of Object.entries(deeds)) {
    const putBack = await deed(here)
    const found = await find(here, kept, true)
    if (found === undefined) miss(name)
    else say(`${name}: ${found.trim()}`)
    await putBack()
    counts['rows rewritten']++
  }
  await flipBits(here, kept, FLIPS[size], counts, miss, say)
  if ((await find(here, kept)) !== undefined) counts['found in vain']++
  return { counts, ok: counts['not found'] === 0 && counts['found in vain'] === 0 && counts['bits flipped'] > 0 }
}

/** All that somebody has who will find out: a head, and the key of the log. */
type Kept = { note: string; key: string; workspaces: readonly string[] }

async function keep({ sql }: Quiet): Promise<Kept> {
  const [row] = await sql('select checkpoint, public_key from audit.log')
  const rows = await sql('select distinct workspace_id::text as id from audit.leaf')
  const workspaces = rows.map(({ id }) => String(id))
  return { note: String(row!['checkpoint']), key: String(row!['public_key']), workspaces }
}

/** Why somebody of any workspace does not believe their export; undefined where everybody does. */
async function find(here: Quiet, kept: Kept, isAlone = false, first?: string): Promise<string | undefined> {
  const { workspaces } = kept
  for (const workspace of first ? [first, ...workspaces.filter((one) => one !== first)] : workspaces) {
    const found = await doubt(here, kept, workspace, isAlone)
    if (found !== undefined) return found
  }
  return undefined
}

async function doubt(
  here: Quiet,
  { note, key }: Kept,
  workspace: string,
  isAlone: boolean,
): Promise<string | undefined> {
  try {
    const text = await exportOf(here.parts, { workspace, realm: here.realm }, [note])
    if (isAlone) {
      const { status, said } = await verified(text, '--since', note, '--key', key)
      return status === 0 ? undefined : said
    }
    await verify([Buffer.from(text)], { keys: [key], since: [{ checkpoint: note }] })
    return undefined
  } catch (error) {
    return String(error)
  }
}

const { verify } = (await import(new URL('../../kernel/audit/log/verifier.mjs', import.meta.url).href)) as {
  verify: (pieces: readonly Buffer[], given: object) => Promise<unknown>
}

/** What happens when a log goes on from what is stored: for how far it came, which no export tells. */
async function isRefused({ parts, realm }: Quiet): Promise<boolean> {
  const means = { keeper: parts.deployment.keeper, vault: parts.vault, copies: NO_COPIES, tell: () => undefined }
  return await pass(means, realm, newMemory()).then(
    () => false,
    (error: unknown) => error instanceof Unsealable,
  )
}

type Column = { table: (typeof TABLES)[number]; column: string; kind: Kind }

/** Nothing is told by these: a row's own id where nothing names it, and when a head was written down. */
const SAYS_NOTHING = new Set(['tile.id', 'log.id', 'log.signed_at'])

async function flipBits(
  here: Quiet,
  kept: Kept,
  times: number,
  counts: { 'bits flipped': number; 'refused by the database': number },
  miss: (what: string) => void,
  say: Say,
) {
  const columns = await columnsOf(here)
  const throwOf = dice(11)
  const { admin } = here.parts.deployment
  await asAdmin(admin, here.realm.database, async (client) => {
    await client.query('set session_replication_role = replica')
    for (let at = 0; counts['bits flipped'] < times; at++) {
      // Each of them at least once.
      const { table, column, kind } = columns[at < columns.length ? at : throwOf(columns.length)]!
      const flip = await flipOne(client, { table, column, kind }, throwOf)
      if (flip === 'refused') counts['refused by the database']++
      if (typeof flip === 'string') continue
      const found = await find(here, kept, false, flip.workspace)
      if (found === undefined && !(table === 'log' && (await isRefused(here))))
        miss(`${table}.${column}: ${flip.from} became ${flip.to}`)
      await flip.undo()
      counts['bits flipped']++
      if (counts['bits flipped'] % 500 === 0) say(`${counts['bits flipped']} bits`)
    }
  })
}

async function columnsOf({ sql }: Quiet): Promise<Column[]> {
  const rows = await sql(
    `select table_name as table, column_name as column, udt_name as kind from information_schema.columns
      where table_schema = 'audit' and table_name = any($1) order by 1, ordinal_position`,
    [TABLES],
  )
  return (rows as Column[]).filter(({ table, column }) => !SAYS_NOTHING.has(`${table}.${column}`))
}

async function flipOne(client: pg.Client, { table, column, kind }: Column, throwOf: (sides: number) => number) {
  const { rows } = await client.query<{ ctid: string; value: string; workspace: string }>(
    `select ctid, ${column}::text as value, workspace_id::text as workspace from audit.${table}
      where ${column} is not null order by ctid offset $1 limit 1`,
    [throwOf(ENTRIES)],
  )
  const row = rows[0]
  const to = row && flipped(kind, row.value, throwOf)
  if (!row || to === undefined) return 'nothing'
  const put = async (value: string, ctid: string) =>
    (
      await client.query<{ ctid: string; value: string }>(
        `update audit.${table} set ${column} = $1 where ctid = $2 returning ctid, ${column}::text as value`,
        [value, ctid],
      )
    ).rows[0]!
  try {
    const now = await put(to, row.ctid)
    if (now.value === row.value) return 'nothing'
    return { workspace: row.workspace, from: row.value, to: now.value, undo: () => put(row.value, now.ctid) }
  } catch {
    return 'refused'
  }
}
