import { createHash, randomBytes } from 'node:crypto'
import { control } from '../contract/control.ts'
import type { Canary, Live, Told } from '../contract/control.ts'

/** Somebody of the staff whom the probe makes up, in front of a canary that lets them in and of one that does not. */
export const separate = control({
  claim:
    'The platform’s staff sign in apart from everybody, enter a workspace only while it lets them and for a reason ' +
    'that its own log shows; nobody of a workspace reaches what is theirs.',
  enforcedBy: [
    'kernel/staff/ways.ts',
    'kernel/staff/desk.ts',
    'kernel/identity/support.ts',
    'kernel/identity/lookup.ts',
  ],
  every: '5 minutes',
  async probe(live) {
    const faults: string[] = []
    for (const { north, south } of live.canaries) faults.push(...(await visit(live, north, south)))
    return faults.length
      ? { holds: false, saw: 'staff came in where they should not, or left no trace', detail: faults }
      : { holds: true, saw: 'staff came in by leave alone, were seen in the log, and were out when the leave ended' }
  },
  async sabotage({ canaries }) {
    const { catalogue } = canaries[0]!.north
    await catalogue(`
      create function identity.never_ends() returns trigger language plpgsql as $$
        begin new.revoked_at := null; return new; end $$;
      create trigger never_ends before update on identity.support_grant
        for each row execute function identity.never_ends()`)
    return async () =>
      void (await catalogue(`drop trigger never_ends on identity.support_grant; drop function identity.never_ends()`))
  },
})

async function visit(live: Live, north: Canary, south: Canary): Promise<string[]> {
  await using noor = await somebodyOfStaff(live)
  const faults: string[] = []
  // What a probe that was cut off has left open.
  await north.catalogue(
    `update identity.support_grant set revoked_at = now() where note = '${NOTE}' and revoked_at is null`,
  )
  const unless = (holds: boolean, what: string) => void (holds || faults.push(what))
  const grant = await north.call('identity.support.grant', {
    role: Object.keys(live.roles).at(-1)!,
    note: NOTE,
    hours: 1,
  })
  if (grant.status !== 200) throw new Error(`a canary could not let staff in: ${grant.status}`)
  const entered = await noor.enter(north)
  const token = String(entered.json()['accessToken'])
  unless(entered.status === 200 && (await reads(live, token)) === 200, 'with leave there was no way in')
  unless((await noor.enter(south)).status === 404, 'a workspace that gave no leave was entered')
  unless((await reads(live, noor.token)) === 401, 'the staff’s own session opened a workspace')
  const owner = await north.person('traveller').token()
  unless((await enter(live, owner, north)).status === 401, 'somebody of a workspace passed for staff')
  const log = await north.call('audit.entry.list', { action: 'identity.support.enter', limit: '5' })
  unless(log.text.includes(`"actorId":"${noor.id}"`), 'the visit was not in the workspace’s log')
  await north.call('identity.support.revoke', { id: String(grant.json()['id']) })
  unless((await reads(live, token)) === 401, 'the visit went on after the leave had ended')
  unless((await noor.enter(north)).status === 404, 'an ended leave let somebody in again')
  return faults
}

const NOTE = 'A probe of the platform’s own staff'
const REASON = 'Showing that staff come in by leave alone'

/** Rows of their own in the control database, which go with them. */
async function somebodyOfStaff(live: Live) {
  const token = `vss_${randomBytes(32).toString('base64url')}`
  const email = `guest-${randomBytes(9).toString('hex')}@staff.invalid`
  await live.directory(`delete from staff.person where email_key ~ '^guest-.*@staff.invalid$'
    and created_at < now() - interval '10 minutes'`)
  const [made] = await live.directory(
    `with one as (insert into staff.person (name, email_key, password, app) values ('Guest', $1, '', '') returning id),
      session as (insert into staff.session (hash, person_id, expires_at)
        select $2, id, now() + interval '5 minutes' from one)
    select id from one`,
    [email, createHash('sha256').update(token).digest('hex')],
  )
  return {
    id: String(made!['id']),
    token,
    enter: (canary: Canary) => enter(live, token, canary),
    [Symbol.asyncDispose]: async () =>
      void (await live.directory('delete from staff.person where email_key = $1', [email])),
  }
}

const enter = (live: Live, token: string, { workspace }: Canary): Promise<Told> =>
  live.http('/auth/staff-enter', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ workspace, reason: REASON }),
  })

const reads = async (live: Live, token: string) =>
  (await live.http('/v1/identity.workspace.get', { headers: { authorization: `Bearer ${token}` } })).status
