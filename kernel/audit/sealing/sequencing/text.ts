import { hash } from 'node:crypto'
import { canonical } from '../../log/canonical.ts'
import { sealable, type Facts, type Halves, type Who } from '../../log/leaf.ts'

/**
 * What the log's own parts define, written down at once: the shape of a leaf is known, and what Postgres wrote as JSON
 * is read only once. It is for speed alone, and a test holds it against them.
 */
export const whoText = ({ actorName, address, userAgent }: Who): string =>
  `{"actorName":${quoted(actorName)},"address":${quoted(address)},"userAgent":${quoted(userAgent)}}`

export const whatText = (input: string | null, changes: string | null): string =>
  `{"changes":${jsonText(changes)},"input":${jsonText(input)}}`

export const leafText = (facts: Facts, seq: number, previous: Buffer | null, { who, what }: Halves): string =>
  `{"action":${quoted(facts.action)},"actorId":${quoted(facts.actorId)},"actorKind":${quoted(facts.actorKind)},` +
  `"at":"${facts.at}","id":"${facts.id}","outcome":${quoted(facts.outcome)},` +
  `"previous":${previous === null ? 'null' : `"${previous.toString('base64')}"`},` +
  `"requestId":${quoted(facts.requestId)},"seq":${seq},"target":${quoted(facts.target)},` +
  `"transaction":"${facts.transaction}","version":1,"what":"${what.toString('base64')}",` +
  `"who":"${who.toString('base64')}","workspace":"${facts.workspace}"}`

/** Postgres has no half characters, so what JSON escapes is all there is to be escaped. */
const quoted = (text: string | null) => (text === null ? 'null' : JSON.stringify(text))

/** The canonical form of what `sealable` makes of it. */
function jsonText(json: string | null): string {
  if (json === null) return 'null'
  if (RARE.test(json)) return canonical(sealable(json))
  const value: unknown = JSON.parse(json)
  const text = plainText(value, 0)
  return text ?? canonical(sealable(json))
}

/** Numbers that have a fraction or an exponent, are long, or nothing with a sign: whatever is not read as it stands. */
const RARE = /(?:^|[[:,])\s*(?:-0|-?\d{16}|-?\d+[.eE])/

/** Far less deep than is refused; undefined for what is deeper, so that there is one place that decides. */
const DEEP_levels = 100

function plainText(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (depth > DEEP_levels) return undefined
  return Array.isArray(value) ? listText(value, depth + 1) : recordText(value as Record<string, unknown>, depth + 1)
}

function listText(values: readonly unknown[], depth: number): string | undefined {
  let [text, between] = ['[', '']
  for (const value of values) {
    const one = plainText(value, depth)
    if (one === undefined) return undefined
    text += between + one
    between = ','
  }
  return `${text}]`
}

function recordText(record: Record<string, unknown>, depth: number): string | undefined {
  let [text, between] = ['{', '']
  for (const key of Object.keys(record).sort()) {
    const one = plainText(record[key], depth)
    if (one === undefined) return undefined
    text += `${between}${JSON.stringify(key)}:${one}`
    between = ','
  }
  return `${text}}`
}

/** The salt first, of which the length is fixed. */
export function saltedHash(salt: Buffer, text: string): Buffer {
  const most = SALT_BYTES + text.length * 3
  const into = most <= space.length ? space : Buffer.allocUnsafe(most)
  into.set(salt, 0)
  return hash('sha256', into.subarray(0, SALT_BYTES + into.write(text, SALT_BYTES)), 'buffer')
}

const SALT_BYTES = 32
/** The same memory each time: nothing waits between filling it and reading it. */
const space = Buffer.alloc(65_536)
