import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { dice } from '../../../test/dice.ts'
import { bodyOf, FORKED, forkedKey, noteOf, signedNote, submission, treeOf } from '../../../test/forks.ts'
import { checkpointText, openCheckpoint } from '../log/checkpoint.ts'
import { cosignatureVerifier, cosigner } from '../log/cosignature.ts'
import { KIND, verifierKey } from '../log/key.ts'
import { noteVerifier, openNote } from '../log/note.ts'
import { EMPTY_ROOT, isConsistent, type Head } from '../log/tree.ts'
import { addCheckpoint, logsToWitness, type Memory, type Witnessing } from './witness.ts'

const stranger = generateKeyPairSync('ed25519').privateKey
const own = generateKeyPairSync('ed25519').privateKey
const ours = cosignatureVerifier(verifierKey('witness.example', own, KIND.cosignature))

/** As it is kept in a database, but for the database. */
function memory(): Memory & { kept: Map<string, Head & { note: string }> } {
  const kept = new Map<string, Head & { note: string }>()
  const isSame = (one: Head, other: Head) => one.size === other.size && one.root.equals(other.root)
  return {
    kept,
    seen: async (origin) => kept.get(origin),
    async advance(origin, from, to, note) {
      const now = kept.get(origin)
      if (now ? !isSame(now, from) : from.size > 0) return false
      kept.set(origin, { ...to, note })
      return true
    },
  }
}

const witness = (remembers: Memory = memory()): Witnessing => ({
  logs: logsToWitness([forkedKey]),
  memory: remembers,
  signer: (now_s) => cosigner('witness.example', own, now_s),
})

const tree = treeOf(300)

test('a log that grows is signed for, each time with a line that its witness alone could write', async () => {
  const at = witness()
  let older = 0
  for (const size of [0, 1, 2, 3, 64, 64, 65, 255, 256, 257, 300]) {
    const { status, text, type } = await addCheckpoint(at, submission(older, size, tree))
    assert.deepEqual([status, type], [200, 'text/plain; charset=utf-8'], String(size))
    const note = Buffer.from(noteOf(tree.head(size)) + text)
    const found = openCheckpoint(note, { origin: FORKED, log: [noteVerifier(forkedKey)], witnesses: [ours] })
    assert.deepEqual([found.size, found.seen.length, found.seen[0]!.witness], [size, 1, 'witness.example'])
    assert.ok(Math.abs(found.seen[0]!.at_s - Date.now() / 1_000) < 60)
    older = size
  }
})

