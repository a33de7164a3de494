import { includes } from '../../access/rights.ts'
import type { Context, Permissions } from '../../contract/operation.ts'
import { notFound, refuse } from '../../contract/refusal.ts'
import { differenceOf, insistOnOwn, inTurn, rightsIn } from '../giving.ts'
import type { Turn } from '../giving.ts'
import { endAccess } from './leaving.ts'
import type { Tables } from '../tables.ts'

/**
 * The rules of changing somebody's membership: nobody touches a member who may do more than they, nobody touches their
 * own, and a workspace always keeps one active owner, however many try at once.
 */
type Asked = Context<Tables, unknown>
export type Membership = { id: string; person_id: string; roles: string[]; state: string }

/** The member to be changed, unless they may do what the caller may not. */
export async function memberOf({ db }: Asked, { rights, all, permissions }: Turn, id: string): Promise<Membership> {
  const member = await db
    .selectFrom('member')
    .select(['id', 'person_id', 'roles', 'state'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow(notFound)
  if (!includes(rights, rightsIn(member.roles, all, permissions))) throw refuse('member_beyond_own')
  return member
}

/** Whether these may become their roles. */
export async function insistOnChange(context: Asked, turn: Turn, member: Membership, roles: readonly string[]) {
  insistOnOther(context, member)
  if (member.state === 'removed') throw refuse('member_is_removed')
  insistOnOwn(turn, roles, turn.all)
  if (!roles.includes(ownerOf(context.permissions))) await insistOnAnotherOwner(context, member)
}

export const changeOf = ({ all, permissions }: Turn, { id, roles: before }: Membership, after: string[]) => ({
  id,
  before,
  after,
  ...differenceOf(rightsIn(before, all, permissions), rightsIn(after, all, permissions), permissions),
})

/** Out, with all that they could come back with. Removing twice is removing. */
export async function leave(context: Asked, id: string, state: 'disabled' | 'removed') {
  const { db } = context
  const member = await memberOf(context, await inTurn(context), id)
  insistOnOther(context, member)
  if (member.state === 'removed' && state === 'disabled') throw refuse('member_is_removed')
  await insistOnAnotherOwner(context, member)
  await db.updateTable('member').set({ state }).where('id', '=', id).execute()
  return { id, state, ...(await endAccess(db, member, state)) }
}

/** Their own is for somebody else to change: so it is never lost by accident, nor raised on purpose. */
function insistOnOther({ actor }: Asked, member: Membership) {
  if (actor.kind === 'person' && actor.id === member.person_id) throw refuse('own_membership')
}

/** Somebody must be left who can do everything; only asked of those who can. */
async function insistOnAnotherOwner({ db, permissions }: Asked, { id, roles, state }: Membership) {
  const owner = ownerOf(permissions)
  if (state !== 'active' || !roles.includes(owner)) return
  const another = await db
    .selectFrom('member')
    .select('id')
    .where('state', '=', 'active')
    .where('id', '!=', id)
    .where((eb) => eb(eb.val(owner), '=', eb.fn.any('roles')))
    .limit(1)
    .executeTakeFirst()
  if (!another) throw refuse('last_owner')
}

const ownerOf = ({ roles }: Permissions) => roles.keys().next().value!
