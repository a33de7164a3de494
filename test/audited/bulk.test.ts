import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { world } from '#kernel/testing'
import type { World } from '#kernel/testing'
import { sql } from '../people.ts'
import { watching } from './act.ts'
import { kinds, refused, writingEdition } from './writes.ts'

/**
 * A module's author cannot forget: whatever `run` does to rows, in however many statements, stands in the entry that is
 * written with its commit; and what came to nothing leaves neither rows nor an entry.
 */
let here: World
before(async () => {
  here = await world(writingEdition())
})
after(() => here[Symbol.asyncDispose]())

const call = (name: string) => here.as('owner').call(`trial.${name}`)
const watch = <Told>(what: string, act: () => Promise<Told>) => watching(sql(here))(what, act)

suite('however it is written', () => {
  for (const name of Object.keys(kinds))
    for (const time of name.startsWith('quickly') ? ['first', 'second'] : ['only'])
      test(`${name}, the ${time} time: one entry, which tells of every row`, async () => {
        if (time === 'second') await refill(name)
        const { told, entries, changed } = await watch(name, () => call(`kinds.${name}`))
        assert.equal(told.status, 200, told.text)
        assert.deepEqual(
          entries.map(({ action }) => action),
          [`trial.kinds.${name}`],
        )
        if (!/Same|Nothing/.test(name)) assert.ok(changed.get(here.north.place.workspace)!.length > 0)
        assert.doesNotMatch(JSON.stringify(entries), /"pin":"(?!\[secret\])/)
      })
})

/** A statement's second time is quicker than its first, and must find the same to do. */
async function refill(name: string) {
  const { workspace } = here.north.place
  if (name === 'quicklyInsert') await sql(here)(`update trial.thing set name = 'quick 1' where name = 'quick'`)
  if (name === 'quicklyUpdate') await sql(here)(`delete from trial.thing where name = 'quick 1'`)
  if (name !== 'quicklyCascade') return
  const [row] = await sql(here)(
    `insert into trial.thing (workspace_id, name, n) values ($1, 'thing 2', 1) returning id`,
    [workspace],
  )
  await sql(here)(`insert into trial.part (workspace_id, thing_id, name) values ($1, $2, 'a part')`, [
    workspace,
    row!['id'],
  ])
}

suite('what comes to nothing leaves nothing', () => {
  for (const name of Object.keys(refused))
    test(name, async () => {
      await sql(here)(
        `insert into trial.thing (workspace_id, name, n) values ($1, 'stays', 1) on conflict do nothing`,
        [here.north.place.workspace],
      )
      const { told, entries, changed } = await watch(name, () => call(`refused.${name}`))
      // Whoever does not wait may be overtaken by the commit; then it is an act like any other.
      if (name === 'forgetsToWait' && told.status === 200) return assert.ok(entries.length === 1)
      assert.ok(told.status >= 400, told.text)
      if (name.startsWith('isTooMuch')) assert.deepEqual([told.status, told.body.code], [413, 'too-much-at-once'])
      assert.deepEqual([entries.filter(({ outcome }) => outcome === 'done'), changed.size], [[], 0])
    })
})

test('what changed in one workspace is never told in the log of another', async () => {
  const { north, south } = here
  const going = (then: string) =>
    sql(here)(`set local app.workspace = '${north.place.workspace}';
      insert into trial.thing (name, n) values ('north of the border', 1);
      set local app.workspace = '${south.place.workspace}'; ${then}`)
  await assert.rejects(going('select tenancy.take_changes()'), /would be told in the log of another/)
  await assert.rejects(going(`insert into trial.thing (name, n) values ('south', 1)`), /in the log of another/)
  assert.deepEqual(await sql(here)(`select id from trial.thing where name = 'north of the border'`), [])
})

test('a table that does not tell what became of it is found here', async () => {
  await sql(here)('alter table trial.thing disable trigger noted_insert')
  await assert.rejects(
    watch('untold', () => call('kinds.insertAtOnce')),
    /is not what became of its rows/,
  )
  await sql(here)('alter table trial.thing enable trigger noted_insert')
  assert.equal((await watch('told', () => call('kinds.deleteAtOnce'))).told.status, 200)
})
