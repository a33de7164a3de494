import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { somebody, sql } from '../../test/people.ts'
import { world } from '../testing.ts'
import type { Answer, World } from '../testing.ts'

/** What the log shows to whom, and that showing it is in the log too. */
let here: World
before(async () => {
  here = await world(jeweller)
  await plant()
})
after(() => here[Symbol.asyncDispose]())

type Planted = { action: string; actor: string; target: string | null; outcome: string; hours: number }
const [ONE, OTHER] = [randomUUID(), randomUUID()]
const PLANTED: Planted[] = [
  { action: 'trial.invoice.issue', actor: 'layla', target: ONE, outcome: 'done', hours: 50 },
  { action: 'trial.invoice.void', actor: 'omar', target: ONE, outcome: 'done', hours: 40 },
  { action: 'trial.invoice.issue', actor: 'omar', target: OTHER, outcome: 'forbidden', hours: 30 },
  { action: 'trial.invoicing.close', actor: 'layla', target: null, outcome: 'done', hours: 20 },
  { action: 'trial.invoice.issue', actor: 'layla', target: OTHER, outcome: 'not-found', hours: 10 },
]

/** In both workspaces, with ids that say when they were made, as Postgres makes them. */
const plant = () =>
  sql(here)(
    `insert into audit.entry (workspace_id, id, at, action, actor_kind, actor_id, actor_name, request_id, target, outcome, input, changes)
     select w::uuid, overlay(gen_random_uuid()::text placing
         substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-7' from 1 for 15)::uuid,
       at, p.action, 'person', p.actor, initcap(p.actor), 'planted ' || p.hours, p.target, p.outcome, '{"n": 1}',
       jsonb_build_array(jsonb_build_object('of', 'trial.invoice', 'id', p.target,
         'before', jsonb_build_object('state', 'draft'), 'after', jsonb_build_object('state', 'issued', 'sum', -5)))
     from unnest($1::text[]) w, jsonb_to_recordset($2::jsonb)
       p (action text, actor text, target text, outcome text, hours int)
     cross join lateral (select now() - make_interval(hours => p.hours) as at) q
     cross join lateral (select lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') as h) r`,
    [[here.north.place.workspace, here.south.place.workspace], JSON.stringify(PLANTED)],
  )

const list = (input: object, role = 'owner') => here.as(role).call('audit.entry.list', input)
type Shown = { id: string; action: string; outcome: string; at: string; target: string | null; requestId: string }
const shown = ({ status, text, body }: Answer): Shown[] => {
  assert.equal(status, 200, text)
  return (body as { data: Shown[] }).data
}
/** Of the planted, by how long ago they were. */
const hours = (answer: Answer) =>
  shown(answer).flatMap(({ requestId }) => (requestId.startsWith('planted ') ? [Number(requestId.slice(8))] : []))
const ago = (many: number) => new Date(Date.now() - many * 3_600_000).toISOString()

const FILTERS: [string, object, number[]][] = [
  ['who', { actor: 'omar' }, [30, 40]],
  ['nobody', { actor: 'nobody at all' }, []],
  ['one action', { action: 'trial.invoice.issue' }, [10, 30, 50]],
  ['all of a thing', { action: 'trial.invoice.' }, [10, 30, 40, 50]],
  ['all of a module', { action: 'trial.' }, [10, 20, 30, 40, 50]],
  ['no beginning of a word', { action: 'trial.invoic' }, []],
  ['of which thing', { type: 'trial.invoice' }, [10, 30, 40, 50]],
  ['of another thing', { type: 'trial.invoicing' }, [20]],
  ['of no module alone', { type: 'trial' }, []],
  ['both', { type: 'trial.invoice', action: 'trial.invoice.void' }, [40]],
  ['both that exclude each other', { type: 'trial.invoicing', action: 'trial.invoice.void' }, []],
  ['one record', { target: ONE }, [40, 50]],
  ['no record', { target: randomUUID() }, []],
  ['one request', { requestId: 'planted 30' }, [30]],
  ['what was refused', { outcome: 'refused', type: 'trial.invoice' }, [10, 30]],
  ['what was done', { outcome: 'done', type: 'trial.invoice' }, [40, 50]],
  ['since', { from: ago(35), type: 'trial.invoice' }, [10, 30]],
  ['until', { to: ago(35), action: 'trial.' }, [40, 50]],
  ['between', { from: ago(45), to: ago(15) }, [20, 30, 40]],
  ['a time of no year', { from: '9999-12-30T00:00:00Z' }, []],
  ['long ago', { to: '0001-01-02T00:00:00Z' }, []],
  ['wildcards are letters', { action: '%.invoice.' }, []],
  [
    'everything at once',
    { actor: 'omar', action: 'trial.invoice.', target: ONE, outcome: 'done', from: ago(48) },
    [40],
  ],
]

