import { Refusal } from '../../contract/refusal.ts'
import type { Statement } from '../../postgres/batch.ts'
import type { Writing } from '../../postgres/work.ts'
import { emailKey, identityScope, LOBBY } from '../lobby.ts'
import type { Lobby } from '../lobby.ts'
import { endSessions } from '../session.ts'

/**
 * Becoming a person, and a member. Both happen in the transaction that used up the invitation, so nobody is half
 * invited; the person stands in the lobby, the member in the workspace, and each knows the other by id alone.
 */
export type Newcomer = { name: string; email: string; locale: 'en' | 'ar'; password: string | null }

/** A new person, unless the address has one. */
export async function newPerson(work: Writing, lobby: Lobby, { name, email, locale, password }: Newcomer) {
  const [made] = await work.as(identityScope(lobby.names, LOBBY), [
    { text: PERSON, name: 'new person', values: [name, email, emailKey(email), locale, password] },
  ])
  const id = made!.rows[0]?.['id'] as string | undefined
  if (!id) throw new Refusal(409, 'address-taken')
  return id
}

/** A member with these roles; whoever was removed and comes back is the same member as before. */
export async function joinWorkspace(
  work: Writing,
  lobby: Lobby,
  { workspace, person, name, email, roles, hasFactor, invitedBy }: Joining,
): Promise<string> {
  const [, known] = await work.as(identityScope(lobby.names, LOBBY), [belong(person, workspace), languageOf(person)])
  const locale = known!.rows[0]?.['locale'] as string
  const [, joined] = await work.as(identityScope(lobby.names, workspace), [
    // Of when they were here before: a sign-in that crossed their removal may have left one.
    endSessions(person, 'removed'),
    { text: MEMBER, name: 'new member', values: [person, name, email, [...roles], hasFactor, invitedBy, locale] },
  ])
  const id = joined!.rows[0]?.['id'] as string | undefined
  if (!id) throw new Refusal(409, 'already-a-member')
  return id
}

export type Joining = {
  workspace: string
  person: string
  name: string
  email: string
  roles: readonly string[]
  hasFactor: boolean
  invitedBy: string | null
}

const PERSON = `insert into identity.person (name, email, email_key, locale, password, password_at)
  values ($1, $2, $3, $4, $5::text, case when $5::text is null then null else clock_timestamp() end)
  on conflict (workspace_id, email_key) do nothing returning id`

const belong = (person: string, workspace: string): Statement => ({
  text: `insert into identity.belonging (person_id, member_of) values ($1, $2)
    on conflict (workspace_id, person_id, member_of) do nothing`,
  name: 'belong',
  values: [person, workspace],
})

const languageOf = (person: string): Statement => ({
  text: 'select locale from identity.person where id = $1',
  name: 'language of',
  values: [person],
})

const MEMBER = `insert into identity.member (person_id, name, email, roles, has_factor, invited_by, locale)
  values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (workspace_id, person_id) do update
    set state = 'active', roles = excluded.roles, name = excluded.name, email = excluded.email,
      has_factor = excluded.has_factor, invited_by = excluded.invited_by, locale = excluded.locale
    where member.state = 'removed'
  returning id`
