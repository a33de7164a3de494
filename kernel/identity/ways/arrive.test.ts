import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { lettersTo } from '../../../test/letters.ts'
import { sql } from '../../../test/people.ts'
import { owner, PASSWORD, post } from '../../../test/visitors.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'

let here: World
before(async () => {
  here = await world(helpdesk)
})
after(() => here[Symbol.asyncDispose]())

test('a sign-in that is unlike those before is announced, and the usual ones are not (ASVS 6.3.5)', async () => {
  const { email } = await owner(here)
  const enter = async (browser: string) => {
    const told = await post(here, '/auth/sign-in', { email, password: PASSWORD }, { 'user-agent': browser })
    assert.equal(told.body.next, 'done', told.text)
  }
  const announced = async () => (await lettersTo(here, email)).filter(({ template }) => template === 'new-sign-in')
  await enter('Browser of the office')
  assert.equal((await announced()).length, 1)
  await enter('Browser of the office')
  assert.equal((await announced()).length, 1)
  await enter('Browser of nobody')
  const [letter] = await announced()
  assert.match(letter!.text, /Browser of nobody/)
  // From elsewhere the same browser is another one; from next door it is not.
  const move = async (address: string) =>
    await sql(here)(
      'update identity.session set address = $2 where person_id in (select id from identity.person where email = $1)',
      [email, address],
    )
  await move('127.0.200.9')
  await enter('Browser of the office')
  assert.equal((await announced()).length, 2)
  await move('198.51.100.7')
  await enter('Browser of the office')
  assert.equal((await announced()).length, 3)
})

test('whoever belongs to more workspaces than are listed still comes into the one that they name', async () => {
  const { email, session } = await owner(here)
  await sql(here)(
    `insert into identity.belonging (workspace_id, person_id, member_of)
     select workspace_id, id, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid
     from identity.person, generate_series(1, 60) n where email = $1`,
    [email],
  )
  const told = await post(here, '/auth/sign-in', { email, password: PASSWORD, workspace: session.workspace })
  assert.equal(told.body.next, 'done', told.text)
})
