import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { erasing, forget, reopen, sampleLog, thin, WORKSPACES } from '../../../test/sample-log.ts'
import type { Row } from './export.ts'

/** A log of 64 leaves in three workspaces, the file that its workspace gets, and an auditor who has but one script. */
const log = sampleLog(64)
const [north, south] = [WORKSPACES[0]!, WORKSPACES[1]!]
const folder = await mkdtemp(join(tmpdir(), 'verifier-'))
after(() => rm(folder, { recursive: true }))
const alone = join(folder, 'verifier.mjs')
const script = new URL('./verifier.mjs', import.meta.url)
await copyFile(fileURLToPath(script), alone)
const { verify } = (await import(script.href)) as { verify: Verify }
type Verify = (pieces: Iterable<Buffer>, given?: object) => Promise<{ seq: number }[]>

let files = 0
async function file(text: string): Promise<string> {
  const path = join(folder, `${++files}`)
  await writeFile(path, text)
  return path
}

type Told = { code: number; out: string; err: string }
const run = (...args: string[]) =>
  new Promise<Told>((resolve) => {
    execFile(process.execPath, [alone, ...args], { cwd: folder }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
const verified = async (text: string, ...args: string[]) => run(await file(text), ...args)

/** What is to be said of it, and what the file was verified with. */
async function found(text: string, ...how: (RegExp | string)[]) {
  const { code, out, err } = await verified(text, ...how.filter((one) => typeof one === 'string'))
  assert.deepEqual({ code, out }, { code: 5, out: '' }, err)
  for (const why of how) if (typeof why !== 'string') assert.match(err, why)
}

test('a file alone in a folder says of an export that all is there, and in which words', async () => {
  const rows = log.rowsOf(north)
  const { code, out, err } = await verified(await log.export(north), '--key', log.key)
  assert.deepEqual({ code, err }, { code: 0, err: '' })
  assert.match(out, new RegExp(`workspace ${north}\n`))
  assert.match(out, /the log log\.example\/audit when that had 64 leaves/)
  assert.match(out, new RegExp(`There are ${rows.length}, from ${rows[0]!.facts.at} .* to ${rows.at(-1)!.facts.at} `))
  assert.match(out, /signed with your key/)
  assert.doesNotMatch(out, /erased/)
})

test('it says what was erased, removed and lost, and what of that was kept', async () => {
  const rows = log.rowsOf(north)
  const one = sampleLog(64, { last: [thin(1, rows[4]!), forget(1, '7,9', '8')] })
  const rewrite = (all: Row[]) => erasing({ who: [7, 9], what: [8] })(all.slice(5))
  const left = { ...(reopen(one).input([]) as object), size: 70, root: rows[0]!.hash.toString('base64') }
  const first = [{ ...reopen(one), input: () => left }]
  const two = sampleLog(9, { epoch: 2, origin: 'log.example/second', first })
  const since = rows[2]!.index + 1
  const text = (await one.export(north, { since, rewrite })) + (await two.export(north))
  const { code, out, err } = await verified(text, '--since', await file(await one.export(north, { size: since })))
  assert.equal(code, 0, err)
  assert.match(out, new RegExp(`The 5 before ${rows[5]!.facts.at} were removed, as the log says`))
  assert.match(out, /Of 2 it was erased who it was, as the log says/)
  assert.match(out, /Of 1 it was erased what was said, as the log says/)
  assert.match(out, /the log was lost, and another begun\. It is known to have had 70 leaves/)
  assert.match(out, /The last entry that you had counted was removed since/)
})

test('entries that were counted and lost with their log are told', async () => {
  const at = log.rowsOf(north).at(-3)!.index + 1
  const left = { ...(reopen(log, at).input([]) as object), ...log.head(64) }
  const two = sampleLog(9, { epoch: 2, origin: 'log.example/second', first: [{ ...reopen(log), input: () => left }] })
  const text = (await log.export(north, { size: at })) + (await two.export(north))
  const { code, out, err } = await verified(text, '--since', await file(await log.export(north)))
  assert.equal(code, 0, err)
  assert.match(out, /It had your checkpoint of 64 leaves\.\nLost with it were 2 entries that you had counted/)
})

test('without a key it says whose word it took', async () => {
  const { code, out } = await verified(await log.export(north))
  assert.equal(code, 0)
  assert.ok(out.includes(log.key))
})

test('workspaces verify in trees of all sizes, those without entries too, and continue trees before', async () => {
  for (let size = 1; size <= 20; size++)
    for (const workspace of WORKSPACES)
      for (const since of [undefined, 1, size >> 1, size - 1, size].filter((before) => before !== 0)) {
        const text = await log.export(workspace, { size, ...(since ? { since } : {}) })
        const given = { keys: [log.key], since: since && [{ checkpoint: log.noteOf(since) }] }
        const [section] = await verify([Buffer.from(text)], given)
        assert.equal(section!.seq, log.rowsOf(workspace, size).length)
      }
})

test('bytes may come in pieces of any size', async () => {
  const bytes = Buffer.from(await log.export(north))
  for (const size of [1, 7, 1_000, bytes.length]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    )
    assert.equal((await verify(pieces))[0]!.seq, log.rowsOf(north).length)
  }
})

test('either half can be erased alone, and leaves its entry as provable as it was', async () => {
  const forgetful = sampleLog(64, { last: [forget(1, '1-3,7', '3')] })
  const text = await forgetful.export(north, { rewrite: erasing({ who: [1, 2, 3, 7], what: [3] }) })
  const { code, out, err } = await verified(text, '--key', log.key)
  assert.equal(code, 0, err)
  assert.match(out, /Of 4 it was erased who it was/)
  assert.match(out, /Of 1 it was erased what was said/)
  const all = sampleLog(64, { last: [forget(1, '1-1000', '1-1000')] })
  const seqs = log.rowsOf(north).map(({ seq }) => seq)
  const bare = await all.export(north, { rewrite: erasing({ who: seqs, what: seqs }) })
  const [, ...lines] = bare.split('\n').slice(0, -3)
  for (const word of ['Haddad', '192.0.2.7', 'Mozilla', 'line', 'salt']) assert.ok(!lines.join().includes(word), word)
  assert.equal((await verified(bare)).code, 0)
})

test('a half whose salt is gone is not handed out', async () => {
  const all = sampleLog(64, { last: [forget(1, '1-1000', '')] })
  const withoutSalt = (rows: Row[]) =>
    rows.map((row) => (row.facts.action === 'audit.log.forget' ? row : { ...row, who: { ...row.who, salt: null } }))
  const text = await all.export(north, { rewrite: withoutSalt })
  assert.ok(!text.split('\n').slice(0, -3).join().includes('Haddad'))
  assert.equal((await verified(text)).code, 0)
})

test('an erased entry is not less bound to its place than another', async () => {
  const rewrite = (rows: Row[]) =>
    erasing({ who: [3], what: [3] })(rows).map((row, at) =>
      at === 2 ? { ...row, facts: { ...row.facts, outcome: 'x' } } : row,
    )
  await found(await log.export(north, { rewrite }), /^Line 4 \(entry 3\): it is not what was sealed/)
})

test('a database that was rewritten shows at its first bad entry (row 33)', async () => {
  const at3 = (change: (row: Row) => Partial<Row>) => ({
    rewrite: (rows: Row[]) => rows.map((row, at) => (at === 2 ? { ...row, ...change(row) } : row)),
  })
  const changes: [(row: Row) => Partial<Row>, RegExp][] = [
    [({ who }) => ({ who: { ...who, value: { ...who.value!, actorName: 'Somebody else' } } }), /who is not what was/],
    [({ who }) => ({ who: { ...who, salt: Buffer.alloc(32) } }), /who is not what was/],
    [({ what }) => ({ what: { ...what, value: { ...what.value!, changes: [] } } }), /what is not what was/],
    [({ what }) => ({ what: { ...what, salt: Buffer.alloc(32) } }), /what is not what was/],
    [({ who, what }) => ({ who: { ...who, salt: what.salt } }), /who is not what was/],
  ]
  for (const [change, why] of changes) await found(await log.export(north, at3(change)), /^Line 4 \(entry 3\): /, why)
  for (const field of Object.keys(log.rowsOf(north)[0]!.facts).filter((name) => name !== 'workspace'))
    await found(
      await log.export(
        north,
        at3(({ facts }) => ({ facts: { ...facts, [field]: 'x' } })),
      ),
      /^Line 4 \(entry 3\): it is not what was sealed/,
    )
})

test('a half rewritten with its hash, and all hashes after it, is not what the tree holds', async () => {
  const forged = sampleLog(64, { forged: log.rowsOf(north)[2]!.index })
  const text = await forged.export(north)
  assert.equal((await verified(text)).code, 0, 'the forgery is whole in itself')
  const proofs = (await log.export(north)).split('\n').map((line) => /"hashes":\[[^\]]*\]/.exec(line)?.[0] ?? '')
  const [genuine] = (await log.export(north)).split('\n')
  const [, ...lines] = text.split('\n')
  const mixed = lines.map((line, at) => line.replace(/"hashes":\[[^\]]*\]/, () => proofs[at + 1]!))
  await found([genuine, ...mixed].join('\n'), /\(entry 3\): it is not what was sealed/)
})