for (const [what, filter, expected] of FILTERS)
  test(`a filter finds ${what}, newest first, and a file holds the same`, async () => {
    const found = await list(filter)
    assert.deepEqual(hours(found), expected)
    const file = await here.as('owner').call('audit.entry.export', { ...filter, format: 'jsonl' })
    assert.equal(file.status, 200, file.text)
    const lines = file.text.split('\n').filter(Boolean)
    const planted = lines.filter((line) => (JSON.parse(line) as Shown).requestId.startsWith('planted '))
    assert.deepEqual(
      planted,
      shown(found)
        .filter(({ requestId }) => requestId.startsWith('planted '))
        .map((one) => JSON.stringify(one)),
    )
  })

test('the moment of a filter is within, and its end is not', async () => {
  const [first] = shown(await list({ requestId: 'planted 50' }))
  assert.deepEqual(hours(await list({ from: first!.at, to: ago(45) })), [50])
  assert.deepEqual(hours(await list({ to: first!.at })), [])
})

test('a thing of many actions is read page by page, each entry once', async () => {
  const seen: number[] = []
  let cursor: string | undefined
  do {
    const told = await list({ action: 'trial.', limit: 2, ...(cursor && { cursor }) })
    seen.push(...hours(told))
    cursor = (told.body.nextCursor ?? undefined) as string | undefined
  } while (cursor)
  assert.deepEqual(seen, [10, 20, 30, 40, 50])
})

const get = async (id: string) => {
  const { status, text, body } = await here.as('owner').call('audit.entry.get', { id })
  assert.equal(status, 200, text)
  return body as Whole
}
type Whole = Record<string, unknown> & {
  sealed: { epoch: number; seq: number; index: number; size: number } | null
}

test('one entry is shown with what was asked and what changed by field, and without what was erased', async () => {
  const [{ id } = { id: '' }] = shown(await list({ requestId: 'planted 40' }))
  const { type, input, changes, moreChanges, action } = await get(id)
  assert.deepEqual(
    { type, input, action, moreChanges },
    { type: 'trial.invoice', input: { n: 1 }, action: 'trial.invoice.void', moreChanges: 0 },
  )
  assert.deepEqual(changes, [
    { of: 'trial.invoice', id: ONE, field: 'state', before: 'draft', after: 'issued' },
    { of: 'trial.invoice', id: ONE, field: 'sum', before: null, after: -5 },
  ])
  await sql(here)('update audit.entry set input = null, changes = null, actor_name = null where id = $1', [id])
  const erased = await get(id)
  assert.deepEqual([erased['input'], erased['changes'], erased['actorName'], erased['target']], [null, [], null, ONE])
})

test('an entry says where it is sealed once the log is signed with it, and nothing before that', async () => {
  const [{ id } = { id: '' }] = shown(await list({ requestId: 'planted 50' }))
  await until(async () => (await get(id)).sealed !== null)
  const { epoch, seq, index, size } = (await get(id)).sealed!
  assert.equal(typeof size, 'number')
  assert.ok(epoch > 0 && seq > 0 && index >= 0 && index < size, JSON.stringify([epoch, seq, index, size]))
  // One of a transaction that is yet to come waits for it.
  const [waiting] = await sql(here)(
    `insert into audit.entry (workspace_id, xid, action, actor_kind, actor_id, request_id)
     values ($1, '999999999999', 'trial.thing.wait', 'system', 'trial', 'trial') returning id`,
    [here.north.place.workspace],
  )
  assert.equal((await get(waiting!['id'] as string)).sealed, null)
})

async function until(is: () => Promise<boolean>) {
  const deadline = Date.now() + 30_000
  while (!(await is())) {
    assert.ok(Date.now() < deadline, 'it did not come to pass')
    await sleep(50)
  }
}

test('an entry of another workspace and one that never was are the same, to a look, a list and a file', async () => {
  const [theirs] = shown(await here.as('owner', 'south').call('audit.entry.list', { requestId: 'planted 40' }))
  const told = async (id: string) => {
    const { status, text } = await here.as('owner').call('audit.entry.get', { id })
    return [status, text.replace(/urn:uuid:[0-9a-f-]+/, '')]
  }
  assert.deepEqual(await told(theirs!.id), await told(randomUUID()))
  assert.equal((await told(theirs!.id))[0], 404)
})

