import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { ticketFor } from '../../../test/letters.ts'
import { sql } from '../../../test/people.ts'
import { owner, PASSWORD, post, shown, signIn } from '../../../test/visitors.ts'
import { createHashing } from '../passwords/hashing.ts'
import { world } from '../../testing.ts'
import type { Answer, World } from '../../testing.ts'

/** Whoever shuts a thief out has shut them out, whatever the thief was in the middle of. */
let here: World
before(async () => {
  here = await world(helpdesk)
})
after(() => here[Symbol.asyncDispose]())

const NEW = 'nine slow barges under bridges'
const refusal = ({ status, body }: Answer) => [status, body.code]

async function reset(email: string): Promise<void> {
  await post(here, '/auth/reset-send', { email })
  const told = await post(here, '/auth/reset-use', { ticket: await ticketFor(here, email, 'reset'), password: NEW })
  assert.equal(told.status, 200, told.text)
}

/** Does something after a password was found right, and before anything comes of it. */
async function whileSigningIn<Told>(asked: () => Promise<Told>, meanwhile: () => Promise<void>): Promise<Told> {
  const { house } = here.served.parts
  const { hashing } = house
  house.hashing = {
    ...hashing,
    async check(password, stored) {
      const told = await hashing.check(password, stored)
      house.hashing = hashing
      await meanwhile()
      return told
    },
  }
  return await asked()
}

test('a sign-in that a reset overtakes lets nobody in with the old password (ASVS 7.4.3)', async () => {
  const { email } = await owner(here)
  const told = await whileSigningIn(
    () => signIn(here, email),
    () => reset(email),
  )
  assert.deepEqual(refusal(told), [401, 'sign-in-failed'])
  assert.equal((await signIn(here, email, { password: NEW })).body.next, 'done')
})

test('nor does one that was half done: its second factor comes too late', async () => {
  const visitor = await owner(here)
  const app = (await visitor.post('/auth/app-begin')).body
  const confirm = { ticket: app.ticket, code: shown(app.secret), kept: app.codes[0] }
  assert.equal((await visitor.post('/auth/app-confirm', confirm)).status, 200)
  const told = await whileSigningIn(
    () => signIn(here, visitor.email),
    () => reset(visitor.email),
  )
  const { ticket = '' } = told.body as { ticket?: string }
  const second = await post(here, '/auth/factor', { ticket, method: 'recovery', code: app.codes[1] })
  assert.equal(second.status, 401, second.text)
})

test('a password that is hashed anew does not come back over the one that replaced it', async () => {
  const { email } = await owner(here)
  const old = await createHashing('bcrypt').hash(PASSWORD)
  await sql(here)('update identity.person set password = $2 where email = $1', [email, old])
  await whileSigningIn(
    () => signIn(here, email),
    () => reset(email),
  )
  assert.deepEqual(refusal(await signIn(here, email)), [401, 'sign-in-failed'])
  assert.equal((await signIn(here, email, { password: NEW })).body.next, 'done')
  // And where nobody came between, it is hashed anew and goes on.
  const other = await owner(here)
  await sql(here)('update identity.person set password = $2 where email = $1', [other.email, old])
  const both = await Promise.all([signIn(here, other.email), signIn(here, other.email)])
  assert.deepEqual(
    both.map(({ body }) => body.next),
    ['done', 'done'],
  )
  const [now] = await sql(here)('select password from identity.person where email = $1', [other.email])
  assert.match(String(now!['password']), /^\$argon2id\$/)
})

test('a thief who goes from workspace to workspace does not get around a reset (ASVS 7.4.3)', async () => {
  const [noor, south] = [await owner(here), await owner(here, 'south')]
  await south.call('identity.invitation.create', { email: noor.email, roles: ['agent'] })
  const ticket = await ticketFor(here, noor.email, 'invitation')
  const joined = await post(here, '/auth/invitation-join', { ticket, password: PASSWORD })
  const thief = { authorization: `Bearer ${joined.body.session.accessToken}` }
  const [north] = [here.north.place.workspace, here.south.place.workspace].toSorted()
  const first = north === here.north.place.workspace ? thief : { authorization: `Bearer ${noor.session.accessToken}` }
  await using _ = await waitingAfter(north!)
  const resetting = reset(noor.email)
  await hasBegun()
  const moved = await post(here, '/auth/switch', { workspace: north }, first)
  await resetting
  const bearer = { authorization: `Bearer ${moved.body.accessToken ?? ''}` }
  assert.equal((await post(here, '/auth/me', {}, bearer)).status, 401)
  assert.equal((await post(here, '/auth/refresh', { refreshToken: moved.body.refreshToken ?? 'none' })).status, 401)
})

