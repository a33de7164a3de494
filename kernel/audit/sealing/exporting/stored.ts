import { Trouble } from '../../../base/trouble.ts'
import type { Work } from '../../../postgres/work.ts'
import { nodesOf, pathOf, type Tile } from '../../log/tiles.ts'
import { HASH_BYTES, type Hash, type Nodes } from '../../log/tree.ts'

/** Where the log and its tiles lie: the id that no workspace has. */
export const NOBODYS = '00000000-0000-0000-0000-000000000000'

/**
 * The tree of one log as its tiles are stored, for the login that keeps it. What a proof needs is fetched in one
 * statement and kept for the next, as far as memory goes: of a million leaves that is a statement for some hundred
 * proofs.
 */
export function storedTree(keeper: Work, epoch: number, size: number): StoredTree {
  let tiles = new Map<string, Buffer>()
  let nodes = new Map<number, Hash>()
  const read = (tile: Tile) => tiles.get(pathOf(tile))!
  const stored = nodesOf(size, read)
  const known: Nodes = (level, index) => {
    const key = level * LEVEL + index
    let node = nodes.get(key)
    if (!node) nodes.set(key, (node = stored(level, index)))
    return node
  }
  return async (ask) => {
    if (tiles.size > MOST_TILES || nodes.size > MOST_NODES) [tiles, nodes] = [new Map(), new Map()]
    const asked = new Map<string, Tile>()
    ask((level, index) => {
      const tile = tileOf(level, index, size)
      if (!nodes.has(level * LEVEL + index)) asked.set(pathOf(tile), tile)
      return BLANK
    })
    const wanted = [...asked.values()].filter((tile) => !tiles.has(pathOf(tile)))
    for (let at = 0; at < wanted.length; at += AT_ONCE)
      for (const [path, hashes] of await fetched(keeper, epoch, wanted.slice(at, at + AT_ONCE))) tiles.set(path, hashes)
    return ask(known)
  }
}

/** Asked twice: first which tiles it takes, with blank hashes for an answer, and then for the answer. */
export type StoredTree = <T>(ask: (nodes: Nodes) => T) => Promise<T>

/** Where a node is made from; while it is only asked which these are, nothing is hashed. */
function tileOf(node: number, place: number, size: number): Tile {
  const level = Math.floor(node / LEVELS)
  const index = Math.floor((place * 2 ** (node % LEVELS)) / WIDTH)
  return { level, index, width: Math.min(WIDTH, Math.floor(size / WIDTH ** level) - index * WIDTH) }
}

const LEVELS = 8
const WIDTH = 256
const BLANK: Hash = Buffer.alloc(HASH_BYTES)

/** No tree has so many leaves, nor fifty levels. */
const LEVEL = 2 ** 46

/** Eight kilobytes each. */
const MOST_TILES = 250
/** Each is an object of its own, which takes ten times what it holds. */
const MOST_NODES = 50_000
const AT_ONCE = 250

/** A tile that is not there, or is narrower than the tree says, is one that somebody has taken. */
class Missing extends Trouble {
  constructor(what: string) {
    super(`${what}: somebody has taken it away; find out who.`, 5)
  }
}

async function fetched(keeper: Work, epoch: number, tiles: readonly Tile[]): Promise<Map<string, Buffer>> {
  const found = await keeper.run({
    text: TILES,
    name: 'tiles',
    values: [NOBODYS, epoch, tiles.map(({ level }) => level), tiles.map(({ index }) => index)],
  })
  const rows = found.rows as { level: number; n: number; hashes: Buffer }[]
  const hashes = new Map(rows.map((row) => [`${row.level} ${row.n}`, row.hashes]))
  return new Map(
    tiles.map((tile) => {
      const bytes = hashes.get(`${tile.level} ${tile.index}`)
      if (!bytes || bytes.length < tile.width * HASH_BYTES) throw new Missing(`${pathOf(tile)} of the log is gone`)
      return [pathOf(tile), bytes]
    }),
  )
}

const TILES = `select level, n, hashes from audit.tile join unnest($3::int[], $4::bigint[]) wanted (level, n)
  using (level, n) where workspace_id = $1 and epoch = $2`
