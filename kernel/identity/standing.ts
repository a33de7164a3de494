import { explain } from '../access/explain.ts'
import type { Grants, Holding } from '../access/holding.ts'
import type { Context } from '../contract/operation.ts'
import { notFound } from '../contract/refusal.ts'
import { demandedFrom_ms } from './assurance.ts'
import type { Demands } from './assurance.ts'
import { ADMINISTRATION } from './reading.ts'
import type { Tables } from './tables.ts'

/**
 * How somebody stands in this workspace: what they hold, and what keeps them out whatever they hold. It is read from
 * the rows that a request of theirs would be decided by.
 */
export type Standing = { holding: Holding; bars: Bar[] }
export type Bar =
  | 'member_is_disabled'
  | 'member_is_removed'
  | 'maker_is_gone'
  | 'key_is_revoked'
  | 'key_is_expired'
  | 'second_factor_missing'

type Reader = Pick<Context<Tables, unknown>, 'db' | 'permissions' | 'policy'>
export type Who = { memberId?: string | undefined; keyId?: string | undefined; role?: string | undefined }

export async function standingOf({ memberId, keyId, role }: Who, reader: Reader, all: Grants): Promise<Standing> {
  if (memberId) return await ofMember(memberId, reader, all)
  if (keyId) return await ofKey(keyId, reader, all)
  if (!role || !all.has(role)) throw notFound()
  return { holding: { roles: [role] }, bars: [] }
}

async function ofMember(id: string, reader: Reader, all: Grants): Promise<Standing> {
  const { roles, state, has_factor } = await reader.db
    .selectFrom('member')
    .select(['roles', 'state', 'has_factor'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow(notFound)
  const bars: Bar[] = state === 'active' ? [] : [state === 'removed' ? 'member_is_removed' : 'member_is_disabled']
  return { holding: { roles }, bars: [...bars, ...(await factorBar({ roles }, has_factor, reader, all))] }
}

async function ofKey(id: string, reader: Reader, all: Grants): Promise<Standing> {
  const key = await reader.db
    .selectFrom('key')
    .leftJoin('member', 'member.person_id', 'key.made_by')
    .select(['key.role', 'key.narrowed_to', 'key.expires_at', 'key.revoked_at'])
    .select(['member.state', 'member.roles', 'member.has_factor'])
    .where('key.id', '=', id)
    .executeTakeFirstOrThrow(notFound)
  const holding = { roles: [key.role], narrowedTo: key.narrowed_to, makerRoles: key.roles }
  const bars: Bar[] = []
  if (key.revoked_at) bars.push('key_is_revoked')
  if (key.expires_at && Date.parse(key.expires_at) <= Date.now()) bars.push('key_is_expired')
  if (key.state && key.state !== 'active') bars.push('maker_is_gone')
  return { holding, bars: [...bars, ...(await factorBar(holding, key.has_factor ?? true, reader, all))] }
}

/** Whether they are kept out today for want of a second factor; a key has that of its maker. */
async function factorBar(holding: Holding, hasFactor: boolean, reader: Reader, all: Grants): Promise<Bar[]> {
  if (hasFactor) return []
  const { db, permissions, policy } = reader
  const { second_factor, second_factor_from } = await db
    .selectFrom('workspace')
    .select(['second_factor', 'second_factor_from'])
    .executeTakeFirstOrThrow()
  const isAdministrative = permissions.names.some(
    (name) => ADMINISTRATION.includes(name) && explain(name, holding, all).allowed,
  )
  const from_ms = demandedFrom_ms({
    policy: policy.secondFactor,
    workspace: second_factor as Demands['workspace'],
    workspaceFrom: second_factor_from,
    isAdministrative,
  })
  return from_ms <= Date.now() ? ['second_factor_missing'] : []
}
