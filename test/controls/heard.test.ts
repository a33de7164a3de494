import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { lettings } from '../../editions/lettings/edition.ts'
import { world } from '../../kernel/testing.ts'
import type { World } from '../../kernel/testing.ts'
import { runControl } from '../../kernel/trust/runner.ts'
import { whileBroken } from './drill.ts'

/** What the edition of the drill does not promise: letters about alerts. It has a dashboard, and this one has none. */
let here: World
before(async () => {
  here = await world(lettings)
})
after(() => here[Symbol.asyncDispose]())

const look = async (name: string) => {
  const { live, controls } = here.served
  const { holds, detail } = await runControl(name, controls.get(name)!, live)
  return { holds, detail: JSON.stringify(detail) }
}

test('that no owner was written to about an alert is noticed, where the policy says that they are', async () => {
  const { canaries } = here.served.live
  assert.equal((await look('audit.watched')).holds, true)
  const told = await whileBroken(
    async () => {
      await Promise.all(canaries.map(({ north }) => north.catalogue(LOSE)))
      return async () => void (await Promise.all(canaries.map(({ north }) => north.catalogue(FIND))))
    },
    () => look('audit.watched'),
  )
  assert.equal(told.holds, false)
  assert.match(told.detail, /no owner was written to/)
  assert.equal((await look('audit.watched')).holds, true)
})

const LOSE = `create function mail.lose() returns trigger language plpgsql as $$ begin return null; end $$;
  create trigger lose before insert on mail.letter for each row when (new.template = 'alert')
    execute function mail.lose()`
const FIND = 'drop trigger lose on mail.letter; drop function mail.lose()'

test('that there is no dashboard to read the log in is noticed', async () => {
  const { holds, detail } = await look('audit.reading')
  assert.equal(holds, false)
  assert.match(detail, /the dashboard shows no log/)
})
