import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { editionCalled, editionNames } from '../cli/editions.ts'
import type { Canary, LiveOperation } from '../kernel/contract/control.ts'
import { requestOf } from '../kernel/serve/live/ask.ts'
import { world } from '../kernel/testing.ts'
import type { World } from '../kernel/testing.ts'
import { insistOnSilence, watching } from './audited/act.ts'
import type { Entry } from './audited/act.ts'

/**
 * Everything that can be done is done once, with a picture of all tables before and after: the log of the workspace
 * tells of the difference, whole and to the letter, and of nothing else.
 */
for (const name of await covering())
  suite(`what is done in ${name} is what its log tells`, () => {
    let here: World
    before(async () => {
      here = await world(await editionCalled(name))
    })
    after(() => here[Symbol.asyncDispose]())

    test('by a key, in a shared database', () => doEverything(here, here.served.live.canaries[0]!.north, 'key'))
    test('by a person, in a database of one’s own', () =>
      doEverything(here, here.served.live.canaries[1]!.north, 'person'))
    test('by a job', () => doJobs(here, here.served.live.canaries[0]!.north))
  })

/** As few editions as have all modules. */
async function covering(): Promise<string[]> {
  const all = await Promise.all(
    editionNames.map(async (name) => ({ name, modules: modulesOf(await editionCalled(name)) })),
  )
  const [left, chosen] = [new Set(all.flatMap(({ modules }) => modules)), [] as string[]]
  for (const { name, modules } of all.toSorted((one, other) => other.modules.length - one.modules.length))
    if (chosen.length === 0 || modules.some((module) => left.has(module))) {
      chosen.push(name)
      for (const module of modules) left.delete(module)
    }
  return chosen
}

function modulesOf({ modules }: { modules: readonly { name: string }[] }) {
  return modules.map(({ name }) => name)
}

const USER_AGENT = 'Walker through everything/1.0'
const FORGED = { 'x-forwarded-for': '203.0.113.77', 'user-agent': USER_AGENT }

async function doEverything(here: World, canary: Canary, by: 'key' | 'person') {
  const watch = watching(canary.catalogue)
  const actor = by === 'key' ? await keyOf(canary) : canary.person('owner').id
  const token = by === 'key' ? canary.key : await canary.person('owner').token()
  const secrets = [token, canary.person('owner').password]
  const ask = async ({ name, kind }: LiveOperation, input: object) => {
    const { path, asking } = requestOf(name, kind === 'query', input, token)
    return await here.served.live.http(path, { ...asking, headers: { ...asking.headers, ...FORGED } })
  }
  // Some look for what somebody's act takes away.
  const of = (wanted: string) => here.served.live.operations.filter(({ kind }) => kind === wanted)
  for (const operation of [...of('query'), ...of('action')]) {
    const { name, kind, recorded } = operation
    const { told, entries, changed } = await watch(name, () => ask(operation, operation.example(canary)))
    assert.equal(told.status, 200, `${name}: ${told.text}`)
    secrets.push(...secretsIn(told.text))
    if (kind === 'query') assert.equal(changed.size, 0, `${name} is a look and changed something`)
    if (!recorded) {
      assert.deepEqual(entries, [], `${name} is a look that leaves no entry`)
      continue
    }
    assert.deepEqual(
      [...changed.keys()].filter((workspace) => workspace !== canary.workspace),
      [],
    )
    const entry = onlyOne(name, entries)
    insistOnFacts(entry, {
      workspace: canary.workspace,
      action: name,
      outcome: 'done',
      actor_kind: by,
      actor_id: actor,
      address: '127.0.0.1',
      user_agent: USER_AGENT,
      request_id: told.headers.get('x-request-id')!,
    })
    if (kind === 'action') await insistOnTarget(canary, entry)
  }
  await insistOnSilence(canary.catalogue, secrets)
}

/** Jobs have no door: they are asked for, and the worker does them in a process of its own choosing. */
async function doJobs(here: World, canary: Canary) {
  const watch = watching(canary.catalogue)
  const jobs = here.served.live.operations.filter(({ kind }) => kind === 'job')
  assert.ok(jobs.length > 0)
  for (const { name, example } of jobs) {
    const [job, request_id] = [randomUUID(), randomUUID()]
    const { entries } = await watch(name, async () => {
      await canary.catalogue(
        `insert into events.job (workspace_id, id, name, input, request_id, asked_by) values ($1, $2, $3, $4, $5, 'test')`,
        [canary.workspace, job, name, JSON.stringify(example(canary)), request_id],
      )
      const { realms } = here.served.parts.deployment
      here.served.parts.worker.wake((await realms.place(canary.workspace))!.realm)
      await untilGone(canary, job)
    })
    const entry = onlyOne(name, entries)
    const { workspace } = canary
    insistOnFacts(entry, { workspace, action: name, outcome: 'done', actor_kind: 'job', actor_id: job, request_id })
    await insistOnTarget(canary, entry)
  }
}

function onlyOne(name: string, entries: readonly Entry[]): Entry {
  assert.equal(entries.length, 1, `${name} left ${entries.map(({ action }) => action).join(', ') || 'nothing'}`)
  return entries[0]!
}

function insistOnFacts(entry: Entry, expected: Partial<Entry>) {
  const shown = Object.fromEntries(Object.keys(expected).map((key) => [key, entry[key as keyof Entry]]))
  assert.deepEqual(shown, expected)
}

/** A record of the module that the action is of: one that changed, that is there, or that is gone from now on. */
async function insistOnTarget(canary: Canary, { action, target, changes }: Entry) {
  const module = action.split('.')[0]!
  if (OF_MANY.test(action)) return assert.equal(target, null)
  const touched = (changes ?? []).filter(({ id }) => id === target).map(({ of }) => of)
  const found = touched.length
    ? touched
    : [...(await tablesWith(canary, module, target)), ...(await tablesWith(canary, 'audit', target))]
  assert.ok(
    found.some((table) => table.startsWith(`${module}.`) || table === 'audit.alert'),
    `${action} was done to ${target}, which is of ${found.join(', ') || 'nothing'}`,
  )
}

/** What brings many records along is done to no one of them; its changes name each. */
const OF_MANY = /\.import$/

async function tablesWith({ catalogue, workspace }: Canary, module: string, id: string | null): Promise<string[]> {
  const tables = await catalogue('select table_name as name from information_schema.tables where table_schema = $1', [
    module,
  ])
  const all = tables.map(({ name }) => `${module}.${String(name)}`)
  const found = await catalogue(
    all.map((name) => `select '${name}' as name from ${name} where workspace_id = $1 and id = $2`).join(' union all '),
    [workspace, id],
  )
  return found.map(({ name }) => String(name))
}

async function keyOf({ catalogue, key }: Canary): Promise<string> {
  const [row] = await catalogue(`select id from identity.key where hash = encode(sha256($1), 'hex')`, [key])
  return String(row!['id'])
}

async function untilGone({ catalogue }: Canary, job: string) {
  const deadline = Date.now() + 30_000
  while ((await catalogue('select 1 as one from events.job where id = $1', [job])).length)
    if (Date.now() > deadline) throw new Error('the job was not done')
    else await new Promise((resolve) => setTimeout(resolve, 20))
}

/** What an answer shows once. */
const secretsIn = (text: string) => [...text.matchAll(/"(?:token|secret)":"([^"]{10,})"/g)].map(([, secret]) => secret!)
