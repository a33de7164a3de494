import type { Statement } from '../postgres/batch.ts'
import type { Writing } from '../postgres/work.ts'
import { identityScope, inLobby, LOBBY } from './lobby.ts'
import type { Lobby } from './lobby.ts'

/** A person as the ways in need to know them. */
export type Person = {
  id: string
  name: string
  email: string
  locale: 'en' | 'ar'
  password: string | null
  /** Since when it is that one. */
  passwordAt: string | null
  isDisabled: boolean
  /** Second factors that count. */
  hasApp: boolean
  passkeys: number
  codes: number
  /** The workspaces that they belong to, in the one order in which several are changed: so two changes never cross. */
  memberOf: string[]
}

export const findPerson = async (lobby: Lobby, key: string) => await first(lobby, by('email_key', key))
export const readPerson = async (lobby: Lobby, id: string) => await first(lobby, by('id', id))

/** Who does something, as logs name them. */
export const actorOf = ({ id, name }: Pick<Person, 'id' | 'name'>) => ({ id, kind: 'person' as const, name })

export const hasFactor = ({ hasApp, passkeys }: Person) => hasApp || passkeys > 0

export const keepPassword = (person: string, hash: string): Statement => ({
  text: 'update identity.person set password = $2, password_at = clock_timestamp() where id = $1',
  name: 'keep password',
  values: [person, hash],
})

/** The same password in a form of today, unless there is another by now. */
export const rehash = ({ id, password }: Person, hash: string): Statement => ({
  text: 'update identity.person set password = $3 where id = $1 and password = $2',
  name: 'rehash',
  values: [id, password, hash],
})

/** Until the end of the transaction nobody else changes what they sign in with; taken before any of their tickets. */
export const holdPerson = (person: string): Statement => ({
  text: 'select password_at::text as "passwordAt" from identity.person where id = $1 for no key update',
  name: 'hold person',
  values: [person],
})

/**
 * The same for whoever is about to let them in: many may at once, and nobody while they shut somebody out. Whoever ends
 * every session of theirs holds them first, so there is none that begins unseen.
 */
export const standBy = (person: string): Statement => ({
  text: `select password_at::text as "passwordAt" from identity.person where id = $1 and disabled_at is null for share`,
  name: 'stand by person',
  values: [person],
})

/** Who they are inside a transaction, from wherever it stands. */
export async function personWithin(work: Writing, lobby: Lobby, id: string): Promise<Person | undefined> {
  const [found] = await work.as(identityScope(lobby.names, LOBBY), [by('id', id)])
  return found!.rows[0] as Person | undefined
}

async function first(lobby: Lobby, statement: Statement): Promise<Person | undefined> {
  const { rows } = await inLobby(lobby).run(statement)
  return rows[0] as Person | undefined
}

const by = (column: 'email_key' | 'id', value: string): Statement => ({
  text: `select p.id, p.name, p.email, p.locale, p.password, p.password_at::text as "passwordAt",
    p.disabled_at is not null as "isDisabled",
    exists (select from identity.factor f where f.person_id = p.id and f.confirmed_at is not null) as "hasApp",
    (select count(*)::int from identity.passkey k where k.person_id = p.id) as passkeys,
    (select count(*)::int from identity.recovery_code c where c.person_id = p.id and c.used_at is null) as codes,
    (select coalesce(array_agg(b.member_of order by b.member_of), '{}')::text[] from identity.belonging b
      where b.person_id = p.id) as "memberOf"
  from identity.person p where p.${column} = $1`,
  name: `person by ${column}`,
  values: [value],
})