test('entries swapped, left out, doubled, or of another workspace are found', async () => {
  const made = (rewrite: (rows: Row[]) => Row[]) => log.export(north, { rewrite })
  await found(await made(([a, b, c, ...rest]) => [a!, c!, b!, ...rest]), /\(entry 2\): it is numbered 3/)
  await found(await made((rows) => rows.toSpliced(4, 1)), /\(entry 5\): it is numbered 6/)
  await found(await made((rows) => rows.toSpliced(4, 0, rows[4]!)), /\(entry 6\): it is numbered 5/)
  await found(await made((rows) => rows.slice(1)), /^Entry 1 of epoch 1 and those before it are gone/)
  await found(await made(() => log.rowsOf(south)), /\(entry 1\): it is of another workspace/)
  const renumbered = (rows: Row[]) => rows.toSpliced(4, 1).map((row, at) => ({ ...row, seq: at + 1 }))
  await found(await made(renumbered), /\(entry 5\): it does not name the entry before it/)
})

test('a tail that was cut is found, whatever the footer says', async () => {
  await found(await log.export(north, { rewrite: (rows) => rows.slice(0, -1) }), /has not counted these entries/)
  await found(await log.export(north, { rewrite: () => [] }), /^Entry \d+ of epoch 1 and those before it are gone/)
  const lines = (await log.export(north)).split('\n')
  await found(lines.slice(0, -2).join('\n') + '\n', /before its footer: its tail was cut/)
  await found(lines.slice(0, -3).join('\n'), /ends in the middle of a line/)
  await found('', /its tail was cut/)
})

