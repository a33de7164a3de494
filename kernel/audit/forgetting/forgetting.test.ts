import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { insistOnWhole, sealed, takeOver } from '../../../test/leaves.ts'
import { sql } from '../../../test/people.ts'
import { sealerOf } from '../../serve/open.ts'
import { openWorkspace } from '../../serve/workspaces.ts'
import { world } from '../../testing.ts'
import type { RealmKind } from '../../tenancy/realms.ts'

/** Nobody has to ask for it twice: whoever seals also forgets. */
for (const kind of ['pool', 'database'] satisfies RealmKind[])
  test(`somebody is forgotten by itself, in a ${kind} realm, and the log is whole again`, async () => {
    await using here = await world(jeweller, kind)
    const call = async (name: string, input: object = {}) => {
      const { status, body, text } = await here.as('owner').call(name, input)
      assert.equal(status, 200, text)
      return body
    }
    const { id } = await call('shop.customer.create', { name: 'Meera', phone: '+919800000001' })
    const asked = await call('audit.subject.erase', { subject: id, reason: 'They asked for it' })
    await until(async () => (await call('audit.subject.erasures', { subject: id })).data[0].state === 'done')
    const { data } = await call('audit.entry.list', { target: asked.id, action: 'audit.log.forget' })
    assert.equal(data.length, 1)
    // The entry that says so is sealed a moment later, and until then nobody vouches for the log.
    await until(async () => {
      const failed = await insistOnWhole(here, here.north.place).catch((error: Error) => error)
      if (failed && !failed.message.startsWith('Ask again')) throw failed
      return !failed
    })
  })

test('what is too old goes by itself', async () => {
  await using here = await world(helpdesk)
  await takeOver(here)
  const { workspace } = (await openWorkspace(here.served.parts, 'Aged', 'pool')).place
  await sql(here)(`update audit.entry set at = at - interval '12 months 1 day' where workspace_id = $1`, [workspace])
  await sealed(here)
  const before = await sql(here)('select id from audit.entry where workspace_id = $1', [workspace])
  await using _sealer = sealerOf(here.served.parts)
  const old = async () =>
    await sql(here)(`select id from audit.entry where workspace_id = $1 and at < now() - interval '12 months'`, [
      workspace,
    ])
  assert.equal((await old()).length, before.length)
  await until(async () => (await old()).length === 0)
  const [{ n }] = (await sql(here)('select sum(entries)::int as n from audit.total where workspace_id = $1', [
    workspace,
  ])) as [{ n: number }]
  assert.equal(n, before.length)
})

/** It waits for transactions of other tests, too. */
const LONG_ENOUGH_MS = 90_000

async function until(holds: () => Promise<boolean>) {
  for (const end_ms = Date.now() + LONG_ENOUGH_MS; !(await holds()); await sleep(50))
    if (Date.now() > end_ms) throw new Error('it did not happen')
}
