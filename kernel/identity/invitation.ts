import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { operations } from '../contract/operation.ts'
import type { Post } from '../contract/operation.ts'
import { notFound, refuse } from '../contract/refusal.ts'
import { page, Page, paging } from '../contract/rows.ts'
import { Id, Line, Moment, oneOf } from '../contract/values.ts'
import type { Written } from '../mail/letter.ts'
import { insistOnOwn, inTurn, RoleKeys } from './giving.ts'
import { Email, emailKey } from './lobby.ts'
import type { Tables } from './tables.ts'
import { linkTo, newSecret } from './ticket.ts'

const { action, job, query } = operations<Tables>()

const Invitation = z.strictObject({
  id: Id,
  email: z.string(),
  roles: z.array(z.string()),
  inviterName: z.string(),
  createdAt: Moment,
  expiresAt: Moment,
  acceptedAt: Moment.nullable(),
  revokedAt: Moment.nullable(),
})
const columns = [
  'id',
  'email',
  'roles',
  'inviter_name as inviterName',
  'created_at as createdAt',
  'expires_at as expiresAt',
  'accepted_at as acceptedAt',
  'revoked_at as revokedAt',
] as const

const Locale = oneOf('en', 'ar').default('en')

/** Long enough for a holiday; a link that lies around for longer is found by somebody else. */
const LIVES_MS = 7 * 86_400_000
/** Whoever invites more at once is not building a team: each is a letter to somebody who did not ask for it. */
const MOST_PENDING = 200
/** So is each that was revoked: for a day it counts as if it were pending. One mailbox gets no more than these. */
const MOST_TO_ONE = 5
const COUNTED_MS = 86_400_000
/** A letter is on its way; who asks again this soon only fills somebody's mailbox. */
const RESEND_AFTER_MS = 10 * 60_000

export const create = action({
  summary: 'Invite somebody by e-mail, with roles that the inviter has the rights of',
  input: z.strictObject({ email: Email, roles: RoleKeys, locale: Locale }),
  output: Invitation,
  rate: 'sensitive',
  refuses: ['role_beyond_own', 'already-a-member', 'already_invited', 'too_many_invitations'],
  example: (id) => ({ email: 'newcomer@mail.invalid', roles: [id('role')] }),
  async run(context) {
    const { input, db, actor, workspace, post } = context
    const { email, roles, locale } = input
    // One at a time, so that two who invite the same person at the same moment do not both.
    const turn = await inTurn(context)
    insistOnOwn(turn, roles, turn.all)
    const key = emailKey(email)
    await insistOnNewcomer(db, key)
    await insistOnRoom(db, key)
    const { token, hash } = newSecret(workspace)
    const row = { email, email_key: key, roles, hash, inviter_id: actor.id, inviter_name: actor.name }
    const made = db.insertInto('invitation').values({ ...row, expires_at: inAWeek() })
    const invitation = await made.returning(columns).executeTakeFirstOrThrow()
    await send(db, post, { ...invitation, token, locale })
    return invitation
  },
})

export const list = query({
  summary: 'List the invitations, newest first',
  input: z.strictObject({ ...paging, pending: oneOf('true', 'false').optional() }),
  output: Page(Invitation),
  example: () => ({}),
  run({ input: { pending, ...asked }, db }) {
    const some = pending === 'true' ? open(db) : db.selectFrom('invitation')
    return page(some.select(columns), asked)
  },
})

export const revoke = action({
  summary: 'Revoke an invitation: its link opens nothing from then on',
  input: z.strictObject({ id: Id }),
  output: Invitation,
  rate: 'sensitive',
  refuses: ['invitation_is_over'],
  example: (id) => ({ id: id('oldInvitation') }),
  async run({ input, db }) {
    const { acceptedAt, revokedAt, ...held } = await heldInvitation(db, input.id)
    if (acceptedAt) throw refuse('invitation_is_over')
    if (revokedAt) return { ...held, acceptedAt, revokedAt }
    const gone = db.updateTable('invitation').set({ revoked_at: new Date().toISOString() }).where('id', '=', input.id)
    return await gone.returning(columns).executeTakeFirstOrThrow(notFound)
  },
})

