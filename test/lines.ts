import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql as raw } from 'kysely'
import { z } from 'zod'
import { file, formats, Id, lines, operations } from '../kernel/index.ts'
import { exporting } from '../kernel/serve/files/exporting.ts'
import type { World } from '../kernel/testing.ts'
import { sql } from './people.ts'
import { rowColumns, trialEdition } from './trial.ts'

/** An edition whose rows can be taken as files: whole ones, and some that cannot be made. */
type Tables = { line: { id: string; text: string; place: number; day: string | null; tags: string[] } }
const { download } = operations<Tables>()
const Line = z.strictObject({ id: Id, text: z.string(), place: z.int(), tags: z.array(z.string()) })
const columns = ['id', 'text', 'place', 'tags'] as const
const kind = { name: 'lines', types: ['text/csv', 'application/jsonl'] as const }
const given = { input: z.strictObject({ ...formats, text: z.string().max(50).optional() }), example: () => ({}) }

const line = {
  take: download({
    ...given,
    summary: 'Take the lines',
    file: kind,
    output: Line,
    run({ input, db }) {
      const all = db.selectFrom('line').select(columns)
      return file([input.text === undefined ? all : all.where('text', '=', input.text)], input.format, ['place'], 'asc')
    },
  }),
  takeTooMuch: download({
    ...given,
    summary: 'Take more than is declared',
    file: kind,
    output: Line,
    run: ({ input, db }) => file([db.selectFrom('line').select([...columns, 'day'])], input.format),
  }),
  takeBroken: download({
    ...given,
    summary: 'Take what cannot be computed',
    file: kind,
    output: Line,
    run: ({ input, db }) =>
      file(
        [
          db
            .selectFrom('line')
            .select(columns)
            .where(raw`1 / place`, '=', 1),
        ],
        input.format,
      ),
  }),
  takeLines: download({
    summary: 'Take lines that are made',
    file: { name: 'made', types: ['application/jsonl'] },
    input: z.strictObject({ breaks: z.enum(['never', 'first', 'later']).default('never') }),
    output: z.strictObject({ n: z.int() }),
    example: () => ({}),
    run: ({ input: { breaks }, db }) => lines(made(breaks, () => db.selectFrom('line').select('place').execute())),
  }),
}

async function* made(breaks: string, look: () => Promise<{ place: number }[]>) {
  if (breaks === 'first') throw new Error('broken at once')
  yield `{"n":${(await look()).length}}\n`
  yield `${' '.repeat(200_000)}\n`
  if (breaks === 'later') throw new Error('broken later')
  yield `{"n":${(await look()).length}}\n`
}

const table = `create table line (like workspace_row including all, text text not null, place integer not null,
  day date, tags text[] not null default '{}');`
const typed = { ...rowColumns, text: 'text', place: 'integer', day: 'date null', tags: 'text[] default' }

export const lineEdition = () => trialEdition({ line }, { line: typed }, table)

/** In pieces, since no single act may change as much. */
export async function putMany(here: World, count: number, length = 10) {
  for (let from = 0; from < count; from += AT_ONCE)
    await sql(here)(
      `insert into trial.line (workspace_id, text, place)
         select $1, repeat('x', $2::int), n from generate_series($3::int + 1, $4::int) n`,
      [here.north.place.workspace, length, from, Math.min(count, from + AT_ONCE)],
    )
}
const AT_ONCE = 3_000

export const take = (here: World, input: object = {}, name = 'trial.line.take') => here.as('owner').call(name, input)

/** A file as the door has it, to be read piece by piece. */
export async function openFile(here: World, name: string, input: object, patience?: Patience) {
  const { parts } = here.served
  const caller = (await parts.whois.of(here.north.token))!
  return await exporting(parts, parts.catalogue.get(name)!, caller, { input, origin: { requestId: 'test' } }, patience)
}
type Patience = Parameters<typeof exporting>[4]

/** How many lines are still to come. */
export async function rest(opened: Awaited<ReturnType<typeof openFile>>): Promise<number> {
  let count = 0
  for await (const piece of opened.pieces) count += piece.split('\n').length - 1
  return count
}

/** The connections that files are read by. */
const READING = `from pg_stat_activity where application_name = 'vouchsafe file' and datname = current_database()`

export const readers = async (here: World) => (await sql(here)(`select pid ${READING}`)).length

export const endReaders = (here: World) => sql(here)(`select pg_terminate_backend(pid) ${READING}`)

/** Whether the one who reads for a file has been waiting for a while. */
export async function isStill(here: World): Promise<boolean> {
  const look = async () => (await sql(here)(`select state, state_change::text as since ${READING}`))[0]
  const one = await look()
  await sleep(300)
  const other = await look()
  return one?.['state'] === 'idle in transaction' && one['since'] === other?.['since']
}

/** A request whose answer has begun, and of which nothing more is read. */
export async function asking(here: World, path: string): Promise<Socket> {
  const socket = connect(here.served.listening.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${here.north.token}\r\n\r\n`)
  await new Promise((resolve) => socket.once('readable', resolve))
  socket.pause()
  return socket
}

export function saying(here: World, request: string): Promise<string> {
  const socket = connect(here.served.listening.port, '127.0.0.1')
  socket.write(request)
  return toItsEnd(socket)
}

/** All that comes until the connection is over. */
export function toItsEnd(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    socket.on('error', () => undefined)
    socket.on('data', (data) => parts.push(data)).on('close', () => resolve(Buffer.concat(parts).toString()))
    socket.resume()
  })
}

export async function until(is: () => boolean | Promise<boolean>) {
  const deadline = Date.now() + 20_000
  while (!(await is())) {
    assert.ok(Date.now() < deadline, 'it did not come to pass')
    await sleep(20)
  }
}
