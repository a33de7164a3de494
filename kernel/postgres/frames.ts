/**
 * The few messages of Postgres's extended protocol that a batch is made of, written one behind the other into one piece
 * of memory: a whole request then leaves in one write, where a write for each message would cost more than running it.
 */
export type Frame = {
  /** Under which the server keeps the statement; empty for one that is gone with the next. */
  name: string
  /** The text, where the server is yet to parse it. */
  parse: string | undefined
  values: readonly (string | Buffer | null)[]
  describe: boolean
}

/** Parses where needed, binds and runs each, and asks for one answer to all. */
export function encode(frames: readonly Frame[]): Buffer {
  at = 0
  for (const { name, parse, values, describe } of frames) {
    if (parse !== undefined) addParse(name, parse)
    addBind(name, values)
    if (describe) add(DESCRIBE)
    add(EXECUTE)
  }
  add(SYNC)
  // The socket keeps what it cannot send at once, and the next batch is written over this one.
  const written = Buffer.from(space.subarray(0, at))
  if (space.length > KEPT_BYTES) space = Buffer.allocUnsafe(KEPT_BYTES)
  return written
}

/** Room for all but the rarest batch; what a large one needed is let go again. */
const KEPT_BYTES = 65_536
let space = Buffer.allocUnsafe(KEPT_BYTES)
let at = 0

/** Each ends with a length that counts itself: the unnamed portal is described, run to its end, and that was all. */
const DESCRIBE = Buffer.from('D\0\0\0\x06P\0', 'latin1')
const EXECUTE = Buffer.from('E\0\0\0\x09\0\0\0\0\0', 'latin1')
const SYNC = Buffer.from('S\0\0\0\x04', 'latin1')

function addParse(name: string, text: string) {
  const start = open('P')
  addText(name)
  addText(text)
  addInt16(0)
  close(start)
}

/** To the unnamed portal; every value, and every column of the answer, as text. */
function addBind(name: string, values: Frame['values']) {
  const start = open('B')
  addText('')
  addText(name)
  addInt16(values.some(isBytes) ? values.length : 0)
  if (values.some(isBytes)) for (const value of values) addInt16(isBytes(value) ? 1 : 0)
  addInt16(values.length)
  for (const value of values) addValue(value)
  addInt16(0)
  close(start)
}

const isBytes = (value: Frame['values'][number]) => typeof value === 'object' && value !== null

function addValue(value: Frame['values'][number]) {
  if (value === null) return addInt32(-1)
  const length = typeof value === 'string' ? Buffer.byteLength(value) : value.length
  addInt32(length)
  makeRoom(length)
  if (typeof value === 'string') space.write(value, at)
  else value.copy(space, at)
  at += length
}

function open(letter: 'P' | 'B'): number {
  makeRoom(5)
  space[at] = letter.charCodeAt(0)
  at += 5
  return at - 4
}

const close = (start: number) => space.writeInt32BE(at - start, start)

function addText(text: string) {
  makeRoom(text.length * 3 + 1)
  at += space.write(text, at)
  space[at++] = 0
}

function addInt16(value: number) {
  makeRoom(2)
  at = space.writeInt16BE(value, at)
}

function addInt32(value: number) {
  makeRoom(4)
  at = space.writeInt32BE(value, at)
}

function add(message: Buffer) {
  makeRoom(message.length)
  message.copy(space, at)
  at += message.length
}

function makeRoom(bytes: number) {
  if (at + bytes <= space.length) return
  const larger = Buffer.allocUnsafe(Math.max(space.length * 2, at + bytes))
  space.copy(larger, 0, 0, at)
  space = larger
}
