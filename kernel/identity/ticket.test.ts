import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../editions/helpdesk/edition.ts'
import { sql } from '../../test/people.ts'
import { post } from '../../test/visitors.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'
import { changingLobby, LOBBY, lobbyOf } from './lobby.ts'

let here: World
before(async () => {
  here = await world(helpdesk)
})
after(() => here[Symbol.asyncDispose]())

test('what ran out is swept away, and whoever comes while another sweeps does not wait for them', async () => {
  await sql(here)(
    `insert into identity.ticket (workspace_id, purpose, hash, expires_at)
     select $1, 'reset', encode(sha256(n::text::bytea), 'hex'), now() - interval '2 days'
     from generate_series(1, 40) n`,
    [LOBBY],
  )
  const { house } = here.served.parts
  const old = `from identity.ticket where expires_at < now() - interval '1 day'`
  {
    await using sweeper = changingLobby(await lobbyOf(house.realms, house.shared))
    await sweeper.run({ text: `select ${old} for update`, name: 'hold old tickets' })
    const told = await post(here, '/auth/passkey-begin', {})
    assert.equal(told.status, 200, told.text)
  }
  assert.equal((await post(here, '/auth/passkey-begin', {})).status, 200)
  assert.deepEqual(await sql(here)(`select count(*)::int as n ${old}`), [{ n: 0 }])
})