/** The reset waits when it is through with this workspace, until somebody has come into it, or waits for the reset. */
async function waitingAfter(workspace: string): Promise<AsyncDisposable> {
  await sql(here)(`
    create sequence public.begun; grant all on sequence public.begun to public;
    create function public.slow() returns trigger language plpgsql security definer as $$ begin
      perform nextval('public.begun');
      for tenth in 1..600 loop
        exit when exists (select from identity.session where workspace_id = new.workspace_id
            and person_id::text = new.target and ended_at is null)
          or exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database());
        perform pg_sleep(0.05);
        perform pg_stat_clear_snapshot();
      end loop;
      return new;
    end $$;
    create trigger slow before insert on audit.entry for each row
      when (new.action = 'identity.person.resetPassword' and new.workspace_id = '${workspace}')
      execute function public.slow();`)
  return {
    async [Symbol.asyncDispose]() {
      await sql(here)('drop function public.slow() cascade; drop sequence public.begun')
    },
  }
}

async function hasBegun(): Promise<void> {
  while ((await sql(here)('select is_called from public.begun'))[0]!['is_called'] !== true);
}

test('a member who is let in again finds no session that began while they were shut out', async () => {
  const [asha, noor] = [await owner(here), await owner(here)]
  const [member] = await sql(here)(
    `select m.id, m.person_id, m.workspace_id from identity.member m where m.email = $1`,
    [noor.email],
  )
  const id = String(member!['id'])
  assert.equal((await asha.call('identity.member.disable', { id })).status, 200)
  // As a sign-in leaves it that saw them as a member a moment before.
  await sql(here)(
    `insert into identity.session (workspace_id, person_id, member_id, expires_at, proofs)
     values ($1, $2, $3, now() + interval '1 day', '{password}')`,
    [member!['workspace_id'], member!['person_id'], id],
  )
  assert.equal((await asha.call('identity.member.enable', { id })).status, 200)
  const left = await sql(here)('select ended_why from identity.session where member_id = $1 and ended_at is null', [id])
  assert.deepEqual(left, [])
})

test('nor does one who was removed and is invited again', async () => {
  const [asha, noor] = [await owner(here), await owner(here)]
  const [row] = await sql(here)('select id, person_id, workspace_id from identity.member where email = $1', [
    noor.email,
  ])
  assert.equal((await asha.call('identity.member.remove', { id: row!['id'] })).status, 200)
  await sql(here)(
    `insert into identity.session (workspace_id, person_id, member_id, expires_at, proofs)
     values ($1, $2, $3, now() + interval '1 day', '{password}')`,
    [row!['workspace_id'], row!['person_id'], row!['id']],
  )
  await asha.call('identity.invitation.create', { email: noor.email, roles: ['agent'] })
  const ticket = await ticketFor(here, noor.email, 'invitation')
  assert.equal((await post(here, '/auth/invitation-join', { ticket, password: PASSWORD })).body.next, 'done')
  const open = 'select count(*)::int as n from identity.session where member_id = $1 and ended_at is null'
  assert.deepEqual(await sql(here)(open, [row!['id']]), [{ n: 1 }], 'their own, and no other')
})

test('going on with a half-done sign-in does not make it young, nor forget wrong codes (ASVS 6.6.3)', async () => {
  const visitor = await owner(here)
  const app = (await visitor.post('/auth/app-begin')).body
  const confirm = { ticket: app.ticket, code: shown(app.secret), kept: app.codes[0] }
  assert.equal((await visitor.post('/auth/app-confirm', confirm)).status, 200)
  const { ticket } = (await signIn(here, visitor.email)).body
  const { workspace } = visitor.session
  assert.deepEqual(refusal(await post(here, '/auth/choose', { ticket, workspace })), [401, 'ticket-over'])
})
