import { frontierOf, grown, HASH_BYTES, nodeHash, type Frontier, type Hash, type Nodes } from './tree.ts'

/**
 * The tree as files (c2sp.org/tlog-tiles): a tile holds up to 256 hashes of every eighth level, side by side. It is
 * written once it is full and never again; until then a wider one takes its place, which begins with the narrower. What
 * lies between the levels of two tiles is hashed anew by whoever reads.
 */
export type Tile = { readonly level: number; readonly index: number; readonly width: number }

const LEVELS = 8
const WIDTH = 2 ** LEVELS

/** Where it is served below the address of the log: `tile/0/x001/234/067.p/12`. */
export function pathOf({ level, index, width }: Tile): string {
  const digits = String(index)
  const threes = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g)!
  const name = threes.map((three, at) => (at < threes.length - 1 ? `x${three}` : three)).join('/')
  return `tile/${level}/${name}${width < WIDTH ? `.p/${width}` : ''}`
}

/** The tile that is asked for; undefined for whatever is no path of a tile, spelled otherwise, or beyond any tree. */
export function tileAt(path: string): Tile | undefined {
  const [, level, name, width] = PATH.exec(path) ?? []
  if (level === undefined || name === undefined) return undefined
  const tile = { level: Number(level), index: Number(name.replace(/[x/]/g, '')), width: Number(width ?? WIDTH) }
  return isWithin(tile, Number.MAX_SAFE_INTEGER) && pathOf(tile) === path ? tile : undefined
}

/** As many digits as a number can count exactly; what they say is checked by writing them again. */
const PATH = /^tile\/(\d)\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/

/** Whether a tree of this size has so much of the tile. */
export const isWithin = ({ level, index, width }: Tile, size: number): boolean =>
  width > 0 && index * WIDTH + width <= hashesAt(level, size)

/** How many hashes there are on the level of a tile. */
const hashesAt = (level: number, size: number): number => Math.floor(size / WIDTH ** level)

/** What a tree has at `size` and had not at `older`, lowest level first: what is to be written, or to be fetched. */
export function* tilesSince(older: number, size: number): Generator<Tile> {
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    const [had, has] = [hashesAt(level, older), hashesAt(level, size)]
    for (let at = had - (had % WIDTH); had < has && at < has; at += WIDTH)
      yield { level, index: at / WIDTH, width: Math.min(WIDTH, has - at) }
  }
}

/** The tiles at the right edge that are not full: at most one for each level, and all that is needed to go on. */
export function edgeTiles(size: number): Tile[] {
  const tiles: Tile[] = []
  for (let level = 0, has = size; has > 0; has = hashesAt(++level, size))
    if (has % WIDTH > 0) tiles.push({ level, index: Math.floor(has / WIDTH), width: has % WIDTH })
  return tiles
}

/** The bytes of a tile, or of a wider one in its place. */
export type Read = (tile: Tile) => Uint8Array

/** The nodes of the tree of this size, out of its tiles. */
export const nodesOf =
  (size: number, read: Read): Nodes =>
  (node, index) => {
    const level = Math.floor(node / LEVELS)
    const leaves = 2 ** (node % LEVELS)
    const at = Math.floor((index * leaves) / WIDTH)
    const tile = { level, index: at, width: Math.min(WIDTH, hashesAt(level, size) - at * WIDTH) }
    return perfectRoot(hashesOf(tile, read, (index * leaves) % WIDTH, leaves))
  }

function hashesOf(tile: Tile, read: Read, from = 0, count = tile.width): Hash[] {
  if (from + count > tile.width) throw new RangeError(`${pathOf(tile)} has no ${count} hashes from ${from}`)
  const { buffer, byteOffset, byteLength } = read(tile)
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  if (bytes.length < tile.width * HASH_BYTES) throw new RangeError(`${pathOf(tile)} is cut short`)
  return Array.from({ length: count }, (_, at) => bytes.subarray((from + at) * HASH_BYTES).subarray(0, HASH_BYTES))
}

function perfectRoot(hashes: readonly Hash[]): Hash {
  let row = hashes
  while (row.length > 1) row = row.flatMap((left, at) => (at % 2 === 0 ? [nodeHash(left, row[at + 1]!)] : []))
  return row[0]!
}

/**
 * Which tiles a proof needs, so that they can be fetched before it is made: `ask` is what will ask for nodes again when
 * they are there, and is told of none that exists.
 */
export function tilesFor(size: number, ask: (nodes: Nodes) => unknown): Tile[] {
  const wanted = new Map<string, Tile>()
  const note = (tile: Tile) => {
    wanted.set(pathOf(tile), tile)
    return BLANK
  }
  ask(nodesOf(size, note))
  return [...wanted.values()]
}

const BLANK = Buffer.alloc(WIDTH * HASH_BYTES)

/** The right edge of a growing tree: its frontier, and the hashes of each level's tile that is not full. */
export type Edge = { readonly frontier: Frontier; readonly rows: readonly (readonly Hash[])[] }

export const EMPTY_EDGE: Edge = { frontier: { size: 0, hashes: [] }, rows: [] }

/** The edge of a tree that was stored; `read` is asked for its `edgeTiles`. */
export function edgeOf(size: number, read: Read): Edge {
  const rows: Hash[][] = []
  for (const tile of edgeTiles(size)) rows[tile.level] = hashesOf(tile, read)
  return { frontier: frontierOf(size, nodesOf(size, read)), rows: Array.from(rows, (row) => row ?? []) }
}

export type WrittenTile = Tile & { readonly bytes: Buffer }

/** The edge after these leaves, and the tiles to be written: those that are full now, and what grew beside them. */
export function extended(edge: Edge, leaves: Iterable<Hash>): { edge: Edge; tiles: WrittenTile[] } {
  const rows = edge.rows.map((row) => [...row])
  const tiles: WrittenTile[] = []
  const keep = (node: number, index: number, hash: Hash) => {
    if (node % LEVELS > 0) return
    const level = node / LEVELS
    const row = (rows[level] ??= [])
    if (row.push(hash) < WIDTH) return
    tiles.push({ level, index: Math.floor(index / WIDTH), width: WIDTH, bytes: Buffer.concat(row) })
    rows[level] = []
  }
  const frontier = grown(edge.frontier, leaves, keep)
  const before = new Set(edgeTiles(edge.frontier.size).map(pathOf))
  for (const tile of edgeTiles(frontier.size))
    if (!before.has(pathOf(tile))) tiles.push({ ...tile, bytes: Buffer.concat(rows[tile.level]!) })
  return { edge: { frontier, rows }, tiles }
}