test('whatever else comes is answered as the protocol says, and nothing is signed or remembered', async () => {
  const remembers = memory()
  const at = witness(remembers)
  assert.equal((await addCheckpoint(at, submission(0, 100, tree))).status, 200)
  const before = remembers.kept.get(FORKED)
  const fork = treeOf(300, 50)
  const good = noteOf(tree.head(200))
  const proof = tree.proof(100, 200)
  const flipped = (text: string, at: number) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
  const size0 = `${FORKED}\n0\n${Buffer.alloc(32).toString('base64')}\n`
  const cases: readonly (readonly [number, string, Buffer])[] = [
    [404, 'another log', bodyOf(100, proof, noteOf(tree.head(200), stranger, 'log.example/2'))],
    [403, 'another key', bodyOf(100, proof, noteOf(tree.head(200), stranger))],
    [403, 'a signature that was altered', bodyOf(100, proof, flipped(good, good.length - 40))],
    [403, 'a head that was altered', bodyOf(100, proof, good.replace('\n200\n', '\n201\n'))],
    [409, 'from nothing', submission(0, 200, tree)],
    [409, 'from elsewhere', submission(99, 200, tree)],
    [409, 'back', submission(0, 50, tree)],
    [400, 'from what is larger', bodyOf(250, [], good)],
    [422, 'without a proof', bodyOf(100, [], good)],
    [422, 'with one hash too many', bodyOf(100, [...proof, proof[0]!], good)],
    [422, 'with one too few', bodyOf(100, proof.slice(1), good)],
    [422, 'with a wrong one', bodyOf(100, [...proof.slice(1), Buffer.alloc(32)], good)],
    [422, 'a fork', bodyOf(100, fork.proof(100, 200), noteOf(fork.head(200)))],
    [422, 'a fork of the same size', bodyOf(100, [], noteOf(fork.head(100)))],
    [422, 'a proof where none is due', bodyOf(100, [proof[0]!], noteOf(tree.head(100)))],
    [400, 'no size', Buffer.from(`\n${good}`)],
    [400, 'a size with a zero before it', Buffer.from(`old 0100\n\n${good}`)],
    [400, 'a size below nothing', Buffer.from(`old -1\n\n${good}`)],
    [400, 'a size beyond counting', Buffer.from(`old 9999999999999999\n\n${good}`)],
    [400, 'a proof that is no hash', Buffer.from(`old 100\nAAAA\n\n${good}`)],
    [400, 'base64 that says it otherwise', Buffer.from(`old 100\n${'A'.repeat(42)}B=\n\n${good}`)],
    [
      400,
      'more of a proof than there can be',
      bodyOf(
        100,
        Array.from({ length: 64 }, () => proof[0]!),
        good,
      ),
    ],
    [400, 'no note', Buffer.from('old 100\n\n')],
    [400, 'nothing', Buffer.alloc(0)],
    [400, 'a size that is none', bodyOf(100, proof, good.replace('\n200\n', '\n0200\n'))],
    [403, 'what is no text', Buffer.concat([bodyOf(100, proof, good), Buffer.of(0xff)])],
    [409, 'an empty tree with leaves', bodyOf(0, [], signedNote(size0))],
  ]
  for (const [status, what, body] of cases) {
    const said = await addCheckpoint(at, body)
    assert.equal(said.status, status, what)
    assert.doesNotMatch(said.text, /—/, what)
    if (status === 409) assert.deepEqual([said.type, said.text], ['text/x.tlog.size', '100\n'], what)
  }
  assert.equal(remembers.kept.get(FORKED), before)
  assert.equal((await addCheckpoint(at, submission(100, 200, tree))).status, 200)
  // The first that it sees of a log may be empty, but not lie about it.
  assert.equal((await addCheckpoint(witness(), bodyOf(0, [], signedNote(size0)))).status, 422)
  assert.equal((await addCheckpoint(witness(), bodyOf(0, [], noteOf({ size: 0, root: EMPTY_ROOT })))).status, 200)
  assert.equal((await addCheckpoint(witness(), bodyOf(0, proof, good))).status, 422)
})

test('what is shown of a log has its own signature and ours, and nothing that a stranger put beside them', async () => {
  const remembers = memory()
  const own = noteOf(tree.head(7))
  const theirs = noteOf(tree.head(7), stranger, 'stranger.example').split('\n').at(-2)
  const body = Buffer.concat([bodyOf(0, [], own), Buffer.from(`${theirs}\n`)])
  assert.equal((await addCheckpoint(witness(remembers), body)).status, 200)
  const { note } = remembers.kept.get(FORKED)!
  assert.equal(note.split('\n').filter((line) => line.startsWith('—')).length, 2)
  assert.equal(openNote(Buffer.from(note), [noteVerifier(forkedKey), ours]).by.size, 2)
})

test('a log may say more than its head, which is signed with it', async () => {
  const text = `${checkpointText({ origin: FORKED, ...tree.head(9) })}something else\n`
  const note = signedNote(text)
  const said = await addCheckpoint(witness(), bodyOf(0, [], note))
  assert.equal(said.status, 200)
  assert.equal(openNote(Buffer.from(note + said.text), [ours]).text, text)
})

test('of heads that come at once, forks among them, no two that contradict each other are signed', async () => {
  const throwOf = dice(7)
  const forks = [tree, ...Array.from({ length: 7 }, (_, at) => treeOf(300, at * 30))]
  for (let round = 0; round < 8; round++) {
    const slow = memory()
    const at = witness({
      async seen(origin) {
        const seen = await slow.seen(origin)
        await new Promise((done) => setTimeout(done, throwOf(5)))
        return seen
      },
      advance: slow.advance,
    })
    const signed: { head: Head; from: typeof tree }[] = []
    const submit = async () => {
      const from = forks[throwOf(forks.length)]!
      const size = 1 + throwOf(300)
      const older = slow.kept.get(FORKED)?.size ?? 0
      const { status } = await addCheckpoint(at, submission(older, Math.max(older, size), from))
      if (status === 200) signed.push({ head: from.head(Math.max(older, size)), from })
    }
    for (let wave = 0; wave < 4; wave++) await Promise.all(Array.from({ length: 64 }, submit))
    assert.ok(signed.length > 0)
    const last = signed.toSorted((one, other) => one.head.size - other.head.size).at(-1)!
    for (const { head } of signed)
      assert.ok(isConsistent(head, last.head, last.from.proof(head.size, last.head.size)), `${head.size}`)
  }
})
