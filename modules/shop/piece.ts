import type { Kysely } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import { z } from 'zod'
import { Count, file, formats, Id, Line, notFound, one, operations, Page, page, paging, refuse, Text } from '#kernel'
import { Metal } from './metal.ts'
import { readSheet, sheetInput, SheetResult, taken } from './sheets/sheet.ts'
import type { Tables } from './tables.ts'
import { columns, Piece, PieceInput, PieceStatus, pieceRow, stoneColumns, Tag, WholePiece } from './tag.ts'

const { action, download, query, rows } = operations<Tables>()

type Words = { metal: Metal; status: PieceStatus }
const pieces = rows('piece', columns).$narrowType<Words>()

const solitaire = { description: 'Diamond, round', caratPoints: 50, grade: 'VS1 G', priceMinor: 9_800_000 }
const ring = { description: 'Solitaire ring', metal: Metal.enum.gold, purity: 750, grossMg: 4_120, stoneMg: 100 }

export const add = action({
  summary: 'Add a piece to the stock under its tag',
  input: PieceInput,
  output: WholePiece,
  refuses: ['piece_tag_taken', 'stones_above_gross'],
  example: () => ({ tag: 'RG-0417', ...ring, makingMinor: 450_000, stones: [solitaire] }),
  async run({ input, db }) {
    const { id } = await db.insertInto('piece').values(pieceRow(input)).returning('id').executeTakeFirstOrThrow()
    await addStones(db, id, input)
    return await whole(db, id)
  },
})

export const get = query({
  summary: 'Show a piece with its stones',
  input: z.strictObject({ id: Id }),
  output: WholePiece,
  example: (id) => ({ id: id('piece') }),
  run: ({ input, db }) => whole(db, input.id),
})

export const list = query({
  summary: 'List the pieces, newest first',
  input: z.strictObject({
    ...paging,
    tag: Tag.optional(),
    status: PieceStatus.optional(),
    metal: Metal.optional(),
    purity: Count.min(1).max(1_000).optional(),
    location: Line.max(60).optional(),
  }),
  output: Page(Piece),
  example: () => ({ status: PieceStatus.enum.stock, limit: 50 }),
  run({ input }) {
    let found = pieces
    for (const field of ['tag', 'status', 'metal', 'purity', 'location'] as const) {
      const wanted = input[field]
      if (wanted !== undefined) found = found.where(field, '=', wanted)
    }
    return page(found, input)
  },
})

export const update = action({
  summary: 'Replace what is known of a piece that is in stock',
  input: PieceInput.extend({ id: Id }),
  output: WholePiece,
  refuses: ['piece_tag_taken', 'stones_above_gross', ...notInStock()],
  example: (id) => ({ id: id('movingPiece'), tag: 'RG-0418', ...ring, location: 'Window', stones: [solitaire] }),
  async run({ input: { id, ...input }, db }) {
    await inStock(db, id)
    await db.updateTable('piece').set(pieceRow(input)).where('id', '=', id).execute()
    await db.deleteFrom('piece_stone').where('piece_id', '=', id).execute()
    await addStones(db, id, input)
    return await whole(db, id)
  },
})

export const withdraw = action({
  summary: 'Take a piece out of the stock, and say why',
  input: z.strictObject({ id: Id, reason: Text.min(3).max(500) }),
  output: Piece,
  rate: 'sensitive',
  refuses: notInStock(),
  example: (id) => ({ id: id('withdrawnPiece'), reason: 'sent to be melted' }),
  async run({ input, db }) {
    await inStock(db, input.id)
    return one(
      db
        .updateTable('piece')
        .set({ status: 'out', out_reason: input.reason })
        .where('id', '=', input.id)
        .returning(columns)
        .$narrowType<Words>(),
    )
  },
})

export const restore = action({
  summary: 'Take a piece back into the stock',
  input: z.strictObject({ id: Id }),
  output: Piece,
  refuses: ['piece_is_not_out'],
  example: (id) => ({ id: id('outPiece') }),
  async run({ input, db }) {
    const { status } = await locked(db, input.id)
    if (status !== 'out') throw refuse('piece_is_not_out')
    return one(
      db
        .updateTable('piece')
        .set({ status: 'stock', out_reason: null })
        .where('id', '=', input.id)
        .returning(columns)
        .$narrowType<Words>(),
    )
  },
})

const exported = download({
  summary: 'Take all pieces as a file',
  file: { name: 'pieces', types: ['text/csv', 'application/jsonl'] },
  input: z.strictObject(formats),
  output: Piece,
  example: () => ({}),
  run: ({ input, db }) => file([db.selectFrom('piece').select(columns).$narrowType<Words>()], input.format),
})

/** Stones are entered with the piece itself: a row has no room for lines. */
const PieceRow = PieceInput.omit({ stones: true })

const importIt = action({
  summary: 'Add pieces from a table, all or none; a dry run only says what is wrong with it',
  input: z.strictObject(sheetInput),
  output: SheetResult,
  rate: 'sensitive',
  refuses: ['piece_tag_taken', 'stones_above_gross'],
  example: () => ({ csv: 'tag,description,metal,purity,grossMg\r\nRG-0419,Ring,gold,916,4120\r\n', dryRun: true }),
  async run({ input: { csv, dryRun }, db }) {
    const sheet = readSheet(PieceRow, csv)
    const tags = sheet.rows.map(({ row }) => row.tag)
    const known = tags.length ? await db.selectFrom('piece').select('tag').where('tag', 'in', tags).execute() : []
    taken(sheet, 'tag', new Set(known.map(({ tag }) => tag)), 'piece_tag_taken')
    for (const { at, row } of sheet.rows)
      if (row.stoneMg > row.grossMg) sheet.problems.push({ row: at, column: 'stoneMg', code: 'stones_above_gross' })
    const { problems, count } = sheet
    if (dryRun || problems.length > 0 || count === 0) return { rows: count, added: 0, problems }
    await db
      .insertInto('piece')
      .values(sheet.rows.map(({ row }) => pieceRow(row)))
      .execute()
    return { rows: count, added: count, problems }
  },
})
export { exported as export, importIt as import }

async function addStones(db: Kysely<Tables>, id: string, { stones }: PieceInput) {
  if (stones.length === 0) return
  const lines = stones.map(({ caratPoints, priceMinor, ...rest }, at) => ({
    ...rest,
    piece_id: id,
    position: at + 1,
    carat_points: caratPoints,
    price_minor: priceMinor,
  }))
  await db.insertInto('piece_stone').values(lines).execute()
}

const whole = (db: Kysely<Tables>, id: string) =>
  db
    .selectFrom('piece')
    .select(columns)
    .select((eb) =>
      jsonArrayFrom(
        eb.selectFrom('piece_stone').select(stoneColumns).where('piece_id', '=', id).orderBy('position'),
      ).as('stones'),
    )
    .$narrowType<Words>()
    .where('id', '=', id)
    .executeTakeFirstOrThrow(notFound)

const locked = (db: Kysely<Tables>, id: string) =>
  db.selectFrom('piece').select('status').where('id', '=', id).forUpdate().executeTakeFirstOrThrow(notFound)

async function inStock(db: Kysely<Tables>, id: string) {
  const { status } = await locked(db, id)
  if (status !== 'stock') throw refuse(`piece_is_${status}`)
}

function notInStock() {
  return ['piece_is_reserved', 'piece_is_sold', 'piece_is_out']
}
