#!/usr/bin/env node
/**
 * Checks the export of an audit log offline, and trusts neither whoever wrote the file nor the software that wrote it:
 * this one file and Node from version 22 are enough. docs/audit-export.md says what each line holds.
 *
 *   node verifier.mjs EXPORT [--key KEY]... [--since FILE]
 *
 * KEY is the log's verification key, as you were given it before; without it the key in the file is taken, and whoever
 * can rewrite the file can replace that. FILE is a checkpoint of the log that you kept, or an earlier export.
 *
 * An export has one section for each epoch of the log: a header, a line for each entry, a footer. Nothing in it goes
 * unchecked, and there is one way to write it (canonical JSON, RFC 8785):
 *
 *   1  the checkpoint is signed with the key: how many leaves the log's tree had, and its root. So is the tally of the
 *      entries of this workspace that were among them: none is missing at the end.
 *   2  entries are numbered without gaps, and each names the hash of the one before: none is missing between. Those
 *      before the first are gone only if a later entry (audit.log.thin) says so.
 *   3  each entry's leaf, hashed with the hashes beside it, gives the tree's root: it is what was sealed.
 *   4  both halves of it, each hashed behind its salt, are what the leaf says; one is gone only if a later entry
 *      (audit.log.forget) says so.
 *   5  a section after the first begins with an entry (audit.log.reopen) that cites the log before it.
 *   6  the tree continues an earlier one, if the header proves that, and the one of --since, if that is given.
 *
 * Exit code: 0 all holds, 5 something does not, 2 you were misunderstood, 3 a file cannot be read.
 */
