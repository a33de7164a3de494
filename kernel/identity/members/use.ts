import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { notFound } from '../../contract/refusal.ts'
import type { Tables } from '../tables.ts'

/** By how many a role is held: members who are not gone, keys that open, invitations that wait. */
export type Use = { members: number; keys: number; invitations: number }

export async function useOf(db: Kysely<Tables>): Promise<(role: string) => Use> {
  const { rows } = await sql<Use & { role: string }>`select role,
      (count(*) filter (where what = 'member'))::int as members, (count(*) filter (where what = 'key'))::int as keys,
      (count(*) filter (where what = 'invitation'))::int as invitations
    from (
      select unnest(roles) as role, 'member' as what from member where state <> 'removed'
      union all select role, 'key' from key
        where revoked_at is null and (expires_at is null or expires_at > clock_timestamp())
      union all select unnest(roles), 'invitation' from invitation
        where accepted_at is null and revoked_at is null and expires_at > clock_timestamp()
    ) held group by role`.execute(db)
  const found = new Map(rows.map(({ role, ...use }) => [role, use]))
  return (role) => found.get(role) ?? { members: 0, keys: 0, invitations: 0 }
}

/** A role of the workspace's own; until the end of the transaction nobody else gives, changes or removes it. */
export const heldRole = (db: Kysely<Tables>, id: string) =>
  db
    .selectFrom('role')
    .select(['id', 'key', 'title', 'grants'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow(notFound)
