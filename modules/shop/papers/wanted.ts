import type { Kysely } from 'kysely'
import { notFound } from '#kernel'
import { lineColumns } from './line.ts'
import type { DraftLine, Wanted } from './line.ts'
import type { Metal } from '../metal.ts'
import type { PieceTerms } from '../pricing/price.ts'
import type { Tables } from '../tables.ts'

/** What a paper's lines are about: what was typed, what a piece's tag says, or what an earlier paper promised. */
export async function asWanted(db: Kysely<Tables>, lines: readonly DraftLine[], holds: boolean): Promise<Wanted[]> {
  const pieces = await piecesOf(db, lines, holds)
  return lines.map((line) => {
    if (!('pieceId' in line)) {
      const { makingMinor, ...rest } = line
      return { ...rest, pieceId: null, makingFixedMinor: makingMinor }
    }
    const { description, metal, purity, terms } = pieces.get(line.pieceId)!
    return {
      pieceId: line.pieceId,
      description,
      metal,
      purity,
      weightMg: terms.weightMg,
      rateMinor: line.rateMinor,
      wastagePerMille: line.wastagePerMille ?? terms.wastagePerMille,
      makingFixedMinor: line.makingMinor ?? terms.makingFixedMinor,
      makingPerGramMinor: line.makingPerGramMinor ?? terms.makingPerGramMinor,
      makingPerMille: line.makingPerMille ?? terms.makingPerMille,
      stonesMinor: line.stonesMinor ?? terms.stonesMinor,
      discountMinor: line.discountMinor,
      taxPerMille: line.taxPerMille,
      terms,
    }
  })
}

/** The lines of an earlier paper, to be written again. */
export async function asDrafted(db: Kysely<Tables>, id: string): Promise<Wanted[]> {
  const lines = await db
    .selectFrom('invoice_line')
    .select(lineColumns)
    .$narrowType<{ metal: Metal }>()
    .where('invoice_id', '=', id)
    .orderBy('position')
    .execute()
  return lines.map(
    ({ metalMinor, wastageMinor, makingMinor, includedMinor, taxableMinor, taxMinor, totalMinor, ...line }) => line,
  )
}

type Known = { description: string; metal: Metal; purity: number; terms: PieceTerms }

/** Locked in the order of their ids, so that two papers about the same pieces wait for each other and never cross. */
async function piecesOf(db: Kysely<Tables>, lines: readonly DraftLine[], holds: boolean): Promise<Map<string, Known>> {
  const ids = [...new Set(lines.flatMap((line) => ('pieceId' in line ? line.pieceId : [])))]
  if (ids.length === 0) return new Map()
  const known = db
    .selectFrom('piece')
    .select(['id', 'description', 'metal', 'purity', 'net_mg', 'wastage_per_mille'])
    .select(['making_minor', 'making_per_gram_minor', 'making_per_mille'])
    .$narrowType<{ metal: Metal }>()
    .where('id', 'in', ids)
    .orderBy('id')
  const found = await (holds ? known.forUpdate() : known).execute()
  if (found.length < ids.length) throw notFound()
  const stones = await db
    .selectFrom('piece_stone')
    .select(['piece_id', 'price_minor'])
    .where('piece_id', 'in', ids)
    .execute()
  const priceOfStones = (id: string) =>
    stones.reduce((total, { piece_id, price_minor }) => (piece_id === id ? total + price_minor : total), 0)
  return new Map(
    found.map(({ id, description, metal, purity, ...piece }) => {
      const terms = {
        weightMg: piece.net_mg,
        wastagePerMille: piece.wastage_per_mille,
        makingFixedMinor: piece.making_minor,
        makingPerGramMinor: piece.making_per_gram_minor,
        makingPerMille: piece.making_per_mille,
        stonesMinor: priceOfStones(id),
      }
      return [id, { description, metal, purity, terms }]
    }),
  )
}