import { hash as hashOf, verify as isSigned } from 'node:crypto'
import { createReadStream, readFileSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export async function main(args) {
  try {
    const options = { key: { type: 'string', multiple: true }, since: { type: 'string' } }
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    if (positionals.length !== 1) throw new Error('Say which file: EXPORT [--key KEY]... [--since FILE].')
    const given = { keys: values.key, since: values.since === undefined ? undefined : await keptIn(values.since) }
    console.log(printable(inWords(await verify(createReadStream(positionals[0]), given, tellProgress), given)))
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

/** Reads bytes in pieces of any size, and either says what each section holds or throws the first fault. */
export async function verify(pieces, given = {}, progress = () => {}) {
  const sections = []
  let lines = 0
  for await (const bytes of linesOf(pieces)) {
    lines += 1
    try {
      checkLine(utf8.decode(bytes), sections, given)
    } catch (error) {
      // Whatever a line does to this program is a fault of the line.
      const entry = bytes.includes('"leaf"') && sections.length > 0 ? ` (entry ${sections.at(-1).seq + 1})` : ''
      throw new Fault(`Line ${lines}${entry}: ${error.message}.`)
    }
    progress(lines)
  }
  insist(sections.at(-1)?.isOver, `The file ends after line ${lines}, before its footer: its tail was cut.`)
  sections.forEach(checkGaps)
  sections.forEach(checkKept)
  const isKept = !given.since || sections.some(({ origin }) => isOf(given.since.at(-1), origin))
  insist(isKept, 'Your earlier checkpoint is of a log of another name.')
  return sections
}

/** An act may change eight million characters, each of four bytes at most, or of two where it is escaped twice. */
const LONGEST_LINE_BYTES = 64 * 1024 * 1024
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

async function* linesOf(pieces) {
  let [rest, held] = [[], 0]
  for await (const piece of pieces) {
    let from = 0
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', from)) {
      yield Buffer.concat([...rest, piece.subarray(from, end)])
      ;[rest, held, from] = [[], 0, end + 1]
    }
    rest.push(piece.subarray(from))
    held += piece.length - from
    insist(held <= LONGEST_LINE_BYTES, 'The file has a line that is too long to be an entry.')
  }
  insist(held === 0, 'The file ends in the middle of a line: its tail was cut.')
}

function checkLine(text, sections, given) {
  const [record, section] = [JSON.parse(text), sections.at(-1)]
  insist(canonical(record) === text, 'it is not written as canonical JSON')
  if (!section || section.isOver) sections.push(checkHeader(record, section, given))
  else if (Object.hasOwn(record, 'leaf')) checkEntry(record, section, sections)
  else checkFooter(record, section)
}

/** A section, of which `seq` and `previous` are the number and the hash of the last entry that was read. */
function checkHeader(header, before, { keys, since = [] }) {
  insistOnFields(header, ['checkpoint', 'consistency', 'epoch', 'format', 'key', 'origin', 'tally', 'workspace'])
  const { workspace, epoch, origin, consistency } = header
  const texts = [workspace, header.key, header.checkpoint, header.tally]
  insist(isCount(epoch) && texts.every(isText), 'a field of it is of another type')
  insist(header.format === 'vouchsafe-audit-export/1', 'it is of a format that is not known here')
  insist(!before || before.workspace === workspace, 'it is of another workspace')
  insist(!before || before.epoch < epoch, 'it is not of a later epoch than the section before it')
  insist(!keys || keys.includes(header.key), 'the log has another key than yours')
  const key = keyFrom(header.key)
  const checkpoint = readCheckpoint(opened(header.checkpoint, key))
  insist(checkpoint.origin === origin, 'the checkpoint is of a log of another name')
  if (consistency !== null) checkConsistency(consistency, checkpoint)
  const tally = readTally(opened(header.tally, key), header, checkpoint)
  insist(tally, 'the tally is of another workspace, epoch or checkpoint')
  const kept = since.filter((one) => isOf(one, origin)).map((one) => readKept(one, key, header))[0]
  const gone = { who: new Set(), what: new Set(), counts: { who: 0, what: 0 } }
  return { ...header, checkpoint, tally, kept, before, gone, seq: 0, previous: null, index: -1, isOver: false }
}

/** `NAME+ID+KEY`, where the id is the beginning of a hash over the other two, and 1 stands for Ed25519 (C2SP). */
function keyFrom(text) {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? []
  insist(name, 'the key is not written as a key')
  const bytes = decoded(encoded, 33)
  insist(bytes[0] === 1, 'the key is not for Ed25519')
  insist(
    sha256(Buffer.from(`${name}\n`), bytes).toString('hex', 0, 4) === id,
    'the key is not the one that it is called',
  )
  return { name, id, jwk: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url', 1) } }
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
  const isOurs = isSigned(null, Buffer.from(text), { key: key.jwk, format: 'jwk' }, decoded(ours[0], 68).subarray(4))
  insist(isOurs, 'the signature of a checkpoint or tally is not of what it says')
  return text
}

/** Which log it is of, how many leaves its tree had, and the root (C2SP). */
function readCheckpoint(text) {
  const [, origin, size, root] = /^(\S+)\n(0|[1-9]\d{0,14})\n(\S{44})\n$/.exec(text) ?? []
  insist(origin, 'the checkpoint is not written as a checkpoint')
  return { text, origin, size: Number(size), root }
}

/** How many entries of this workspace were in the tree of a checkpoint, and which was the last. */
function readTally(text, { workspace, epoch }, checkpoint) {
  const [entries, last] = text.split('\n').slice(2)
  const isOurs = text === [`workspace ${workspace}`, `epoch ${epoch}`, entries, last, checkpoint.text].join('\n')
  return isOurs && { entries: Number(entries), last: last === '-' ? null : last }
}

/** What was kept of this log; its tally, if it has one, may be of another workspace. */
const isOf = ({ checkpoint }, origin) => String(checkpoint).startsWith(`${origin}\n`)

function readKept({ checkpoint: note, tally }, key, header) {
  const checkpoint = readCheckpoint(opened(note, key))
  const counted = tally !== undefined && readTally(opened(tally, key), header, checkpoint)
  return { checkpoint, ...(counted || { entries: 0, last: null }) }
}

function checkConsistency(consistency, checkpoint) {
  insistOnFields(consistency, ['hashes', 'root', 'size'])
  const { size, root, hashes } = consistency
  insist(isCount(size) && size > 0 && size <= checkpoint.size, 'the earlier tree is not smaller than the later one')
  const path = pathOf(hashes)
  const [before, after] = rootsOf(size, checkpoint.size, path, root)
  const holds = path.length === 0 && before === root && after === checkpoint.root
  insist(holds, 'the proof that the log continues an earlier one is wrong')
}

/** What a leaf says of the act, and of its own place. */
const FACTS = [
  'action',
  'actorId',
  'actorKind',
  'at',
  'id',
  'outcome',
  'requestId',
  'target',
  'transaction',
  'workspace',
]
const LEAF = [...FACTS, 'previous', 'seq', 'version', 'what', 'who'].sort()

function checkEntry(record, section, sections) {
  const { leaf, index, hashes } = record
  insistOnFields(record, ['hashes', 'index', 'leaf', 'what', 'who'])
  insistOnFields(leaf, LEAF)
  insist(leaf.version === 1, 'its leaf is of a version that is not known here')
  insist(leaf.workspace === section.workspace, 'it is of another workspace')
  if (!section.first) begin(leaf, section)
  insist(leaf.seq === section.seq + 1, `it is numbered ${leaf.seq}: some are missing, doubled or out of order`)
  insist(leaf.previous === section.previous, 'it does not name the entry before it')
  const { size, root } = section.checkpoint
  insist(isCount(index) && index > section.index && index < size, 'it has no such place in the log')
  const [hash, path] = [base64(sha256(Buffer.of(0), Buffer.from(canonical(leaf)))), pathOf(hashes)]
  insist(rootOf(index, size, path, hash) === root && path.length === 0, `it is not what was sealed (${leaf.id})`)
  for (const half of ['who', 'what'])
    if (record[half] !== null)
      insist(hashOfHalf(record[half]) === leaf[half], `${half} is not what was sealed (${leaf.id})`)
    else if (section.gone[half].add(leaf.seq)) section.gone.counts[half] += 1
  const { kept } = section
  insist(leaf.seq !== kept?.entries || hash === kept.last, 'it was another at your earlier checkpoint')
  if (leaf.action.startsWith('audit.log.')) heed(leaf, record.what, section, sections)
  Object.assign(section, { seq: leaf.seq, previous: hash, index, last: leaf })
}

/** Behind those that were removed, if there are any: `checkGaps` insists that the log says so. */
function begin(leaf, section) {
  const { seq, previous, action } = leaf
  insist(isCount(seq) && seq > 0 && (seq === 1) === (previous === null), 'it has no such place in the sequence')
  const isReopening = action === 'audit.log.reopen' && isOfTheLog(leaf)
  const isFirst = seq === 1 ? !section.before : !section.before?.first
  insist(isFirst || (seq === 1 && isReopening), 'it does not cite the log before it')
  Object.assign(section, { first: leaf, removed: { entries: seq - 1, last: previous }, seq: seq - 1, previous })
}

function hashOfHalf(half) {
  insistOnFields(half, ['salt', 'value'])
  return base64(sha256(decoded(half.salt, 32), Buffer.from(canonical(half.value))))
}

/** What the log says of itself: what was erased or removed of what stands before, and which log this one continues. */
function heed(leaf, what, section, sections) {
  insist(what !== null, 'what it says of the log was erased')
  const { action, seq } = leaf
  const { input } = what.value
  if (!isOfTheLog(leaf)) return
  if (action === 'audit.log.reopen' && seq === 1) checkReopening(input, section.before)
  const subject = sections.find(({ epoch }) => epoch === input?.epoch)
  if (!subject) return
  const { removed, gone } = subject
  if (action === 'audit.log.thin') gone.isSaid ||= input.through === removed.entries && input.last === removed.last
  if (action !== 'audit.log.forget') return
  for (const half of ['who', 'what']) if (isText(input[half])) settle(gone[half], input[half], subject.seq)
}

/** Whoever keeps the log says such things, and no person or key. */
const isOfTheLog = ({ actorKind, outcome }) => actorKind === 'system' && outcome === 'done'

/** Such as `3,7-12`, in their order; only of what was read by now. What is no number names nothing. */
function settle(missing, text, until) {
  let at = 0
  for (const [, from, to = from] of text.matchAll(/(?<![^,])(\d{1,15})(?:-(\d{1,15}))?(?![^,])/g))
    for (at = Math.max(at, Number(from)); at <= Math.min(Number(to), until); at++) missing.delete(at)
}

/** The largest tree that the lost log is known to have had, and which entries are left of it: none fewer. */
function checkReopening({ origin, size, root, entries, last }, before) {
  insist(before, 'the log that it cites is missing')
  const { checkpoint, seq, previous } = before
  insist(origin === before.origin, 'it cites another log than the one before it')
  const isTree = size === checkpoint.size ? root === checkpoint.root : size > checkpoint.size
  insist(isCount(size) && isTree, 'the log before it had another tree than it cites')
  insist(entries === seq && last === previous, 'of the log before it other entries are left than it cites')
  before.cited = { size, root }
}

function checkFooter(footer, section) {
  const { tally, before, first } = section
  insistOnFields(footer, ['entries'])
  insist(!before || first, 'it does not cite the log before it')
  if (!first) Object.assign(section, { removed: tally, seq: tally.entries, previous: tally.last })
  insist(footer.entries === section.seq - section.removed.entries, 'it does not count what the file holds')
  insist(section.seq === tally.entries && section.previous === tally.last, 'the log has not counted these entries')
  section.isOver = true
}

/** What is gone must be named by an entry that came later. */
function checkGaps({ epoch, removed: { entries }, gone }) {
  const why = `Entry ${entries} of epoch ${epoch} and those before it are gone: nothing says that they were removed.`
  insist(entries === 0 || gone.isSaid, why)
  const [first] = [...gone.who, ...gone.what].sort((one, other) => one - other)
  insist(first === undefined, `Half of entry ${first} of epoch ${epoch} is gone: nothing says that it was erased.`)
}

/** Of a log that was lost somebody may have kept more than is left of it, but not more than it is known to have had. */
function checkKept({ kept, checkpoint, consistency, cited, removed, seq }) {
  if (!kept) return
  const { size, root } = kept.checkpoint
  insist(size <= (cited ?? checkpoint).size, 'The log is shorter than it was at your earlier checkpoint.')
  const tree = [checkpoint, consistency, cited].find((one) => one?.size === size)
  const isLost = size > checkpoint.size
  insist(tree || size === 0 || isLost, 'It does not prove that the log continues your earlier checkpoint.')
  insist(!tree || tree.root === root, 'The log says something else than at your earlier checkpoint.')
  insist(kept.entries <= seq || isLost, 'There were more entries at your earlier checkpoint.')
  const isSame = kept.entries !== removed.entries || kept.last === removed.last
  insist(isSame, 'What was removed was not what was there at your earlier checkpoint.')
}

/** Neighbours have most of their way up in common: of trees of a size, the last one is not hashed again. */
const latest = new Map()

/** The tree of RFC 6962, from its definitions. A path is taken from its end, where the root is. */
function node(size, left, right) {
  const last = latest.get(size)
  if (last?.left === left && last.right === right) return last.hash
  const hash = base64(sha256(Buffer.of(1), decoded(left, 32), decoded(right, 32)))
  latest.set(size, { left, right, hash })
  return hash
}

/** The largest power of two below it: so many leaves are on the left. */
const leftOf = (size, left = 1) => (left * 2 < size ? leftOf(size, left * 2) : left)

function rootOf(index, size, path, hash) {
  if (size === 1) return hash
  const [left, other] = [leftOf(size), path.pop()]
  if (index < left) return node(size, rootOf(index, left, path, hash), other)
  return node(size, other, rootOf(index - left, size - left, path, hash))
}

/** The roots of the first `before` of `after` leaves, and of all; the former is known as long as it is on the left. */
function rootsOf(before, after, path, known) {
  if (before === after) return Array.from({ length: 2 }).fill(known ?? path.pop())
  const [left, other] = [leftOf(after), path.pop()]
  if (before > left) return rootsOf(before - left, after - left, path).map((root) => node(after, other, root))
  const [old, now] = rootsOf(before, left, path, known)
  return [old, node(after, now, other)]
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const pathOf = (hashes) => (Array.isArray(hashes) ? [...hashes] : insist(false, 'its proof is no list of hashes'))
const isText = (value) => typeof value === 'string'
const isCount = (value) => Number.isSafeInteger(value) && value >= 0
const base64 = (bytes) => bytes.toString('base64')
const sha256 = (...parts) => hashOf('sha256', Buffer.concat(parts), 'buffer')

function insistOnFields(value, fields) {
  const keys = isObject(value) ? Object.keys(value) : []
  insist(canonical(keys) === canonical(fields), `it must have the fields ${fields.join(', ')}`)
}

/** Base64 can say the same in several ways; only one is taken. */
function decoded(text, length) {
  const bytes = Buffer.from(String(text), 'base64')
  insist(bytes.length === length && base64(bytes) === text, 'a hash, salt or key is not proper base64')
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
  insist(!isText(value) || value.isWellFormed(), 'it has half a character')
  return JSON.stringify(value)
}

/** What was kept: a checkpoint, or an earlier export, whose headers have one and a tally each. */
async function keptIn(file) {
  const headers = []
  for await (const line of linesOf(createReadStream(file)))
    if (line.indexOf('{"checkpoint":') === 0) headers.push(JSON.parse(utf8.decode(line)))
  return headers.length > 0 ? headers : [{ checkpoint: readFileSync(file, 'utf8') }]
}

function tellProgress(lines) {
  if (process.stderr.isTTY && lines % 20_000 === 0) process.stderr.write(`${lines} lines\r`)
}

function inWords(sections, { keys, since }) {
  const named = [...new Set(sections.map(({ key }) => key))].join(' ')
  const sentences = [
    `Nothing was changed or put in: these are the entries of workspace ${sections[0].workspace}`,
    ...sections.flatMap(sectionInWords),
    !since && 'You gave no earlier checkpoint.',
    keys ? 'It is signed with your key.' : `Its key came with it; compare it with the one you know: ${named}`,
    `That took ${(performance.now() / 1_000).toFixed(1)} seconds.`,
  ]
  return sentences.filter(Boolean).join('\n')
}

function sectionInWords({ origin, checkpoint, seq, removed, gone, cited, first, last, kept }) {
  const [{ who, what }, size] = [gone.counts, kept?.checkpoint.size]
  return [
    `as they were sealed in the log ${origin} when that had ${checkpoint.size} leaves.`,
    first && `There are ${seq - removed.entries}, from ${first.at} (${first.action}) to ${last.at} (${last.action}).`,
    removed.entries > 0 && `The ${removed.entries} before ${first?.at ?? 'its end'} were removed, as the log says.`,
    who > 0 && `Of ${who} it was erased who it was, as the log says.`,
    what > 0 && `Of ${what} it was erased what was said, as the log says.`,
    cited && `Then the log was lost, and another begun. It is known to have had ${cited.size} leaves.`,
    kept && `It ${size > checkpoint.size ? 'had' : 'continues'} your checkpoint of ${size} leaves.`,
    kept?.entries > seq && `Lost with it were ${kept.entries - seq} entries that you had counted.`,
    kept?.last && kept.entries < removed.entries && 'The last entry that you had counted was removed since.',
  ].filter(Boolean)
}

/** What a stranger wrote must not speak to the terminal. */
const printable = (text) => text.replaceAll(/[^\P{C}\n]/gu, '?')

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = await main(process.argv.slice(2))