test('the tally of another time, workspace or checkpoint is not taken for this one', async () => {
  const header = async (how: { size?: number }, workspace = north) =>
    JSON.parse((await log.export(workspace, how)).split('\n')[0]!) as { tally: string; checkpoint: string }
  const old = await header({ size: 40 })
  const cut = { rewrite: (rows: Row[]) => rows.filter(({ index }) => index < 40) }
  await found(await log.export(north, { ...cut, header: { tally: old.tally } }), /tally is of another/)
  await found(await log.export(north, { header: { tally: (await header({}, south)).tally } }), /tally is of another/)
  await found(await log.export(north, { header: { tally: log.noteOf(64) } }), /tally is of another/)
  await found(await log.export(north, { header: { epoch: 2 } }), /tally is of another/)
  await found(await log.export(north, { header: { checkpoint: old.tally } }), /not written as a checkpoint/)
})

test('an older copy of everything is found by whoever kept a checkpoint', async () => {
  const kept = await file(log.noteOf(64))
  await found(await log.export(north, { size: 40 }), /shorter than it was/, '--since', kept)
  const forged = await file(sampleLog(64, { forged: 3 }).noteOf(64))
  await found(await log.export(north), /says something else/, '--since', forged)
  const strange = await file(sampleLog(64, { secret: 'other' }).noteOf(64))
  await found(await log.export(north), /not signed with the key/, '--since', strange)
  const elsewhere = await file(sampleLog(64, { origin: 'log.example/other' }).noteOf(64))
  await found(await log.export(north), /of a log of another name/, '--since', elsewhere)
  for (const text of ['', 'nothing\n', '{"checkpoint":1}\n', log.noteOf(64).trimEnd()])
    await found(await log.export(north), /signed note|middle of a line|another name/, '--since', await file(text))
})

test('a log that was written anew is found by whoever kept a checkpoint', async () => {
  const other = sampleLog(64, { forged: 3 })
  const kept = await file(log.noteOf(40))
  const ok = await verified(await log.export(north, { since: 40 }), '--since', kept)
  assert.equal(ok.code, 0, ok.err)
  assert.match(ok.out, /continues your checkpoint of 40 leaves/)
  await found(await other.export(north, { since: 40 }), /says something else/, '--since', kept)
  await found(await log.export(north), /does not prove that the log continues/, '--since', kept)
  await found(await log.export(north, { since: 39 }), /does not prove that the log continues/, '--since', kept)
})

