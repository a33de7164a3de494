/**
 * One bit of a value as Postgres writes it, in the form in which it is stored as far as that can be told from outside.
 */
export type Kind = 'uuid' | 'text' | 'secret' | 'bytea' | 'int4' | 'int8' | 'xid8' | 'timestamptz' | 'jsonb'

/** Undefined where the bit that the dice chose makes nothing that could be stored. */
export function flipped(kind: Kind, value: string, throwOf: (sides: number) => number): string | undefined {
  const bit = 1 << throwOf(8)
  if (kind === 'bytea') return `\\x${turned(Buffer.from(value.slice(2), 'hex'), bit, throwOf).toString('hex')}`
  if (kind === 'uuid') return turned(Buffer.from(value.replaceAll('-', ''), 'hex'), bit, throwOf).toString('hex')
  if (kind === 'int4' || kind === 'int8' || kind === 'xid8') return String(BigInt(value) ^ (1n << BigInt(throwOf(31))))
  if (kind === 'timestamptz') return later(value, throwOf)
  const bytes = turned(Buffer.from(value), bit, throwOf)
  const text = bytes.toString()
  return text.includes('\0') || !Buffer.from(text).equals(bytes) ? undefined : text
}

function turned(bytes: Buffer, bit: number, throwOf: (sides: number) => number): Buffer {
  const at = throwOf(bytes.length)
  bytes[at] = bytes[at]! ^ bit
  return bytes
}

/** By a power of two of microseconds, from one to some weeks. */
function later(value: string, throwOf: (sides: number) => number): string {
  const micro = 2 ** throwOf(41)
  const [, whole, fraction = ''] = /^(.*?)(?:\.(\d+))?\+00$/.exec(value)!
  const total =
    BigInt(Date.parse(`${whole!.replace(' ', 'T')}Z`)) * 1_000n + BigInt(fraction.padEnd(6, '0')) + BigInt(micro)
  const date = new Date(Number(total / 1_000_000n) * 1_000).toISOString().slice(0, 19)
  return `${date}.${String(total % 1_000_000n).padStart(6, '0')}+00`
}
