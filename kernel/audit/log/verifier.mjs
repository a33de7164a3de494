#!/usr/bin/env node
/**
 * Checks the export of an audit log offline, and trusts neither whoever wrote the file nor the software that wrote it:
 * this one file and any Node from version 20 are enough.
 *
 *   node verifier.mjs EXPORT [--key KEY] [--since FILE]
 *
 * KEY is the log's verification key, as you were given it before; without it the key in the file is taken, and whoever
 * can rewrite the file can replace that. FILE is a checkpoint of the log that you kept, or an earlier export.
 *
 * An export is JSON Lines: a header, one line for each entry, a footer. There is one way to write it (canonical JSON,
 * RFC 8785), and nothing in it goes unchecked:
 *
 *   1  the header's checkpoint is signed with the key, and says how many leaves the log's tree had, and its root. So is
 *      its tally of the entries of this workspace that were among them: none is missing at the end.
 *   2  entries are numbered from 1 without gaps, and each names the hash of the one before: none is missing between.
 *   3  each entry's leaf, hashed with the hashes beside it, gives the tree's root: it is what was sealed.
 *   4  each entry's payload, hashed behind its salt, is what its leaf says; or it says that the payload was erased.
 *   5  the tree continues an earlier one, if the header proves that, and the one of --since, if that is given.
 *
 * Exit code: 0 all holds, 5 something does not, 2 you were misunderstood, 3 a file cannot be read.
 */
import { createHash, verify as isSigned } from 'node:crypto'
import { createReadStream, readFileSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export async function main(args) {
  try {
    const options = { key: { type: 'string' }, since: { type: 'string' } }
    const { values: given, positionals } = parseArgs({ args, options, allowPositionals: true })
    if (positionals.length !== 1) throw new Error('Say which file: EXPORT [--key KEY] [--since FILE].')
    if (given.since !== undefined) given.since = await keptIn(given.since)
    console.log(printable(inWords(await verify(createReadStream(positionals[0]), given, tellProgress))))
    return 0
  } catch (error) {
    console.error(printable(error.message))
    return error instanceof Fault ? 5 : error.syscall ? 3 : 2
  }
}

/** What is wrong with the file, as a sentence. */
class Fault extends Error {}

function insist(holds, sentence) {
  if (!holds) throw new Fault(sentence)
}

/** Reads bytes in pieces of any size, and either says what the export holds or throws the first fault. */
export async function verify(pieces, given = {}, progress = () => {}) {
  const log = { entries: 0, erased: 0, previous: null, index: -1, line: 0, ended: false }
  for await (const bytes of linesOf(pieces)) {
    log.line += 1
    try {
      const record = recordOf(bytes)
      insist(!log.ended, 'the file goes on after its footer')
      if (log.line === 1) Object.assign(log, checkHeader(record, given))
      else if ('leaf' in record) checkEntry(record, log)
      else checkFooter(record, log)
    } catch (error) {
      // Whatever a line does to this program is a fault of the line.
      const entry = log.line > 1 && bytes.includes('"leaf"') ? ` (entry ${log.entries + 1})` : ''
      throw new Fault(`Line ${log.line}${entry}: ${error.message}.`)
    }
    progress(log.entries)
  }
  insist(log.ended, `The file ends after line ${log.line}, before its footer: its tail was cut.`)
  return log
}

/** An entry holds a request and its proof; nothing that is written comes near this. */
const LONGEST_LINE_BYTES = 16 * 1024 * 1024
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

async function* linesOf(pieces) {
  let rest = []
  for await (const piece of pieces) {
    let from = 0
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', from)) {
      yield Buffer.concat([...rest, piece.subarray(from, end)])
      rest = []
      from = end + 1
    }
    rest.push(piece.subarray(from))
    const held = rest.reduce((sum, { length }) => sum + length, 0)
    insist(held <= LONGEST_LINE_BYTES, 'The file has a line that is too long to be an entry.')
  }
  insist(Buffer.concat(rest).length === 0, 'The file ends in the middle of a line: its tail was cut.')
}

function recordOf(bytes) {
  const text = utf8.decode(bytes)
  const record = JSON.parse(text)
  insist(isObject(record), 'it is no JSON object')
  insist(canonical(record) === text, 'it is not written as canonical JSON')
  return record
}

const HEADER = ['checkpoint', 'consistency', 'format', 'key', 'origin', 'tally', 'workspace']

function checkHeader(header, given) {
  const { workspace, origin, consistency } = header
  insistOnFields(header, HEADER)
  insist(header.format === 'vouchsafe-audit-export/1', 'it is of a format that is not known here')
  insist((given.key ?? header.key) === header.key, 'the log has another key than yours')
  const key = keyFrom(header.key)
  const checkpoint = readCheckpoint(opened(header.checkpoint, key))
  insist(checkpoint.origin === origin, 'the checkpoint is of a log of another name')
  if (consistency !== null) checkConsistency(consistency, checkpoint)
  const since = given.since && readCheckpoint(opened(given.since.checkpoint, key))
  if (since) checkSince(since, checkpoint, consistency)
  const kept = given.since?.tally && readTally(opened(given.since.tally, key), workspace)
  const tally = opened(header.tally, key)
  return { workspace, origin, key, isGiven: 'key' in given, checkpoint, tally, since, kept }
}

