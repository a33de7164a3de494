import { z } from 'zod'
import { Refusal } from '../contract/refusal.ts'
import { Id, Moment, Text } from '../contract/values.ts'
import { Email, emailKey, identityScope, recorderScope } from '../identity/lobby.ts'
import type { From, House } from '../identity/house.ts'
import { insistOnPassword } from '../identity/passwords/rules.ts'
import { way } from '../identity/ways/way.ts'
import type { Way } from '../identity/ways/way.ts'
import { Writing } from '../postgres/work.ts'
import { closeSession, enrolStaff, findStaff, isInvited, openSession, showsCode } from './desk.ts'

/** The staff's own ways in: none of them is a person's, and none of a person's is theirs. */
const Working = z.strictObject({ token: z.string(), expiresIn: z.int() })

const enrol = way({
  name: 'staff-enrol',
  summary: 'Become one of the platform’s staff, with an invitation made on the command line and a code from the app',
  who: 'anyone',
  input: z.strictObject({ token: z.string().max(200), password: z.string().max(1_000), code: z.string().max(20) }),
  output: Working,
  example: { token: 'staff_…', password: 'a long and unusual sentence', code: '123456' },
  async run(house, { input, from }) {
    await house.attempt('invitation', from.network)
    insistOnPassword(input.password, { hasSecondFactor: false, context: [house.title.en] })
    if (!(await isInvited(house.desk, input.token))) throw new Refusal(401, 'ticket-over')
    const staff = await enrolStaff(house.desk, input.token, await house.hashing.hash(input.password), input.code)
    return { body: await working(house, staff.id, from) }
  },
})

const signIn = way({
  name: 'staff-sign-in',
  summary: 'Sign in as one of the platform’s staff: password and code, always both',
  who: 'anyone',
  input: z.strictObject({ email: Email, password: z.string().min(1).max(1_000), code: z.string().max(20) }),
  output: Working,
  example: { email: 'operator@example.com', password: 'a long and unusual sentence', code: '123456' },
  async run(house, { input, from }) {
    const email = emailKey(input.email)
    await house.attempt('sign-in', from.network, `staff ${email}`)
    const known = await findStaff(house.desk, email)
    const { ok } = await house.hashing.check(input.password, known?.password)
    if (!ok || !known || !(await showsCode(house.desk, known, input.code))) throw new Refusal(401, 'sign-in-failed')
    await house.forgive('sign-in', from.network, `staff ${email}`)
    return { body: await working(house, known.id, from) }
  },
})

const signOut = way({
  name: 'staff-sign-out',
  summary: 'End the session of one of the staff',
  who: 'staff',
  input: z.strictObject({}),
  output: z.strictObject({ ended: z.boolean() }),
  example: {},
  async run(house, { staff }) {
    await closeSession(house.desk, staff.token)
    return { body: { ended: true } }
  },
})

const enter = way({
  name: 'staff-enter',
  summary: 'Enter a workspace that has granted it, for a while and with a reason that it will read',
  who: 'staff',
  input: z.strictObject({ workspace: Id, reason: Text.min(10) }),
  output: z.strictObject({ accessToken: z.string(), expiresIn: z.int(), role: z.string(), until: Moment }),
  example: { workspace: '0190a5b2-7c3e-7d21-9f10-2b8a4c6d8e0f', reason: 'Looking into the totals of March' },
  async run(house, { input: { workspace, reason }, staff, from }) {
    const place = await house.realms.place(workspace)
    if (!place) throw notGranted()
    const { names } = house.realms
    await using work = new Writing(house.realms.open(place.realm), identityScope(names, workspace))
    const { rows } = await work.run({ text: VISIT, name: 'visit', values: [staff.id, staff.name, reason] })
    const visit = rows[0] as { id: string; grant: string; role: string; until: string } | undefined
    if (!visit) throw notGranted()
    const actor = { id: staff.id, kind: 'staff' as const, name: staff.name }
    await work.commit(recorderScope(names, workspace), [
      house.record('identity.support.enter', actor, from, { reason, role: visit.role }, visit.id),
    ])
    const { role, until } = visit
    const accessToken = await house.staffTokens.make({ person: staff.id, session: visit.id, workspace })
    return { body: { accessToken, expiresIn: house.staffTokens.lives_s, role, until } }
  },
})

export const STAFF_WAYS: readonly Way[] = [enrol, signIn, enter, signOut]

/** A workspace that is not there and one that has granted nothing are the same to them. */
const notGranted = () => new Refusal(404, 'not-found')

async function working(house: House, staff: string, from: From) {
  const { token, expires_s } = await openSession(house.desk, staff, from)
  return { token, expiresIn: expires_s }
}

/** The row of a visit; its token, which is not renewed, ends sooner. Never beyond what was granted. */
const VISIT = `insert into identity.support_visit (grant_id, staff_id, staff_name, reason, expires_at)
  select g.id, $1, $2, $3, least(g.until, clock_timestamp() + interval '1 hour') from identity.support_grant g
  where g.revoked_at is null and g.until > clock_timestamp() order by g.until desc limit 1
  returning id, grant_id as grant, expires_at as until,
    (select role from identity.support_grant g where g.id = grant_id) as role`
