import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { dice } from '../../../test/dice.ts'
import { FORKED, forkedKey, submission, treeOf, type Tree } from '../../../test/forks.ts'
import { quietWorld, sealAll, type Quiet } from '../../../test/sealed.ts'
import { openCheckpoint } from '../../audit/log/checkpoint.ts'
import { cosignatureVerifier } from '../../audit/log/cosignature.ts'
import { noteVerifier } from '../../audit/log/note.ts'
import { pathOf, tilesSince } from '../../audit/log/tiles.ts'
import { isConsistent, type Head } from '../../audit/log/tree.ts'
import { copiesIn, type Copies } from '../../audit/sealing/copies.ts'
import { openCopies } from '../../audit/sealing/copies/opening.ts'
import { ownCertificate } from '../../transport/certificate.ts'
import { serve, type Served } from '../serve.ts'
import { openStage, world } from '../../testing.ts'
import { createLimits } from '../../limits/limits.ts'

let here: Quiet
before(async () => (here = await quietWorld()))
after(async () => await here[Symbol.asyncDispose]())

const base = (served: Served) => `http://127.0.0.1:${served.listening.port}`
const at = (path: string, asked: RequestInit = {}) => fetch(`${here.base}${path}`, asked)

test('whoever has the key can follow the shared log: its head, and every tile up to it', async () => {
  await here.act(3)
  const key = (await (await at('/audit/key')).text()).trimEnd()
  const answer = await at('/audit/checkpoint')
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/plain; charset=utf-8'])
  assert.equal(answer.headers.get('cache-control'), 'no-cache')
  assert.equal(answer.headers.get('access-control-allow-origin'), null)
  const note = Buffer.from(await answer.text())
  const { size } = openCheckpoint(note, { origin: key.split('+')[0]!, log: [noteVerifier(key)] })
  assert.ok(size > 3)
  for (const tile of tilesSince(0, size)) {
    const found = await at(`/audit/${pathOf(tile)}`)
    assert.deepEqual([found.status, found.headers.get('content-type')], [200, 'application/octet-stream'])
    assert.equal(found.headers.get('cache-control'), 'public, max-age=31536000, immutable')
    assert.equal((await found.arrayBuffer()).byteLength, tile.width * 32)
  }
  const [whole, part] = await Promise.all(
    [`tile/0/000.p/${size}`, 'tile/0/000.p/2'].map(async (path) =>
      Buffer.from(await (await at(`/audit/${path}`)).arrayBuffer()),
    ),
  )
  assert.deepEqual(whole!.subarray(0, 64), part, 'a narrower tile is the beginning of the wider one')
  const head = await at('/audit/tile/0/000.p/2', { method: 'HEAD' })
  assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '64', ''])
})