test('entries that the log itself has lost since an earlier export are found by whoever kept that', async () => {
  const kept = await file(await log.export(north, { size: 60 }))
  const whole = await verified(await log.export(north, { since: 60 }), '--since', kept)
  assert.equal(whole.code, 0, whole.err)
  const lost = { since: 60, lose: log.rowsOf(north).length - log.rowsOf(north, 60).length + 1 }
  assert.equal((await verified(await log.export(north, lost))).code, 0, 'it is signed as it is')
  await found(await log.export(north, lost), /more entries at your earlier checkpoint/, '--since', kept)

  const [last, next] = log.rowsOf(north).slice(-2)
  const forgetful = sampleLog(64, { forgetting: next!.index })
  const before = await file(await forgetful.export(north, { size: next!.index }))
  const again = await forgetful.export(north, { since: next!.index })
  assert.equal((await verified(again)).code, 0, 'it is signed as it is')
  await found(again, new RegExp(`entry ${last!.seq}\\): it was another at your earlier checkpoint`), '--since', before)
})

test('a key of another name or of other bytes is not yours', async () => {
  const other = sampleLog(64, { secret: 'other' }).key
  await found(await log.export(north), /another key than yours/, '--key', other)
  await found(await log.export(north, { header: { key: other } }), /not signed with the key/)
  const bytes = (key: string) => key.slice(-44)
  const key = log.key.replace(bytes(log.key), () => bytes(other))
  await found(await log.export(north, { header: { key } }), /not the one that it is called/)
  await found(await log.export(north, { header: { key: log.key.replace('example', 'example2') } }), /not the one that/)
})

test('a checkpoint may bear more signatures than that of the log, which are passed over', async () => {
  const more = `${log.noteOf(64)}— witness.example ${Buffer.alloc(76, 1).toString('base64')}\n`
  assert.equal((await verified(await log.export(north, { header: { checkpoint: more } }))).code, 0)
  const twice = `${log.noteOf(64)}${log.noteOf(64).split('\n').at(-2)}\n`
  await found(await log.export(north, { header: { checkpoint: twice } }), /not signed with the key/)
})

test('what is wrong with the question is told apart from what is wrong with the file', async () => {
  const good = await file(await log.export(north))
  assert.equal((await run()).code, 2)
  for (const more of [[good], ['--kye', log.key]]) assert.equal((await run(good, ...more)).code, 2)
  assert.equal((await run(join(folder, 'none'))).code, 3)
  assert.equal((await run(good, '--since', join(folder, 'none'))).code, 3)
})

test('the page for auditors names each field of each line', async () => {
  const page = await readFile('docs/audit-export.md', 'utf8')
  const lines = (await log.export(north, { since: 40 })).split('\n').slice(0, -1)
  const entry = JSON.parse(lines[1]!) as Record<string, Record<string, object>>
  const [header, footer] = [lines[0]!, lines.at(-1)!].map((line) => JSON.parse(line) as Record<string, object>)
  const { leaf, who, what } = entry
  const halves = [who!, who!['value']!, what!['value']!]
  const objects = [header!, header!['consistency']!, entry, leaf!, ...halves, footer!]
  for (const name of objects.flatMap((each) => Object.keys(each))) assert.ok(page.includes(`\`${name}\``), name)
})

test('nothing that a file says reaches the terminal as a command to it', async () => {
  const { err } = await verified('\u001b[2J\u009b2J{"leaf":1}\n')
  assert.doesNotMatch(err, /(?!\n)\p{C}/u)
  const id = '\u009b2J\u202e'
  const rewrite = (rows: Row[]) => rows.map((row) => ({ ...row, facts: { ...row.facts, id } }))
  const told = await verified(await log.export(north, { rewrite }))
  assert.equal(told.code, 5)
  assert.doesNotMatch(told.err, /(?!\n)\p{C}/u)
})

test('a file that is made to hurt whoever reads it is refused like any other', async () => {
  const [header] = (await log.export(north)).split('\n')
  const bad = ['[]', 'null', '"leaf"', '{}', '{"leaf":null}', `{"leaf":${'['.repeat(50_000)}${']'.repeat(50_000)}}`]
  for (const line of [...bad, '{"__proto__":{"leaf":1}}', '\ufeff{}', '{"a":1,"a":1}'])
    await found(`${header}\n${line}\n`, /^Line 2/)
  await found(`${'x'.repeat(65 * 1024 * 1024)}`, /too long to be an entry/)
})
