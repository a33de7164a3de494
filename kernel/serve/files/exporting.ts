import { z } from 'zod'
import { AllRows, Lines, TYPES } from '../../contract/file.ts'
import type { File, FileType } from '../../contract/file.ts'
import { Refusal } from '../../contract/refusal.ts'
import type { Caller } from '../../identity/whois.ts'
import { Snapshot } from '../../postgres/snapshot.ts'
import type { Patience } from '../../postgres/snapshot.ts'
import type { Served } from '../catalogue.ts'
import { contextOf, scopeOf } from '../context.ts'
import { admitted, onlyActions } from '../dispatch.ts'
import type { Asked } from '../dispatch.ts'
import { recordLook } from '../recording.ts'
import { asRefusal } from '../mapping.ts'
import type { Parts } from '../parts.ts'
import { csvHead, csvRow } from './csv.ts'
import { provenLog } from './proven.ts'

/**
 * A download: all rows that a filter names, from one snapshot, as one file that is sent as fast as it is taken. What
 * can be refused is refused before it begins; who took what is recorded before its first byte leaves; and whatever goes
 * wrong after that breaks the transfer off, so that no part of a file can be taken for the whole.
 */
export type Exported = {
  type: FileType
  name: string
  pieces: AsyncGenerator<string>
  cut: AbortSignal
  end: () => void
}

/** Rows fetched at a time: what one reader can make us hold. */
const PIECE_rows = 500

/**
 * A minute sorts ten million rows. A reader who takes no piece for half of one has gone, or never meant to read; ten
 * are enough for a million rows by a slow line, and as long as old versions of changed rows can be kept for anybody.
 */
const PATIENCE: Patience = { first_ms: 60_000, idle_ms: 30_000, whole_ms: 600_000 }

export async function exporting(
  parts: Parts,
  served: Served,
  caller: Caller,
  asked: Asked,
  patience = PATIENCE,
): Promise<Exported> {
  const input = admitted(parts, served, caller, asked)
  const leave = await parts.seats.take(caller.place.workspace)
  const reading = new Reading(leave)
  try {
    const snapshot = await reading.open(parts, served, caller, patience)
    const { role } = scopeOf(parts, served, caller)
    const asks = { ...onlyActions, provenLog: provenLog(parts, caller.place, patience, reading) }
    const answer = await served.operation.run(contextOf(parts, caller, input, snapshot, role, asks))
    const { type, pieces, rows } = await textOf(parts, served, answer as File<unknown>, snapshot)
    // What fails by itself fails here, where it can still be told.
    const first = await pieces.next()
    // How much is taken is part of what is done.
    await recordLook(parts, served, caller, rows === undefined ? input : { ...(input as object), rows }, asked.origin)
    return {
      type,
      name: nameOf(served, type),
      pieces: reading.rest(first, pieces),
      cut: reading.cut,
      end: () => reading.end(),
    }
  } catch (error) {
    reading.end()
    throw asRefusal(error, served.operation)
  }
}

/** What a download holds, until it is over, whichever way. */
class Reading {
  private readonly leave: () => void
  private readonly cutting = new AbortController()
  private held: { end: () => void } | undefined
  private late: NodeJS.Timeout | undefined
  private over = false

  constructor(leave: () => void) {
    this.leave = leave
  }

  /** The server keeps the same time by itself, for the case that we are gone; older ones know no such limit. */
  async open({ deployment }: Parts, served: Served, { place }: Caller, patience: Patience): Promise<Snapshot> {
    const { database, login: user, password } = place.realm
    const scope = { role: deployment.names.role(served.module), schema: served.module, workspace: place.workspace }
    const login = { ...deployment.admin, database, user, password }
    this.late = setTimeout(() => this.breakOff(), patience.whole_ms).unref()
    const snapshot = await Snapshot.open(login, scope, patience, () => {
      if (this.held === snapshot) this.breakOff()
    })
    this.hold(snapshot)
    return snapshot
  }

  /** In place of what was held before: nobody holds two. */
  hold(reader: { end: () => void }) {
    this.held?.end()
    this.held = reader
    if (this.over) reader.end()
  }

  /** Aborted when the file cannot be sent to its end: whoever is still reading is to be cut off. */
  get cut() {
    return this.cutting.signal
  }

  async *rest(first: IteratorResult<string, void>, pieces: AsyncGenerator<string, void>): AsyncGenerator<string> {
    try {
      if (first.done) return
      yield first.value
      yield* pieces
    } finally {
      this.end()
    }
  }

  breakOff() {
    this.cutting.abort()
    this.end()
  }

  end() {
    if (this.over) return
    this.over = true
    clearTimeout(this.late)
    this.held?.end()
    this.leave()
  }
}

/** The text of the file, in the pieces in which it is read. */
async function textOf(parts: Parts, served: Served, answer: File<unknown>, snapshot: Snapshot) {
  if (answer instanceof Lines) return { type: answer.type, pieces: passed(answer.lines), rows: answer.rows }
  if (!(answer instanceof AllRows)) throw new Refusal(500, 'internal', { inside: `${served.name} answered no file` })
  const { sql, parameters } = answer.query.compile()
  const describe = async () =>
    (await snapshot.run({ text: `select * from (${sql}) q limit 0`, values: parameters })).fields
  await parts.boundary.guardColumns(served, 'one', sql, describe)
  const text = `select row_to_json(q)::text as body from (${sql}) q`
  const rows = snapshot.pieces({ text, values: parameters }, PIECE_rows)
  const type = TYPES[answer.format]
  const counted = await snapshot.run({
    text: `select count(*)::int as n from (${sql} limit ${COUNTED_rows}) q`,
    values: parameters,
  })
  return {
    type,
    pieces: answer.format === 'csv' ? csv(rows, columnsOf(served)) : jsonl(rows),
    rows: Number(counted.rows[0]!['n']),
  }
}

/** As far as it matters how many they are: whoever takes so many takes nearly everything. */
const COUNTED_rows = 10_000

type Bodies = AsyncIterable<readonly Record<string, unknown>[]>

async function* jsonl(pieces: Bodies): AsyncGenerator<string, void> {
  for await (const rows of pieces) yield rows.map(({ body }) => `${body as string}\n`).join('')
}

/** The names come with the first rows: what fails before those must not have begun. */
async function* csv(pieces: Bodies, columns: readonly string[]): AsyncGenerator<string, void> {
  let head = csvHead(columns)
  for await (const rows of pieces) {
    yield head + rows.map(({ body }) => csvRow(inOrder(body as string, columns))).join('')
    head = ''
  }
  if (head) yield head
}

async function* passed(lines: AsyncIterable<string>): AsyncGenerator<string, void> {
  yield* lines
}

function inOrder(body: string, columns: readonly string[]): unknown[] {
  const row = JSON.parse(body) as Record<string, unknown>
  return columns.map((column) => row[column])
}

/** As the operation declares them: so the file is the same whatever order a statement has. */
const columnsOf = ({ operation: { output } }: Served): string[] =>
  output instanceof z.ZodObject ? Object.keys(output.shape) : []

const ENDINGS: Readonly<Record<FileType, string>> = { 'text/csv': 'csv', 'application/jsonl': 'jsonl' }

const nameOf = ({ operation }: Served, type: FileType) =>
  `${operation.file!.name}-${new Date().toISOString().slice(0, 10)}.${ENDINGS[type]}`
