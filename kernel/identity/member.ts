import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { operations } from '../contract/operation.ts'
import { refuse } from '../contract/refusal.ts'
import { one, page, Page, paging } from '../contract/rows.ts'
import { Id, Line, Moment, oneOf } from '../contract/values.ts'
import { difference, inTurn, listed, looking, rightsIn, RoleKey, RoleKeys } from './giving.ts'
import { changeOf, insistOnChange, leave, memberOf } from './members/membership.ts'
import { endSessionsOf, withdrawBeyond } from './members/leaving.ts'
import type { Tables } from './tables.ts'

const { action, job, query, row } = operations<Tables>()

const State = oneOf('active', 'disabled', 'removed')
const Member = z.strictObject({
  id: Id,
  personId: Id,
  name: z.string(),
  email: z.string(),
  roles: z.array(z.string()),
  /** `active`, `disabled` or `removed`. */
  state: z.string(),
  hasFactor: z.boolean(),
  createdAt: Moment,
})
const columns = [
  'id',
  'person_id as personId',
  'name',
  'email',
  'roles',
  'state',
  'has_factor as hasFactor',
  'created_at as createdAt',
] as const
const member = row('member', columns)

export const list = query({
  summary: 'List the members, newest first',
  input: z.strictObject({ ...paging, state: State.optional(), role: RoleKey.optional() }),
  output: Page(Member),
  example: () => ({}),
  run({ input: { state, role, ...asked }, db }) {
    const all = db.selectFrom('member').select(columns)
    const some = state ? all.where('state', '=', state) : all.where('state', '!=', 'removed')
    return page(role ? some.where((eb) => eb(eb.val(role), '=', eb.fn.any('roles'))) : some, asked)
  },
})

export const get = query({
  summary: 'Show a member',
  input: z.strictObject({ id: Id }),
  output: Member,
  example: (id) => ({ id: id('member') }),
  run: ({ input }) => member(input.id),
})

const Changed = z.strictObject({ id: Id, before: z.array(z.string()), after: z.array(z.string()), ...difference })
const refusals = ['own_membership', 'member_beyond_own', 'last_owner']

export const preview = query({
  summary: 'Show what other roles would change for a member, before they are given',
  input: z.strictObject({ id: Id, roles: listed(RoleKeys) }),
  output: Changed,
  refuses: [...refusals, 'member_is_removed', 'role_beyond_own'],
  example: (id) => ({ id: id('member'), roles: id('role') }),
  async run(context) {
    const { id, roles } = context.input
    const turn = await looking(context)
    const member = await memberOf(context, turn, id)
    await insistOnChange(context, turn, member, roles)
    return changeOf(turn, member, roles)
  },
})

export const changeRoles = action({
  summary: 'Give a member other roles, from their next request on',
  input: z.strictObject({ id: Id, roles: RoleKeys }),
  output: Changed,
  rate: 'sensitive',
  refuses: [...refusals, 'member_is_removed', 'role_beyond_own'],
  example: (id) => ({ id: id('member'), roles: [id('role')] }),
  async run(context) {
    const { input, db, permissions } = context
    const { id, roles } = input
    const turn = await inTurn(context)
    const member = await memberOf(context, turn, id)
    await insistOnChange(context, turn, member, roles)
    await db.updateTable('member').set({ roles }).where('id', '=', id).execute()
    await withdrawBeyond(db, member, rightsIn(roles, turn.all, permissions), turn)
    return changeOf(turn, member, roles)
  },
})

const Left = z.strictObject({
  id: Id,
  state: State,
  sessionsEnded: z.int(),
  invitationsRevoked: z.int(),
  /** The keys that they had made and that opened until now. */
  keysRevoked: z.array(z.strictObject({ id: Id, name: z.string(), role: z.string(), prefix: z.string() })),
})

export const disable = action({
  summary: 'Keep a member out until they are enabled again, with their sessions, keys and open invitations',
  input: z.strictObject({ id: Id }),
  output: Left,
  rate: 'sensitive',
  refuses: [...refusals, 'member_is_removed'],
  example: (id) => ({ id: id('spareMember') }),
  run: (context) => leave(context, context.input.id, 'disabled'),
})

export const remove = action({
  summary: 'Remove a member for good, with their sessions, keys and open invitations',
  input: z.strictObject({ id: Id }),
  output: Left,
  rate: 'sensitive',
  refuses: refusals,
  example: (id) => ({ id: id('oldMember') }),
  run: (context) => leave(context, context.input.id, 'removed'),
})

export const enable = action({
  summary: 'Let a disabled member in again; what ended stays ended',
  input: z.strictObject({ id: Id }),
  output: Member,
  rate: 'sensitive',
  refuses: ['member_is_removed', 'member_beyond_own'],
  example: (id) => ({ id: id('spareMember') }),
  async run(context) {
    const { input, db } = context
    const { state } = await memberOf(context, await inTurn(context), input.id)
    if (state === 'removed') throw refuse('member_is_removed')
    // A sign-in that saw them as a member a moment before they were disabled may have left one behind.
    if (state === 'disabled') await endSessionsOf(db, input.id, 'disabled')
    return one(db.updateTable('member').set({ state: 'active' }).where('id', '=', input.id).returning(columns))
  },
})

export const endSessions = action({
  summary: 'End all sessions of a member at once',
  input: z.strictObject({ id: Id }),
  output: z.strictObject({ id: Id, sessionsEnded: z.int() }),
  rate: 'sensitive',
  refuses: ['member_beyond_own'],
  example: (id) => ({ id: id('member') }),
  async run(context) {
    const { id } = await memberOf(context, await inTurn(context), context.input.id)
    return { id, sessionsEnded: await endSessionsOf(context.db, id, 'ended') }
  },
})

/** A member that nobody can be: no person has its number, so no way in leads to it. */
export const plant = job({
  summary: 'Plant a member for probes',
  input: z.strictObject({ name: Line }),
  output: z.strictObject({ id: Id }),
  example: () => ({ name: 'Nobody' }),
  run({ input, db, permissions }) {
    const roles = [[...permissions.roles.keys()].at(-1)!]
    const row = { name: input.name, email: 'nobody@invalid', roles, person_id: randomUUID() }
    return db.insertInto('member').values(row).returning('id').executeTakeFirstOrThrow()
  },
})
