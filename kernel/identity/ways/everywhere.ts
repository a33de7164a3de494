import type { Result, Statement } from '../../postgres/batch.ts'
import type { Writing } from '../../postgres/work.ts'
import type { House } from '../house.ts'
import { identityScope, placeIn, recorderScope } from '../lobby.ts'
import type { Lobby } from '../lobby.ts'
import type { Person } from '../person.ts'
import { endSessions } from '../session.ts'
import type { Ending } from '../session.ts'

/**
 * What concerns somebody in every workspace that they belong to, in one transaction: each workspace changes its own
 * rows and has its own entry, but for those that they have left, where nothing is touched and nothing heard of them.
 */
export async function everywhere(
  work: Writing,
  lobby: Lobby,
  { id, memberOf }: Pick<Person, 'id' | 'memberOf'>,
  change: Statement,
  entry: Statement,
): Promise<Result[]> {
  const results: Result[] = []
  for (const workspace of memberOf) {
    const scope = identityScope(lobby.names, workspace)
    const [here] = await work.as(scope, [stillIn(id)])
    if (here!.rows.length === 0) continue
    results.push(...(await work.as(scope, [change])))
    await work.as(recorderScope(lobby.names, workspace), [entry])
  }
  return results
}

const stillIn = (person: string): Statement => ({
  text: `select from identity.member where person_id = $1 and state <> 'removed'`,
  name: 'still in',
  values: [person],
})

/** Ends their sessions, but for the one that may stay; answers how many. */
export async function endEverywhere(
  work: Writing,
  lobby: Lobby,
  person: Pick<Person, 'id' | 'memberOf'>,
  { why, entry, spared = null }: { why: Ending; entry: Statement; spared?: string | null },
): Promise<number> {
  const ended = await everywhere(work, lobby, person, endSessions(person.id, why, spared), entry)
  return ended.reduce((sum, { affected }) => sum + affected, 0)
}

/** Once it is committed: what is believed of them in this process is looked up anew. */
export function changedEverywhere({ whois }: House, lobby: Lobby, { memberOf }: Pick<Person, 'memberOf'>): void {
  for (const workspace of memberOf) whois.changed(placeIn(lobby, workspace))
}
