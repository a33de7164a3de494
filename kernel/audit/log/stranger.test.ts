import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sampleLog, WORKSPACES } from '../../../test/sample-log.ts'
import { canonical } from './canonical.ts'
import { checkpointText } from './checkpoint.ts'
import { cosigner } from './cosignature.ts'
import { KIND, verifierKey } from './key.ts'
import { leafOf } from './leaf.ts'
import { noteSigner, noteVerifier, openNote, signNote } from './note.ts'
import { EMPTY_EDGE, extended, nodesOf, pathOf, tilesSince } from './tiles.ts'
import { consistencyProof, frontierOf, inclusionProof, rootOf, type Hash } from './tree.ts'

/** Where Debian keeps the sources of Go's packages. */
const GOPATH = '/usr/share/gocode'
const SOURCE = fileURLToPath(new URL('stranger.go', import.meta.url))

const lacksGo =
  spawnSync('go', ['version']).error || !existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog'))
    ? 'Go or its package of logs is not installed: apt-get install golang-go golang-golang-x-mod-dev'
    : false

const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-stranger-'))
after(() => rmSync(folder, { recursive: true }))

const stranger = join(folder, 'stranger')
const env = {
  ...process.env,
  GO111MODULE: 'off',
  GOPATH,
  GOCACHE: join(folder, 'cache'),
  GOFLAGS: '',
  CGO_ENABLED: '0',
}

function built(): string {
  if (existsSync(stranger)) return stranger
  const { status, stderr } = spawnSync('go', ['build', '-o', stranger, SOURCE], { env, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return stranger
}

const run = (args: string[], input = '') => spawnSync(built(), args, { input, encoding: 'utf8' })

/** More than one full tile of the second level, so that there are three levels and the edge is in each. */
const SIZE = 66_000
const ORIGIN = 'audit.example.com/log'
const sample = sampleLog(9).rowsOf(WORKSPACES[0]!)[0]!
const halvesOf = (at: number) => ({
  who: { ...sample.who.value!, actorName: `Łukasz ${at} 😀` },
  what: { input: { at, lines: ['"', null] }, changes: null },
})
const salts = { who: Buffer.alloc(32, 1), what: Buffer.alloc(32, 2) }
const leaves = Array.from({ length: SIZE }, (_, at) =>
  leafOf({ ...sample.facts, id: `${at}`, ...halvesOf(at) }, at + 1, at === 0 ? null : salts.who, salts),
)
const entries = leaves.map(({ bytes }) => bytes)
const log = join(folder, 'log')
const put = (path: string, content: string | Uint8Array) => {
  mkdirSync(dirname(join(log, path)), { recursive: true })
  writeFileSync(join(log, path), content)
}

/** A log as it would be published: grown in portions, signed, seen by a witness. */
function published() {
  let edge = EMPTY_EDGE
  for (let at = 0; at < SIZE; at += 4_999) {
    const { edge: next, tiles } = extended(
      edge,
      leaves.slice(at, at + 4_999).map(({ hash }) => hash),
    )
    for (const tile of tiles) put(pathOf(tile), tile.bytes)
    edge = next
  }
  const [key, watching] = [generateKeyPairSync('ed25519').privateKey, generateKeyPairSync('ed25519').privateKey]
  const text = checkpointText({ origin: ORIGIN, size: SIZE, root: rootOf(edge.frontier) })
  put('checkpoint', signNote(text, [noteSigner(ORIGIN, key), cosigner('witness.example', watching, 1_795_000_000)]))
  put('log.key', verifierKey(ORIGIN, key, KIND.note))
  put('witness.key', verifierKey('witness.example', watching, KIND.cosignature))
  const claims = claimed()
  put('proofs.json', JSON.stringify(claims))
  return claims
}

/** Hashes and entries in base64, as Go reads them. */
function claimed() {
  const nodes = nodesOf(SIZE, (tile) => readFileSync(join(log, pathOf(tile))))
  const coded = (...hashes: readonly Hash[]) => hashes.map((hash) => hash.toString('base64'))
  return {
    included: [0, 1, 255, 256, 4_711, 65_535, 65_536, SIZE - 1].map((index) => ({
      index,
      entry: entries[index]!.toString('base64'),
      who: half('who', index),
      what: half('what', index),
      proof: coded(...inclusionProof(index, SIZE, nodes)),
    })),
    earlier: [1, 2, 255, 256, 257, 4_999, 65_535, 65_536, 65_537, SIZE - 1, SIZE].map((size) => ({
      size,
      root: coded(rootOf(frontierOf(size, nodes)))[0]!,
      proof: coded(...consistencyProof(size, SIZE, nodes)),
    })),
  }
}

const half = (name: 'who' | 'what', index: number) => ({
  salt: salts[name].toString('base64'),
  value: Buffer.from(canonical(halvesOf(index)[name])).toString('base64'),
})

const check = () => run(['check', log])

test("Go's own log reads ours: notes, cosignatures, every tile, every proof", { skip: lacksGo }, () => {
  const { included, earlier } = published()
  const { stdout, stderr } = check()
  const tiles = [...tilesSince(0, SIZE)].length
  const all = `${SIZE} entries in ${tiles} tiles, ${included.length} proven, ${earlier.length} earlier trees\n`
  assert.equal(stdout, all, stderr)
})

test("Go's own log refuses ours where a byte of it was changed (row 33)", { skip: lacksGo }, () => {
  published()
  const edge = ['tile/0/257.p/208', 'tile/1/001.p/1', 'tile/2/000.p/1']
  for (const path of ['checkpoint', 'log.key', 'witness.key', 'tile/0/000', 'tile/0/256', 'tile/1/000', ...edge]) {
    const bytes = readFileSync(join(log, path))
    for (const at of [0, 20, bytes.length - 3]) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1
      put(path, changed)
      assert.equal(check().status, 1, `${path} at ${at}`)
    }
    put(path, bytes)
  }
  assert.equal(check().status, 0, 'all is as it was')
})

test("Go's own log refuses proofs of ours that were changed (row 33)", { skip: lacksGo }, () => {
  const { included, earlier } = published()
  const [one, two] = [included[4]!, earlier[5]!]
  const changed = [
    { included: [{ ...one, index: one.index + 1 }] },
    { included: [{ ...one, entry: Buffer.from('another').toString('base64') }] },
    { included: [{ ...one, who: half('who', one.index + 1) }] },
    { included: [{ ...one, what: half('who', one.index) }] },
    { included: [{ ...one, what: { ...one.what, salt: one.who.salt } }] },
    { included: [{ ...one, proof: one.proof.slice(1) }] },
    { included: [{ ...one, proof: one.proof.toReversed() }] },
    { earlier: [{ ...two, size: two.size + 1 }] },
    { earlier: [{ ...two, root: earlier[4]!.root }] },
    { earlier: [{ ...two, proof: two.proof.slice(1) }] },
    { earlier: [{ ...two, proof: [...two.proof, two.root] }] },
  ]
  const holds = (claims: object) => {
    put('proofs.json', JSON.stringify(claims))
    return check().status === 0
  }
  assert.ok(holds({ included: [one], earlier: [two] }))
  for (const claims of changed) assert.ok(!holds(claims), JSON.stringify(claims))
})

test('we read notes that Go has signed', { skip: lacksGo }, () => {
  const text = 'A note.\n\n— not a signature\n\nسجل\n'
  const { stdout, stderr } = run(['sign', 'go.example/log'], text)
  const [key, ...note] = stdout.split('\n')
  assert.equal(openNote(Buffer.from(note.join('\n')), [noteVerifier(key!)]).text, text, stderr)
})
