import { createPublicKey, hash, verify } from 'node:crypto'
import type { Canary, Live, Told } from '../../contract/control.ts'
import { insistOn, outside } from './canaries.ts'

/**
 * What anybody can find out of a log from outside: the head that it signed and the hashes of its tree, fetched as
 * files. Written from RFC 6962 and C2SP's signed-note, tlog-checkpoint and tlog-tiles, and not from the code that is
 * looked at.
 */
export type Head = { origin: string; size: number; root: string }
/** A realm has one log after the other, if one of them was lost. */
export type Published = { epoch: number; key: string; head: Head; tiles: Tiles }

/** Fetches each log once: those of a shared realm have the same, and a probe pays like any stranger. */
export function readerOf(live: Live) {
  const known = new Map<string, Promise<Published>>()
  return async (canary: Canary): Promise<Published> => {
    const [log] = await outside(canary, OPEN)
    if (!log) throw new Error('there is no log to look at')
    const origin = String(log['origin'])
    const found = known.get(origin) ?? published(live, origin, String(log['key']))
    known.set(origin, found)
    return await found
  }
}

const OPEN = 'select origin, public_key as key from audit.log where closed_at is null'

/** The log's name says which realm it is of, and so does its address. */
async function published(live: Live, origin: string, key: string): Promise<Published> {
  const path = `/audit/${origin.split('/').slice(1).join('/')}`
  const note = insistOn(await live.http(`${path}/checkpoint`), 'the head of a log').text
  const head = headIn(note, origin, key)
  return { epoch: Number(origin.split('/').at(-1)), key, head, tiles: tilesOf(live, path, head.size) }
}

/** Throws unless this key signed it, as a head of this log. */
export function headIn(note: string, origin: string, key: string): Head {
  const end = note.lastIndexOf('\n\n') + 1
  const text = note.slice(0, end)
  const signed = note
    .slice(end + 1)
    .split('\n')
    .some((line) => isSignature(line, text, origin, key))
  const [name, size, root] = text.split('\n')
  if (end === 0 || !signed || name !== origin || !/^\d+$/.test(size ?? '') || !root)
    throw new Unsigned(`the head of ${origin} is not signed by its key`)
  return { origin, size: Number(size), root }
}

export class Unsigned extends Error {}

function isSignature(line: string, text: string, origin: string, key: string): boolean {
  const [dash, name, coded = ''] = line.split(' ')
  // What is written in base64 may have a plus too.
  const [, owner, id = '', half = ''] = /^([^+]*)\+([^+]*)\+(.*)$/.exec(key) ?? []
  const bytes = Buffer.from(coded, 'base64')
  const raw = Buffer.from(half, 'base64')
  const isTheirs = hash('sha256', Buffer.concat([Buffer.from(`${origin}\n`), raw]), 'hex').slice(0, 8) === id
  if (dash !== '—' || name !== origin || owner !== origin || !isTheirs || bytes.subarray(0, 4).toString('hex') !== id)
    return false
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.subarray(1).toString('base64url') }
  const given = createPublicKey({ key: jwk, format: 'jwk' })
  return raw[0] === ED25519 && verify(null, Buffer.from(text), given, bytes.subarray(4))
}

const ED25519 = 1

/** Reads hashes of the tree of this size, each tile once. */
function tilesOf(live: Live, path: string, size: number) {
  const known = new Map<string, Promise<Buffer>>()
  return (level: number, index: number): Promise<Buffer> => {
    const width = Math.min(WIDTH, Math.floor(size / WIDTH ** level) - index * WIDTH)
    const digits = String(index).padStart(3 * Math.ceil(String(index).length / 3), '0')
    const name = digits
      .match(/\d{3}/g)!
      .join('/x')
      .replace(/^(?=.*\/)/, 'x')
      .replace(/x(\d{3})$/, '$1')
    const at = `${path}/tile/${level}/${name}${width < WIDTH ? `.p/${width}` : ''}`
    const found = known.get(at) ?? live.http(at).then((told) => bytesIn(told, width))
    known.set(at, found)
    return found
  }
}

export type Tiles = ReturnType<typeof tilesOf>
const WIDTH = 256

function bytesIn(told: Told, width: number): Buffer {
  const bytes = insistOn(told, 'a tile of the tree').bytes()
  if (bytes.length !== width * HASH_BYTES) throw new Error('a tile of the tree has another length')
  return bytes
}

const HASH_BYTES = 32

/**
 * The root over leaves `from` to `to`, never taking a hash that reaches across one of the cuts: so the roots of two
 * sizes of one tree are made of the same hashes, and a leaf is hashed into the root by itself.
 */
export async function rootOver(tiles: Tiles, from: number, to: number, cuts: readonly number[]): Promise<Buffer> {
  const n = to - from
  if (n === 0) return hash('sha256', Buffer.alloc(0), 'buffer')
  const height = Math.log2(n)
  if (Number.isInteger(height) && !cuts.some((cut) => from < cut && cut < to))
    return await node(tiles, height, from / n)
  const k = 2 ** Math.ceil(height - 1)
  return joined(await rootOver(tiles, from, from + k, cuts), await rootOver(tiles, from + k, to, cuts))
}

async function node(tiles: Tiles, height: number, index: number): Promise<Buffer> {
  const level = Math.floor(height / 8)
  const count = 2 ** (height % 8)
  const first = index * count
  const tile = await tiles(level, Math.floor(first / WIDTH))
  let row = Array.from({ length: count }, (_, at) => hashAt(tile, (first % WIDTH) + at))
  while (row.length > 1) row = row.flatMap((left, at) => (at % 2 ? [] : [joined(left, row[at + 1]!)]))
  return row[0]!
}

export const leafAt = async (tiles: Tiles, index: number): Promise<Buffer> =>
  hashAt(await tiles(0, Math.floor(index / WIDTH)), index % WIDTH)

const hashAt = (tile: Buffer, at: number) => tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)
const joined = (left: Buffer, right: Buffer) => hash('sha256', Buffer.concat([Buffer.of(1), left, right]), 'buffer')
