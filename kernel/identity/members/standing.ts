import { explain } from '../../access/explain.ts'
import type { Grants, Holding } from '../../access/holding.ts'
import type { Context } from '../../contract/operation.ts'
import { notFound } from '../../contract/refusal.ts'
import { demandedFrom_ms } from '../assurance.ts'
import type { Demands } from '../assurance.ts'
import { administrative } from '../reading.ts'
import type { Tables } from '../tables.ts'

/**
 * How somebody stands in this workspace: what they hold, and what keeps them out whatever they hold. It is read from
 * the rows that a request of theirs would be decided by.
 */
export type Standing = {
  holding: Holding
  bars: Bar[]
  /** The person, or who made the key: what they leave behind ends with them. */
  person: string | null
}
export type Bar =
  | 'member_is_disabled'
  | 'member_is_removed'
  | 'maker_is_gone'
  | 'key_is_revoked'
  | 'key_is_expired'
  | 'second_factor_missing'

type Reader = Pick<Context<Tables, unknown>, 'db' | 'permissions' | 'policy'>
export type Who = {
  memberId?: string | undefined
  personId?: string | undefined
  keyId?: string | undefined
  role?: string | undefined
}

export async function standingOf(who: Who, reader: Reader, all: Grants): Promise<Standing> {
  if (who.memberId) return await ofMember('id', who.memberId, reader, all)
  if (who.personId) return await ofMember('person_id', who.personId, reader, all)
  if (who.keyId) return await ofKey(who.keyId, reader, all)
  if (!who.role || !all.has(who.role)) throw notFound()
  return { holding: { roles: [who.role] }, bars: [], person: null }
}

async function ofMember(by: 'id' | 'person_id', id: string, reader: Reader, all: Grants): Promise<Standing> {
  const { person_id, roles, state, has_factor } = await reader.db
    .selectFrom('member')
    .select(['person_id', 'roles', 'state', 'has_factor'])
    .where(by, '=', id)
    .executeTakeFirstOrThrow(notFound)
  const bars: Bar[] = state === 'active' ? [] : [state === 'removed' ? 'member_is_removed' : 'member_is_disabled']
  bars.push(...(await factorBar({ roles }, has_factor, reader, all)))
  return { holding: { roles }, bars, person: person_id }
}

async function ofKey(id: string, reader: Reader, all: Grants): Promise<Standing> {
  const key = await reader.db
    .selectFrom('key')
    .leftJoin('member', 'member.person_id', 'key.made_by')
    .select(['key.role', 'key.narrowed_to', 'key.expires_at', 'key.revoked_at', 'key.made_by'])
    .select(['member.state', 'member.roles', 'member.has_factor'])
    .where('key.id', '=', id)
    .executeTakeFirstOrThrow(notFound)
  const holding = { roles: [key.role], narrowedTo: key.narrowed_to, makerRoles: key.roles }
  const bars: Bar[] = []
  if (key.revoked_at) bars.push('key_is_revoked')
  if (key.expires_at && Date.parse(key.expires_at) <= Date.now()) bars.push('key_is_expired')
  if (key.state && key.state !== 'active') bars.push('maker_is_gone')
  bars.push(...(await factorBar(holding, key.has_factor ?? true, reader, all)))
  return { holding, bars, person: key.made_by }
}

/** Whether they are kept out today for want of a second factor; a key has that of its maker. */
async function factorBar(holding: Holding, hasFactor: boolean, reader: Reader, all: Grants): Promise<Bar[]> {
  if (hasFactor) return []
  const { db, permissions, policy } = reader
  const { second_factor, second_factor_from } = await db
    .selectFrom('workspace')
    .select(['second_factor', 'second_factor_from'])
    .executeTakeFirstOrThrow()
  const isAdministrative = permissions.all.some(
    (permission) => administrative(permission) && explain(permission.name, holding, all).allowed,
  )
  const from_ms = demandedFrom_ms({
    policy: policy.secondFactor,
    workspace: second_factor as Demands['workspace'],
    workspaceFrom: second_factor_from,
    isAdministrative,
  })
  return from_ms <= Date.now() ? ['second_factor_missing'] : []
}