/** `NAME+ID+KEY`, where the id is the beginning of a hash over the other two, and 1 stands for Ed25519 (C2SP). */
function keyFrom(text) {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? []
  insist(name, 'the key is not written as a key')
  const bytes = decoded(encoded, 33)
  insist(bytes[0] === 1, 'the key is not for Ed25519')
  const hash = sha256(Buffer.from(`${name}\n`), bytes)
  insist(hash.toString('hex', 0, 4) === id, 'the key is not the one that it is called')
  return { text, name, id, jwk: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url', 1) } }
}

/** A signed note (C2SP): a text, an empty line, signatures. Those of other keys say nothing to us. */
function opened(note, key) {
  const [, text, signatures] = /^((?:.+\n)+)\n((?:\u2014 \S+ \S+\n)+)$/.exec(note) ?? []
  insist(text, 'a checkpoint or tally is not written as a signed note')
  const ours = signatures.split('\n').flatMap((line) => {
    const [, name, encoded] = line.split(' ')
    return name === key.name && Buffer.from(encoded, 'base64').toString('hex', 0, 4) === key.id ? [encoded] : []
  })
  insist(ours.length === 1, 'a checkpoint or tally is not signed with the key')
  const signature = decoded(ours[0], 68).subarray(4)
  const isOurs = isSigned(null, Buffer.from(text), { key: key.jwk, format: 'jwk' }, signature)
  insist(isOurs, 'the signature of a checkpoint or tally is not of what it says')
  return text
}

/** Which log it is of, how many leaves its tree had, and the root (C2SP). */
function readCheckpoint(text) {
  const [, origin, size, root] = /^(\S+)\n(0|[1-9]\d{0,14})\n(\S+)\n$/.exec(text) ?? []
  insist(origin, 'the checkpoint is not written as a checkpoint')
  return { text, origin, size: Number(size), root: decoded(root, 32) }
}

/** How many entries of a workspace were in the tree of a checkpoint, which was the last, and the checkpoint's text. */
const writeTally = (workspace, { entries, previous, checkpoint }) =>
  `workspace ${workspace}\n${entries}\n${previous ?? '-'}\n${checkpoint.text}`

function readTally(text, workspace) {
  const [kind, entries, last] = text.split('\n')
  return kind === `workspace ${workspace}` ? { entries: Number(entries), last } : undefined
}

function checkConsistency(consistency, checkpoint) {
  insistOnFields(consistency, ['hashes', 'root', 'size'])
  const { size, hashes } = consistency
  insist(isCount(size) && size > 0 && size <= checkpoint.size, 'the earlier tree is not smaller than the later one')
  const [root, path] = [decoded(consistency.root, 32), hashesFrom(hashes)]
  const [before, after] = rootsOf(size, checkpoint.size, path, root)
  const holds = path.length === 0 && before.equals(root) && after.equals(checkpoint.root)
  insist(holds, 'the proof that the log continues an earlier one is wrong')
}

function checkSince({ origin, size, root }, checkpoint, consistency) {
  insist(origin === checkpoint.origin, 'your earlier checkpoint is of a log of another name')
  insist(size <= checkpoint.size, 'the log is shorter than it was at your earlier checkpoint')
  if (size === 0) return
  const before = size === checkpoint.size ? { size, root: checkpoint.root.toString('base64') } : consistency
  insist(before?.size === size, 'it does not prove that the log continues your earlier checkpoint')
  insist(before.root === root.toString('base64'), 'the log says something else than at your earlier checkpoint')
}

/** What a leaf says of the act, and of its own place; and what is written beside a leaf. */
const FACTS = ['action', 'actorId', 'actorKind', 'at', 'id', 'outcome', 'requestId', 'target', 'workspace']
const LEAF = [...FACTS, 'personal', 'previous', 'seq', 'version'].sort()
const KEPT = ['hashes', 'index', 'leaf', 'payload', 'salt']
const ERASED = ['erased', 'hashes', 'index', 'leaf']

function checkEntry(record, log) {
  const { leaf, index, hashes, erased } = record
  insistOnFields(record, erased ? ERASED : KEPT)
  insistOnFields(leaf, LEAF)
  insist(leaf.version === 1, 'its leaf is of a version that is not known here')
  insist(leaf.workspace === log.workspace, 'it is of another workspace')
  insist(leaf.seq === log.entries + 1, `it is numbered ${leaf.seq}: some are missing, doubled or out of order`)
  insist(leaf.previous === log.previous, 'it does not name the entry before it')
  insist(isCount(index) && index > log.index && index < log.checkpoint.size, 'it has no such place in the log')
  const hash = sha256(Buffer.from([0]), Buffer.from(canonical(leaf)))
  const path = hashesFrom(hashes)
  const root = rootOf(index, log.checkpoint.size, path, hash)
  insist(path.length === 0 && root.equals(log.checkpoint.root), `it is not what was sealed (${leaf.id})`)
  insist(erased === undefined ? hasPayload(record) : erased === true, `its payload is not what was sealed (${leaf.id})`)
  const previous = hash.toString('base64')
  if (leaf.seq === log.kept?.entries) insist(previous === log.kept.last, 'it was another at your earlier checkpoint')
  const counts = { entries: log.entries + 1, erased: log.erased + (erased ? 1 : 0) }
  Object.assign(log, counts, { previous, index, first: log.first ?? leaf, last: leaf })
}

function hasPayload({ leaf, payload, salt }) {
  return sha256(decoded(salt, 32), Buffer.from(canonical(payload))).toString('base64') === leaf.personal
}

function checkFooter(footer, log) {
  insistOnFields(footer, ['entries', 'erased'])
  insist(footer.entries === log.entries && footer.erased === log.erased, 'it does not count what the file holds')
  insist(writeTally(log.workspace, log) === log.tally, 'the log has not counted these entries, but others')
  insist(log.entries >= (log.kept?.entries ?? 0), 'there were more entries at your earlier checkpoint')
  log.ended = true
}

/** The tree of RFC 6962, from its definitions. A path is taken from its end, where the root is. */
const node = (left, right) => sha256(Buffer.from([1]), left, right)

/** The largest power of two below it: so many leaves are on the left. */
const leftOf = (size, left = 1) => (left * 2 < size ? leftOf(size, left * 2) : left)

function rootOf(index, size, path, hash) {
  if (size === 1) return hash
  const [left, other] = [leftOf(size), next(path)]
  if (index < left) return node(rootOf(index, left, path, hash), other)
  return node(other, rootOf(index - left, size - left, path, hash))
}

/** The roots of the first `before` of `after` leaves, and of all; the former is known as long as it is on the left. */
function rootsOf(before, after, path, known) {
  if (before === after) return Array.from({ length: 2 }).fill(known ?? next(path))
  const [left, other] = [leftOf(after), next(path)]
  if (before > left) return rootsOf(before - left, after - left, path).map((root) => node(other, root))
  const [old, now] = rootsOf(before, left, path, known)
  return [old, node(now, other)]
}

function next(path) {
  insist(path.length > 0, 'its proof is too short')
  return path.pop()
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isCount = (value) => Number.isSafeInteger(value) && value >= 0
const hashesFrom = (list) => list.map((hash) => decoded(hash, 32))
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

function insistOnFields(value, fields) {
  insist(isObject(value) && Object.keys(value).join() === fields.join(), `it must have the fields ${fields.join(', ')}`)
}

/** Base64 can say the same in several ways; only one is taken. */
function decoded(text, length) {
  const bytes = Buffer.from(String(text), 'base64')
  insist(bytes.length === length && bytes.toString('base64') === text, 'a hash, salt or key is not proper base64')
  return bytes
}

/** RFC 8785 for what a log holds: whole numbers, texts, lists and objects, their keys in order. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (isObject(value)) {
    const keys = Object.keys(value).sort()
    return `{${keys.map((key) => `${canonical(key)}:${canonical(value[key])}`).join()}}`
  }
  insist(typeof value !== 'number' || Number.isSafeInteger(value), 'it has a number that is not whole')
  insist(typeof value !== 'string' || value.isWellFormed(), 'it has half a character')
  return JSON.stringify(value)
}

/** What was kept: a checkpoint, or an earlier export, whose header has one and a tally as well. */
async function keptIn(file) {
  for await (const line of linesOf(createReadStream(file))) if (line.includes('"checkpoint"')) return recordOf(line)
  return { checkpoint: readFileSync(file, 'utf8') }
}

function tellProgress(entries) {
  if (process.stderr.isTTY && entries % 20_000 === 0) process.stderr.write(`${entries} entries\r`)
}

function inWords({ workspace, origin, key, isGiven, checkpoint, entries, erased, first, last, since }) {
  const sentences = [
    `Nothing was changed, left out or put in: these are the entries of workspace ${workspace}`,
    `as they were sealed in the log ${origin} when that had ${checkpoint.size} leaves.`,
    entries > 0 && `There are ${entries}, from ${first.at} (${first.action}) to ${last.at} (${last.action}).`,
    erased > 0 && `Of ${erased} of them the payload was erased: what it was is not known, what was sealed is.`,
    since ? `The log continues your checkpoint of ${since.size} leaves.` : 'You gave no earlier checkpoint.',
    isGiven ? 'It is signed with your key.' : `Its key came with it; compare it with the one you know: ${key.text}`,
  ]
  return sentences.filter(Boolean).join('\n')
}

/** What a stranger wrote must not speak to the terminal. */
const printable = (text) => text.replaceAll(/[^\P{C}\n]/gu, '?')

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = await main(process.argv.slice(2))
