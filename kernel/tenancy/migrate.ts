import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type pg from 'pg'
import { Trouble } from '../base/trouble.ts'
import type { Names } from './names.ts'

/**
 * Forward only: numbered SQL files, each applied once and never changed afterwards. Everything that is missing and the
 * sealing after it happen in one transaction, so a database is either as the code expects or as it was.
 */
export type Stream = { schema: string; directory: URL }

type File = { stream: string; file: string; sql: string; checksum: string }
type Applied = { stream: string; file: string; checksum: string }

/** Two processes that start at once must not both migrate. */
const LOCK = 5_871_364

/** Answers how many files were applied. */
export async function migrate(
  admin: pg.Client,
  names: Names,
  streams: readonly Stream[],
  seal: (admin: pg.Client) => Promise<void>,
): Promise<number> {
  await admin.query('begin')
  try {
    await admin.query('select pg_advisory_xact_lock($1)', [LOCK])
    await admin.query(`set local role ${names.owner}`)
    await prepare(admin, streams)
    const files = streams.flatMap(filesOf)
    const { rows: applied } = await admin.query<Applied>('select stream, file, checksum from tenancy.migration')
    const missing = missingFrom(files, applied)
    for (const { stream, file, sql, checksum } of missing) {
      await admin.query(`set local search_path = ${stream}, tenancy`)
      await admin.query(sql)
      await admin.query('insert into tenancy.migration (stream, file, checksum) values ($1, $2, $3)', [
        stream,
        file,
        checksum,
      ])
    }
    await admin.query('reset search_path')
    await seal(admin)
    await admin.query('commit')
    return missing.length
  } catch (error) {
    await admin.query('rollback')
    throw error
  }
}

async function prepare(admin: pg.Client, streams: readonly Stream[]) {
  for (const schema of new Set(['tenancy', ...streams.map((one) => one.schema)]))
    await admin.query(`create schema if not exists ${schema}`)
  await admin.query(`create table if not exists tenancy.migration (
    stream text, file text, checksum text not null, 
    applied_at timestamptz not null default now(), primary key (stream, file))`)
}

function filesOf({ schema, directory }: Stream): File[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const sql = readFileSync(new URL(file, directory), 'utf8')
      return { stream: schema, file, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
}

/** Names one state of the schema and of what seals it: a realm that carries it needs no look at its ledger. */
export const digestOf = (streams: readonly Stream[]) => {
  const digest = createHash('sha256')
  for (const { stream, file, checksum } of streams.flatMap(filesOf)) digest.update(`${stream}/${file} ${checksum}\n`)
  for (const file of SEALING) digest.update(readFileSync(new URL(file, import.meta.url)))
  return digest.digest('hex')
}

/** A realm that was sealed by other rules than today's is sealed again. */
const SEALING = ['seal.ts', 'shape.ts']

/** What is yet to be applied; refuses a past that is not ours. */
function missingFrom(files: readonly File[], applied: readonly Applied[]): File[] {
  const known = new Map(files.map((one) => [`${one.stream}/${one.file}`, one]))
  for (const { stream, file, checksum } of applied) {
    const ours = known.get(`${stream}/${file}`)
    if (!ours)
      throw new Trouble(
        `The database was last used by a newer Vouchsafe (it knows ${stream}/${file}, this code does not): start ` +
          `that version, or restore a backup made by this one.`,
      )
    if (ours.checksum !== checksum)
      throw new Trouble(
        `${stream}/${file} was changed after it had been applied: put it back as it was and write a new migration ` +
          `instead.`,
      )
  }
  const done = new Set(applied.map(({ stream, file }) => `${stream}/${file}`))
  return files.filter(({ stream, file }) => !done.has(`${stream}/${file}`))
}
