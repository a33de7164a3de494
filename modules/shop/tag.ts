import { z } from 'zod'
import { Id, Line, Moment, oneOf, Text } from '#kernel'
import { GramMinor, Metal, PartMinor, PerMille, Purity, WeightMg } from './metal.ts'

/** A piece as its tag tells it, as it is kept and as it is shown; what it cost is told nowhere here. */

/** A necklace of many stones is entered by kind and size, not stone by stone. */
const MOST_STONES = 50

/** As it is printed on the tag and read by a scanner. */
export const Tag = z.string().regex(/^[A-Z0-9][A-Z0-9-]{0,23}$/)
export const PieceStatus = oneOf('stock', 'reserved', 'sold', 'out')
export type PieceStatus = z.output<typeof PieceStatus>

const fields = {
  tag: Tag,
  description: Line,
  metal: Metal,
  purity: Purity,
  grossMg: WeightMg.min(1),
  stoneMg: WeightMg.default(0),
  count: z.int().min(1).max(10_000).default(1),
  hallmark: Line.max(40).nullable().default(null),
  location: Line.max(60).default('Shop'),
  /** For the piece, for each gram of it, and as a share of its metal's price: together they are the making. */
  makingMinor: PartMinor.default(0),
  makingPerGramMinor: GramMinor.default(0),
  makingPerMille: PerMille.default(0),
  wastagePerMille: PerMille.default(0),
}

const Stone = z.strictObject({
  description: Line,
  count: z.int().min(1).max(10_000).default(1),
  caratPoints: z.int().min(0).max(1_000_000),
  grade: Line.max(60).nullable().default(null),
  certificate: Line.max(60).nullable().default(null),
  priceMinor: PartMinor,
})
export const PieceInput = z.strictObject({ ...fields, stones: z.array(Stone).max(MOST_STONES).default([]) })
export type PieceInput = z.output<typeof PieceInput>

export const Piece = z.strictObject({
  id: Id,
  createdAt: Moment,
  ...fields,
  grossMg: z.int(),
  netMg: z.int(),
  status: PieceStatus,
  invoiceId: Id.nullable(),
  outReason: Text.nullable(),
})
export const WholePiece = Piece.extend({ stones: z.array(Stone) })

export const columns = [
  'id',
  'created_at as createdAt',
  'tag',
  'description',
  'metal',
  'purity',
  'gross_mg as grossMg',
  'stone_mg as stoneMg',
  'net_mg as netMg',
  'count',
  'hallmark',
  'location',
  'making_minor as makingMinor',
  'making_per_gram_minor as makingPerGramMinor',
  'making_per_mille as makingPerMille',
  'wastage_per_mille as wastagePerMille',
  'status',
  'invoice_id as invoiceId',
  'out_reason as outReason',
] as const
export const stoneColumns = [
  'description',
  'count',
  'carat_points as caratPoints',
  'grade',
  'certificate',
  'price_minor as priceMinor',
] as const
export const pieceRow = (piece: Omit<PieceInput, 'stones'>) => ({
  tag: piece.tag,
  description: piece.description,
  metal: piece.metal,
  purity: piece.purity,
  gross_mg: piece.grossMg,
  stone_mg: piece.stoneMg,
  net_mg: piece.grossMg - piece.stoneMg,
  count: piece.count,
  hallmark: piece.hallmark,
  location: piece.location,
  making_minor: piece.makingMinor,
  making_per_gram_minor: piece.makingPerGramMinor,
  making_per_mille: piece.makingPerMille,
  wastage_per_mille: piece.wastagePerMille,
})
