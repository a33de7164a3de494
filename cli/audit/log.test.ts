import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Trouble } from '../../kernel/base/trouble.ts'
import type { Login } from '../../kernel/postgres/pool.ts'
import { callIn, openWorkspace } from '../../kernel/serve/workspaces.ts'
import { abandon, asAdmin } from '../../kernel/tenancy/cluster.ts'
import { namesOf } from '../../kernel/tenancy/names.ts'
import { testServer } from '../../kernel/testing.ts'
import { run } from '../audit.ts'
import { placeOf, withDeployment } from '../deployment.ts'

/** The commands as an operator gives them, on a deployment of their own. */
const name = `c${randomBytes(5).toString('hex')}`
let admin: Login
let folder: string
let workspace: string
const ending = new AsyncDisposableStack()

before(async () => {
  const server = await testServer()
  ending.defer(server.stop)
  admin = server.admin
  folder = await mkdtemp(join(tmpdir(), 'vouchsafe-cli-audit-'))
  ending.defer(() => rm(folder, { recursive: true }))
  await asAdmin(admin, admin.database, (client) => client.query(`create database ${name}`))
  ending.defer(() => abandon(admin, namesOf(name)))
  const { host, port, user, password } = admin
  const url = `postgresql://${user}:${encodeURIComponent(password)}@${encodeURIComponent(host)}:${port}/${name}`
  Object.assign(process.env, { DATABASE_URL: url, VOUCHSAFE_DATA: join(folder, 'data'), EDITION: 'jeweller' })
  workspace = await withDeployment(undefined, async (parts) => {
    const { place } = await openWorkspace(parts, 'North', 'pool')
    await callIn(parts, place)('shop.customer.create', { name: 'Somebody' })
    return place.workspace
  })
})
after(() => ending.disposeAsync())

async function said(...args: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const { log, error } = console
  Object.assign(console, { log: (line: string) => lines.push(line), error: (line: string) => lines.push(line) })
  try {
    return { code: (await run(args)) ?? 0, text: lines.join('\n') }
  } finally {
    Object.assign(console, { log, error })
  }
}
const refuses = (exit: number, says: RegExp, ...args: string[]) =>
  assert.rejects(run(args), (error) => error instanceof Trouble && error.exit === exit && says.test(error.message))

type Head = { realm: string; origin: string; key: string; size: number; copied: number; trouble: string | null }
const heads = async () => {
  const { code, text } = await said('head', '--json')
  return { code, all: JSON.parse(text) as Head[] }
}

test('a workspace’s log is written for its owner alone, says that it was taken, and holds', async () => {
  const [first, second] = [join(folder, 'first.jsonl'), join(folder, 'second.jsonl')]
  await run(['export', workspace, '-o', first])
  assert.equal((await stat(first)).mode & 0o777, 0o600)
  const lines = (await readFile(first, 'utf8')).trimEnd().split('\n')
  const { leaf, who } = JSON.parse(lines.at(-2)!) as { leaf: { action: string }; who: { value: { actorName: string } } }
  assert.deepEqual([leaf.action, who.value.actorName], ['audit.log.export', 'Operator of this deployment'])
  const { all, code } = await heads()
  assert.equal(code, 0)
  const head = all[0]!
  assert.deepEqual([head.trouble, head.copied], [null, head.size])
  assert.equal((await said('verify', first, '--key', head.key)).code, 0)
  await run(['export', workspace, '--since', first, '-o', second])
  assert.equal((await said('verify', second, '--key', head.key, '--since', first)).code, 0)
  assert.deepEqual((await readdir(folder)).toSorted(), ['data', 'first.jsonl', 'second.jsonl'])
})

test('what was misunderstood is told, and nothing is written', async () => {
  await refuses(2, /audit export/, 'exprot')
  await refuses(2, /by force/, 'reopen', '--all', '--force', '--reason', 'x')
  await refuses(2, /by its id/, 'export', 'north')
  await refuses(4, /no such workspace/, 'export', '0199a000-0000-7000-8000-000000000000')
  await refuses(2, /There is no file/, 'export', workspace, '--since', join(folder, 'none'))
  await refuses(2, /Neither a head/, 'export', workspace, '--since', import.meta.filename)
  await refuses(3, /There is no folder/, 'export', workspace, '-o', join(folder, 'none', 'x'))
  await refuses(2, /Say why/, 'reopen', '--all')
  await refuses(2, /Name one realm/, 'reopen', '--reason', 'x')
  await refuses(4, /no such realm/, 'reopen', 'none', '--reason', 'x')
})

test('a log that can go on is not opened anew; one that was set back is, and cites what is known of it', async () => {
  await refuses(4, /goes on as it is/, 'reopen', workspace, '--reason', 'housekeeping')
  assert.match((await said('reopen', '--all', '--reason', 'housekeeping')).text, /Every log goes on/)
  const { realm } = await withDeployment(undefined, async (parts) => await placeOf(parts, workspace))
  const everything = (text: (table: string) => string) =>
    asAdmin(admin, realm.database, async (client) => {
      await client.query('set session_replication_role = replica')
      for (const table of ['entry', 'leaf', 'tile', 'log']) await client.query(text(table))
    })
  await everything((table) => `create table public.old_${table} as table audit.${table}`)
  const kept = join(folder, 'kept.jsonl')
  await run(['export', workspace, '-o', kept])
  await everything((table) => `delete from audit.${table}`)
  await everything((table) => `insert into audit.${table} table public.old_${table}`)
  await everything((table) => `drop table public.old_${table}`)

  const before = await heads()
  assert.equal(before.code, 5)
  assert.match(before.all[0]!.trouble!, /copy outside of the database/)
  await refuses(5, /cannot vouch/, 'export', workspace, '-o', join(folder, 'after.jsonl'))
  const { text } = await said('reopen', '--all', '--reason', 'restored from last night')
  assert.match(text, /Opened 1/)
  const { code, all } = await heads()
  assert.deepEqual([code, all[0]!.trouble], [0, null])
  assert.match(all[0]!.origin, /\/2$/)
  const whole = join(folder, 'whole.jsonl')
  await run(['export', workspace, '-o', whole])
  const verdict = await said('verify', whole, '--since', kept)
  assert.equal(verdict.code, 0, verdict.text)
  assert.match(await readFile(whole, 'utf8'), /restored from last night/)
})