test('what is no path of a log is not found, as anything else', async () => {
  const { size } = { size: Number((await (await at('/audit/checkpoint')).text()).split('\n')[1]) }
  const nowhere = await (await at('/audit/nowhere')).json()
  const id = here.realm.id
  for (const path of [
    '',
    'tile',
    'tile/',
    'tile/0',
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/00/000',
    'tile/0/x000/000',
    'tile/0/000',
    'tile/0/000/',
    'tile/0/000.p',
    'tile/0/000.p/',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    `tile/0/000.p/${size + 1}`,
    'tile/0/001.p/1',
    'tile/1/000.p/1',
    'tile/64/000.p/1',
    'tile/-1/000.p/1',
    'tile/entries/000',
    'tile/0/%300%30.p/1',
    '%74ile/0/000.p/1',
    'tile/0/000%2ep/1',
    'Checkpoint',
    'checkpoint/',
    '1/checkpoint',
    'witness',
    'add-checkpoint',
    `${id}/checkpoint`,
    `${id}/0/checkpoint`,
    `${id}/01/checkpoint`,
    `${id}/2/checkpoint`,
    `${id}/99999999999/checkpoint`,
    `${id.toUpperCase()}/1/checkpoint`,
    `${id}/1/secret`,
    '00000000-0000-0000-0000-000000000000/1/checkpoint',
    `${here.north.workspace}/1/checkpoint`,
    `${'0'.repeat(64)}/checkpoint`,
    '../audit/checkpoint/..',
    "tile/0/000'--",
  ]) {
    const found = await fetch(new URL(`${here.base}/audit/${path}`.replace('/../', '/%2e%2e/')))
    assert.equal(found.status, 404, path)
    const told = (await found.json()) as Record<string, unknown>
    assert.deepEqual({ ...told, instance: '' }, { ...(nowhere as object), instance: '' }, path)
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
    assert.equal((await at('/audit/checkpoint', { method })).status, 404, method)
  // Nobody is a witness here unless told for whom.
  assert.equal((await at('/audit/add-checkpoint', { method: 'POST', body: 'old 0\n\n' })).status, 404)
})

test('each log has an address of its own, the shared one too, and nobody else tells of it', async () => {
  const [shared, own] = await Promise.all(
    ['checkpoint', `${here.realm.id}/1/checkpoint`].map(async (path) => await (await at(`/audit/${path}`)).text()),
  )
  assert.equal(own, shared)
  const { workspace, realm: alone } = await here.parts.deployment.createWorkspace('database')
  await here.parts.deployment.realms.place(workspace)
  assert.equal((await at(`/audit/${alone.id}/1/checkpoint`)).status, 404, 'before anything was sealed')
  await sealAll(here.parts, alone)
  const found = await (await at(`/audit/${alone.id}/1/checkpoint`)).text()
  assert.match(found, new RegExp(`^vouchsafe/${alone.id}/1\n`))
  for (const path of [
    '/',
    '/security',
    '/security.json',
    '/openapi.json',
    '/robots.txt',
    '/audit/checkpoint',
    '/audit/key',
  ])
    assert.ok(!(await (await at(path)).text()).includes(alone.id), path)
})

test('the key that signs is no part of what the role that shows the log can read', async () => {
  const { names, realms } = here.parts.deployment
  const role = names.role('audit')
  const asked = realms
    .open(here.realm)
    .run([{ text: `select set_config('role', $1, true)`, values: [role] }, { text: 'select secret from audit.log' }])
  await assert.rejects(asked, /permission denied/)
})

test('strangers pay for what they ask, whether it is there or not', async () => {
  await using poor = await world(jeweller, 'pool', createLimits({ scale: 0.05 }))
  const seen = new Set<number>()
  for (let one = 0; one < 80; one++)
    seen.add((await fetch(`${base(poor.served)}/audit/${one % 2 ? 'checkpoint' : 'nowhere'}`)).status)
  assert.ok(seen.has(429))
})

const blind = (copies: Copies): Copies => ({
  newest: async () => undefined,
  keep: (log, note) => copies.keep(log, note),
})
const NOWHERE = copiesIn([], () => undefined)

/** A second deployment that is told to watch the first. */
async function watching(key: string): Promise<AsyncDisposable & { served: Served; vkey: string }> {
  await using opened = new AsyncDisposableStack()
  const stage = opened.use(await openStage(jeweller))
  const certificate = await ownCertificate(stage.folder, ['localhost'])
  const quiet = { host: '127.0.0.1', port: 0, tlsPort: 0, certificate, probing: false, witnessOf: [key] }
  const served = opened.use(await serve(stage.parts, quiet))
  const vkey = (await (await fetch(`${base(served)}/audit/witness`)).text()).trimEnd()
  const all = opened.move()
  return { served, vkey, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

async function until(holds: () => Promise<boolean>, what: string) {
  for (const end_ms = Date.now() + 30_000; !(await holds()); await new Promise((done) => setTimeout(done, 50)))
    if (Date.now() > end_ms) throw new Error(`in vain: ${what}`)
}

type Told = { event: string; fields: Record<string, unknown> }

/** What somebody does who has the database: everything as it was. */
async function rememberTables(): Promise<() => Promise<void>> {
  const each = async (text: (table: string) => string) => {
    for (const table of ['entry', 'leaf', 'tile', 'log']) await here.sql(text(table))
  }
  await each((table) => `create table audit.old_${table} as table audit.${table}`)
  return async () => {
    await each((table) => `truncate audit.${table}`)
    await each((table) => `insert into audit.${table} table audit.old_${table}`)
    await each((table) => `drop table audit.old_${table}`)
  }
}

test('another deployment vouches for a log that only grows, and not for one that was set back', async () => {
  await here.act(1)
  const key = (await (await at('/audit/key')).text()).trimEnd()
  const origin = key.split('+')[0]!
  await using other = await watching(key)
  const told: Told[] = []
  const open = () =>
    openCopies({
      folder: undefined,
      witnesses: [`${base(other.served)}/audit ${other.vkey}`],
      keeperOf: async () => here.parts.deployment.keeper.open(here.realm),
      tell: (event, fields) => told.push({ event, fields }),
    })
  const published = async () => {
    const note = Buffer.from(await (await at('/audit/checkpoint')).text())
    return openCheckpoint(note, { origin, log: [noteVerifier(key)], witnesses: [cosignatureVerifier(other.vkey)] })
  }
  for (const times of [1, 300]) {
    await using copies = open()
    await here.act(times, copies)
    await until(async () => (await published()).seen.length === 1, 'the witness signs what is published')
  }
  const { size } = await published()
  assert.equal((await open().newest(origin))!.size, size)

  // Everything is put back to what it was, and goes on otherwise.
  const putBack = await rememberTables()
  await here.act(5, NOWHERE)
  const cosigned = open()
  await here.act(1, cosigned)
  await until(async () => (await published()).seen.length === 1, 'the witness signs again')
  await cosigned[Symbol.asyncDispose]()
  const before = await published()
  await putBack()
  assert.equal(told.length, 0)
  // Whoever asks the witness goes no further; and who does not ask it is not vouched for.
  const asking = open()
  await assert.rejects(here.act(1, asking), /a copy outside of the database knows/)
  await asking[Symbol.asyncDispose]()
  const after = open()
  await here.act(1, blind(after))
  await until(async () => told.some(({ event }) => event === 'checkpoint contradicts its copy'), 'the witness objects')
  await after[Symbol.asyncDispose]()
  assert.equal((await open().newest(origin))!.size, before.size)
  await here.act(300, NOWHERE)
  assert.ok((await published()).size > before.size, 'it has more leaves again, but they are others')
  told.splice(0)
  const again = open()
  await here.act(1, blind(again))
  await until(async () => told.length > 0, 'the witness objects to a longer one, too')
  assert.match(String(told[0]!.fields['problem']), /answered 422/)
  await again[Symbol.asyncDispose]()
  assert.equal((await published()).seen.length, 0)
})

test('of heads that come at once, forks among them, no two that contradict each other are signed', async () => {
  await using other = await watching(forkedKey)
  const throwOf = dice(3)
  const forks = [treeOf(400), ...Array.from({ length: 7 }, (_, at) => treeOf(400, at * 40))]
  const signed: { head: Head; from: Tree }[] = []
  let older = 0
  const statuses = new Set<number>()
  const submit = async () => {
    const from = forks[throwOf(forks.length)]!
    const size = Math.max(older, 1 + throwOf(400))
    const body = submission(older, size, from)
    const answer = await fetch(`${base(other.served)}/audit/add-checkpoint`, {
      method: 'POST',
      body: new Uint8Array(body),
    })
    statuses.add(answer.status)
    const text = await answer.text()
    if (answer.status === 409) older = Math.max(older, Number(text))
    if (answer.status === 200) signed.push({ head: from.head(size), from })
  }
  for (let wave = 0; wave < 8; wave++) await Promise.all(Array.from({ length: 64 }, submit))
  assert.deepEqual(
    [...statuses].toSorted((one, other) => one - other),
    [200, 409, 422],
  )
  const last = signed.toSorted((one, next) => one.head.size - next.head.size).at(-1)!
  for (const { head } of signed) assert.ok(isConsistent(head, last.head, last.from.proof(head.size, last.head.size)))
  const hashed = hash('sha256', FORKED)
  const shown = await (await fetch(`${base(other.served)}/audit/${hashed}/checkpoint`)).text()
  const known = { origin: FORKED, log: [noteVerifier(forkedKey)], witnesses: [cosignatureVerifier(other.vkey)] }
  const found = openCheckpoint(Buffer.from(shown), known)
  assert.deepEqual([found.size, found.root, found.seen.length], [last.head.size, last.head.root, 1])
  const tooLong = { method: 'POST', body: 'old 0\n'.padEnd(200_000, 'A') }
  assert.equal((await fetch(`${base(other.served)}/audit/add-checkpoint`, tooLong)).status, 413)
})

test('the script that checks an export is there for whoever has nothing else', async () => {
  const answer = await at('/audit/verifier.mjs')
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/javascript; charset=utf-8'])
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  const script = new URL('../../audit/log/verifier.mjs', import.meta.url)
  assert.equal(await answer.text(), await readFile(script, 'utf8'))
  assert.equal((await at('/audit/verifier.mjs/')).status, 404)
})