test('owners and admins read the log, and nobody else (jeweller 2.3.2)', async () => {
  const id = shown(await list({ limit: 1 }))[0]!.id
  const asked: [string, object][] = [
    ['audit.entry.list', {}],
    ['audit.entry.get', { id }],
    ['audit.entry.export', { action: 'trial.' }],
  ]
  for (const [name, input] of asked) {
    for (const role of ['owner', 'admin']) assert.equal((await here.as(role).call(name, input)).status, 200, name)
    for (const role of ['manager', 'cashier']) {
      const { status, body } = await here.as(role).call(name, input)
      assert.deepEqual([status, body.code], [403, 'forbidden'], `${role} ${name}`)
    }
    assert.equal((await here.nobody.call(name, input)).status, 401, name)
  }
})

test('a file wants a proof that is still warm, and a page of another site gets none', async () => {
  const { token, call } = await somebody(here, ['owner'])
  assert.equal((await call('audit.entry.export', { action: 'trial.' })).status, 200)
  const id = Buffer.from(here.north.place.workspace.replaceAll('-', ''), 'hex').toString('base64url')
  const cookie = { cookie: `__Host-a-${id}=${token}`, 'vouchsafe-workspace': here.north.place.workspace }
  const asked = (headers: Record<string, string>) =>
    here.nobody.call('audit.entry.export', { action: 'trial.' }, { ...cookie, ...headers })
  assert.equal((await asked({ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })).status, 200)
  for (const site of ['cross-site', 'same-site'])
    for (const mode of ['cors', 'no-cors', 'navigate'])
      assert.equal((await asked({ 'sec-fetch-site': site, 'sec-fetch-mode': mode })).status, 403, `${site} ${mode}`)
  // What a link, an image or a form of any page can send has no header of ours.
  const bare = { cookie: cookie.cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
  assert.equal((await here.nobody.call('audit.entry.export', { action: 'trial.' }, bare)).status, 401)
  const other = await somebody(here, ['owner'])
  const past = `now() - interval '1 hour'`
  await sql(here)(`update identity.session set proved_at = ${past}, strong_at = ${past} where id = $1`, [other.session])
  const told = await other.call('audit.entry.export', { action: 'trial.' })
  assert.deepEqual([told.status, told.body.code], [403, 'step-up-required'])
})

const looks = async (action: string) =>
  await sql(here)(
    `select outcome, actor_kind, target, input, changes, request_id from audit.entry
     where workspace_id = $1 and action = $2 and outcome = 'done' order by xid, id`,
    [here.north.place.workspace, action],
  )

test('each look at the log is an entry of its own, and a look that was refused is none', async () => {
  const before = (await looks('audit.entry.list')).length
  const told = await list({ actor: 'omar', limit: 5 })
  const [entry, ...more] = (await looks('audit.entry.list')).slice(before)
  assert.deepEqual(more, [])
  assert.deepEqual(entry, {
    outcome: 'done',
    actor_kind: 'key',
    target: null,
    input: { actor: 'omar', limit: 5 },
    changes: null,
    request_id: told.headers.get('x-request-id'),
  })
  assert.equal((await list({ limit: 'many' })).status, 400)
  assert.equal((await list({ cursor: 'made.up' })).status, 400)
  assert.equal((await list({}, 'cashier')).status, 403)
  assert.equal((await looks('audit.entry.list')).length, before + 1)
  const { id } = shown(told)[0]!
  assert.equal((await here.as('owner').call('audit.entry.get', { id })).status, 200)
  assert.deepEqual((await looks('audit.entry.get')).map(({ target }) => target).slice(-1), [id])
  const gets = (await looks('audit.entry.get')).length
  assert.equal((await here.as('owner').call('audit.entry.get', { id: randomUUID() })).status, 404)
  assert.equal((await looks('audit.entry.get')).length, gets)
})

test('a look that cannot be recorded is not answered', async () => {
  const { parts } = here.served
  const { record } = parts
  parts.record = () => ({ text: 'select 1 / 0', name: 'broken look' })
  try {
    const { status, body, text } = await list({ actor: 'omar' })
    assert.deepEqual([status, body.code], [503, 'unavailable'])
    assert.ok(!text.includes('planted'))
    // Where looking is no act, nothing is to be recorded.
    assert.equal((await here.as('owner').call('identity.workspace.get')).status, 200)
  } finally {
    parts.record = record
  }
})
