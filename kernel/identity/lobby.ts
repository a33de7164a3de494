import { z } from 'zod'
import type { Statement } from '../postgres/batch.ts'
import type { Pool } from '../postgres/pool.ts'
import { changing, reading, Writing } from '../postgres/work.ts'
import type { Scope } from '../postgres/work.ts'
import type { Names } from '../tenancy/names.ts'
import type { Place, Realm, Realms } from '../tenancy/realms.ts'

/**
 * Where people stand who are not in a workspace yet. A person belongs to a realm; what is theirs alone (password,
 * second factors, what was mailed to them) lies under an id that no workspace has, so that row security keeps it from
 * every workspace of the realm, and every workspace from whoever is still signing in.
 */
export const LOBBY = '00000000-0000-0000-0000-000000000000'

export type Lobby = { realm: Realm; pool: Pool; names: Names }

/** The lobby of the realm that a workspace lives in; of the shared one for whoever names none, or one that is not. */
export async function lobbyOf(realms: Realms, shared: Realm, workspace = LOBBY): Promise<Lobby> {
  const place = workspace === LOBBY ? undefined : await realms.place(workspace)
  const realm = place?.realm ?? shared
  return { realm, pool: realms.open(realm), names: realms.names }
}

export const inLobby = (lobby: Lobby) => reading(lobby.pool, identityScope(lobby.names, LOBBY))
/** One statement, as a change of its own. */
export const onceInLobby = (lobby: Lobby) => changing(lobby.pool, identityScope(lobby.names, LOBBY))
/** Several, as one change … */
export const changingLobby = (lobby: Lobby) => new Writing(lobby.pool, identityScope(lobby.names, LOBBY))
/** … which ends with the letters that leave with it: what happens here is in no workspace's log. */
export const commitLobby = (work: Writing, { names }: Lobby, letters: readonly Statement[] = []) =>
  work.commit(recorderScope(names, LOBBY), letters)

export const identityScope = (names: Names, workspace: string): Scope => ({
  role: names.role('identity'),
  schema: 'identity',
  workspace,
})

/** Where entries, events and letters of a change are written. */
export const recorderScope = (names: Names, workspace: string): Scope => ({
  role: names.recorder,
  schema: 'audit',
  workspace,
})

export const placeIn = ({ realm }: Lobby, workspace: string): Place => ({ workspace, realm })

/** What a token says of where it belongs: a workspace of that realm, or none for the shared one. */
export const hintOf = ({ realm: { kind } }: Lobby, workspace: string) => (kind === 'pool' ? LOBBY : workspace)

/** As mail servers all over agree to read it: no letters outside of ASCII, so no two that only look the same. */
export const Email = z.email().max(254)

/** What is compared: the part before the @ may legally depend on case, and nobody's does. */
export const emailKey = (email: string) => email.toLowerCase()
