import type { Kysely } from 'kysely'
import { includes } from '../../access/rights.ts'
import type { Rights } from '../../access/rights.ts'
import { rightsIn } from '../giving.ts'
import type { Turn } from '../giving.ts'
import type { Ending } from '../session.ts'
import type { Tables } from '../tables.ts'

/**
 * What ends when somebody goes: sessions, the keys that they made, and the invitations that they or their keys sent. It
 * all ends in the transaction that sends them away, so there is no moment in which they are gone and still inside.
 */
type Person = { id: string; person_id: string }

export async function endAccess(db: Kysely<Tables>, person: Person, why: Ending) {
  const sessionsEnded = await endSessionsOf(db, person.id, why)
  const keysRevoked = await db
    .updateTable('key')
    .set({ revoked_at: now() })
    .where('made_by', '=', person.person_id)
    .where('revoked_at', 'is', null)
    .returning(['id', 'name', 'role', 'prefix'])
    .execute()
  const open = await openInvitationsOf(db, person)
  return { sessionsEnded, keysRevoked, invitationsRevoked: await withdraw(db, open) }
}

export async function endSessionsOf(db: Kysely<Tables>, member: string, why: Ending): Promise<number> {
  const ended = await db
    .updateTable('session')
    .set({ ended_at: now(), ended_why: why })
    .where('member_id', '=', member)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return Number(ended.numUpdatedRows)
}

/** Who may do less from now on has not, a moment before, invited somebody who may do more. */
export async function withdrawBeyond(
  db: Kysely<Tables>,
  person: Person,
  rights: Rights,
  { all, permissions }: Turn,
): Promise<void> {
  const open = await openInvitationsOf(db, person)
  await withdraw(
    db,
    open.filter(({ roles }) => !includes(rights, rightsIn(roles, all, permissions))),
  )
}

type Invitation = { id: string; roles: string[] }

const openInvitationsOf = (db: Kysely<Tables>, { person_id }: Person): Promise<Invitation[]> =>
  db
    .selectFrom('invitation')
    .select(['id', 'roles'])
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('inviter_id', '=', person_id),
        eb(
          'inviter_id',
          'in',
          eb.selectFrom('key').select(eb.cast<string>('id', 'text').as('id')).where('made_by', '=', person_id),
        ),
      ]),
    )
    .execute()

async function withdraw(db: Kysely<Tables>, invitations: readonly Invitation[]): Promise<number> {
  if (invitations.length === 0) return 0
  const ids = invitations.map(({ id }) => id)
  const open = db.updateTable('invitation').where('id', 'in', ids).where('accepted_at', 'is', null)
  return Number((await open.set({ revoked_at: now() }).executeTakeFirst()).numUpdatedRows)
}

const now = () => new Date().toISOString()