export const resend = action({
  summary: 'Send an invitation again, with a new link; the old one opens nothing any more',
  input: z.strictObject({ id: Id, locale: Locale }),
  output: Invitation,
  rate: 'sensitive',
  refuses: ['invitation_is_over', 'invitation_just_sent', 'role_beyond_own', 'already-a-member', 'already_invited'],
  example: (id) => ({ id: id('invitation') }),
  async run(context) {
    const { input, db, actor, workspace, post } = context
    const { id, locale } = input
    const turn = await inTurn(context)
    const held = await heldInvitation(db, id)
    if (held.acceptedAt || held.revokedAt) throw refuse('invitation_is_over')
    if (Date.parse(held.expiresAt) - LIVES_MS + RESEND_AFTER_MS > Date.now()) throw refuse('invitation_just_sent')
    // What its inviter was allowed to give, whoever sends it again must be allowed to give too.
    insistOnOwn(turn, held.roles, turn.all)
    await insistOnNewcomer(db, emailKey(held.email), id)
    const { token, hash } = newSecret(workspace)
    // It ends with whoever answers for it now.
    const sender = { inviter_id: actor.id, inviter_name: actor.name }
    const renewed = db
      .updateTable('invitation')
      .set({ ...sender, hash, expires_at: inAWeek() })
      .where('id', '=', id)
    const invitation = await renewed.returning(columns).executeTakeFirstOrThrow(notFound)
    await send(db, post, { ...invitation, token, locale })
    return invitation
  },
})

/** One that nobody can accept: its link was never made, and no letter leaves for the sake of a probe. */
export const plant = job({
  summary: 'Plant an invitation for probes',
  input: z.strictObject({ name: Line }),
  output: z.strictObject({ id: Id }),
  example: () => ({ name: 'Nobody' }),
  async run({ input, db, permissions }) {
    const email = `${randomUUID()}@mail.invalid`
    const roles = [[...permissions.roles.keys()].at(-1)!]
    const row = { email, email_key: email, roles, hash: newSecret(randomUUID()).hash, inviter_id: 'operator' }
    const sent = { inviter_name: input.name, expires_at: new Date(Date.now() + LIVES_MS / 2).toISOString() }
    const made = db.insertInto('invitation').values({ ...row, ...sent })
    return await made.returning('id').executeTakeFirstOrThrow()
  },
})

const inAWeek = () => new Date(Date.now() + LIVES_MS).toISOString()

/** Those that could still be accepted. */
const open = (db: Kysely<Tables>) =>
  db
    .selectFrom('invitation')
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', new Date().toISOString())

/** Somebody who is neither here nor invited. */
async function insistOnNewcomer(db: Kysely<Tables>, key: string, except?: string) {
  const here = db.selectFrom('member').select('id').where('state', '!=', 'removed')
  const member = await here.where((eb) => eb(eb.fn('lower', ['email']), '=', key)).executeTakeFirst()
  if (member) throw refuse('already-a-member')
  const pending = await open(db).select(['id', 'email_key']).execute()
  const others = pending.filter(({ id }) => id !== except)
  if (others.some(({ email_key }) => email_key === key)) throw refuse('already_invited')
}

/** What was written lately, or can still be accepted, leaves room for one letter more. */
async function insistOnRoom(db: Kysely<Tables>, key: string) {
  const [now, lately] = [Date.now(), Date.now() - COUNTED_MS].map((ms) => new Date(ms).toISOString())
  const sent = await db
    .selectFrom('invitation')
    .select('email_key')
    .where('accepted_at', 'is', null)
    .where((eb) =>
      eb.or([eb('created_at', '>', lately!), eb.and([eb('revoked_at', 'is', null), eb('expires_at', '>', now!)])]),
    )
    .execute()
  const toOne = sent.filter(({ email_key }) => email_key === key)
  if (sent.length >= MOST_PENDING || toOne.length >= MOST_TO_ONE) throw refuse('too_many_invitations')
}

const heldInvitation = (db: Kysely<Tables>, id: string) =>
  db.selectFrom('invitation').select(columns).where('id', '=', id).forUpdate().executeTakeFirstOrThrow(notFound)

type Sent = { email: string; inviterName: string; expiresAt: string; token: string; locale: 'en' | 'ar' }

async function send(db: Kysely<Tables>, post: Post, { email, inviterName, expiresAt, token, locale }: Sent) {
  const { name } = await db.selectFrom('workspace').select('name').executeTakeFirstOrThrow()
  const values = { workspace: name, inviter: inviterName, link: linkTo('invitation', token), expires: expiresAt }
  post({ to: email, template: 'invitation', locale, values } satisfies Omit<Written<'invitation'>, 'workspace'>)
}
