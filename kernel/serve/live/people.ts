import { setTimeout as sleep } from 'node:timers/promises'
import type { CanaryPerson } from '../../contract/control.ts'
import { base32, codeAt, stepOf } from '../../identity/factors/totp.ts'
import { changingLobby, commitLobby, lobbyOf, recorderScope } from '../../identity/lobby.ts'
import type { Lobby } from '../../identity/lobby.ts'
import { joinWorkspace, newPerson } from '../../identity/members/joining.ts'
import { findPerson, keepPassword } from '../../identity/person.ts'
import { sealedFor } from '../../identity/proof.ts'
import type { Statement } from '../../postgres/batch.ts'
import type { Parts } from '../parts.ts'
import { ask } from './ask.ts'
import type { Base } from './ask.ts'
import type { Planted } from './canaries.ts'

/**
 * The people of a canary: an owner and somebody with the least of roles, each with an authenticator app where the
 * edition has them, an owner who never set one up, and a traveller who belongs to all canaries of their realm. They
 * sign in as anybody does. What they know is derived, not stored, so that every process knows it and no file does.
 */
const PEOPLE = {
  owner: { role: 0, app: true },
  least: { role: -1, app: true },
  bare: { role: 0, app: false },
  traveller: { role: -1, app: false },
} as const
export type Who = keyof typeof PEOPLE
export const EVERYBODY = Object.keys(PEOPLE) as Who[]

/** Answers their ids. */
export async function plantPeople(
  parts: Parts,
  { place }: Pick<Planted, 'place'>,
  hashes: Hashes,
): Promise<Record<string, string>> {
  const { house } = parts
  const lobby = await lobbyOf(house.realms, house.shared, place.workspace)
  const things: Record<string, string> = { people: parts.vault.ring().current }
  for (const who of EVERYBODY) {
    const known = await findPerson(lobby, addressOf(place.workspace, who))
    const person = known?.id ?? (await make(lobby, place, who))
    if (!known?.memberOf.includes(place.workspace)) await join(parts, lobby, place, who, person)
    await teach(parts, lobby, place, who, hashes[who === 'owner' ? 0 : 1], person)
    things[`person:${who}`] = person
  }
  return things
}

/** One password for all, hashed twice: more would cost more than a start may take. */
export type Hashes = readonly [string, string]
export async function hashesOfPeople(parts: Parts): Promise<Hashes> {
  const hash = () => parts.house.hashing.hash(passwordOf(parts))
  return await Promise.all([hash(), hash()])
}

/** One of them, as a probe sees them. */
export function canaryPerson(parts: Parts, base: Base, planted: Planted, who: Who): CanaryPerson {
  const { workspace } = planted.place
  const [email, password] = [addressOf(workspace, who), passwordOf(parts)]
  const app = hasApp(parts, who) ? secretOf(parts, workspace, who) : undefined
  const post = (path: string, body: object) =>
    ask(base, path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const signIn = async () => {
    for (;;) {
      const first = await post('/auth/sign-in', { email, password, workspace })
      if (first.status !== 200 || !app || first.json()['next'] !== 'factor') return first
      const { ticket } = first.json()
      const now_ms = Date.now()
      const told = await post('/auth/factor', { ticket, method: 'totp', code: codeAt(app, stepOf(now_ms)) })
      if (told.status !== 401) return told
      // Somebody used this step's code already: another process, or this one just now.
      await sleep(STEP_MS - (now_ms % STEP_MS))
    }
  }
  let open: { token: string; until_ms: number } | undefined
  return {
    email,
    password,
    id: planted.things.get(`person:${who}`)!,
    app: app && base32(app),
    signIn,
    async token() {
      if (open && open.until_ms > Date.now()) return open.token
      const told = await signIn()
      const session = told.json()['session'] as { accessToken: string; accessExpiresIn: number } | undefined
      if (!session) throw new Error(`a canary could not sign in: ${told.status}`)
      open = { token: session.accessToken, until_ms: Date.now() + (session.accessExpiresIn * 1_000) / 2 }
      return open.token
    },
  }
}

const STEP_MS = 30_000

const addressOf = (workspace: string, who: Who) =>
  who === 'traveller' ? 'traveller@canaries.invalid' : `${who}@${workspace}.invalid`
/** Longer than the 72 bytes that some ways of hashing would look at. */
const passwordOf = ({ vault }: Parts) => vault.mac('canary', 'password') + vault.mac('canary', 'password, continued')
const secretOf = ({ vault }: Parts, workspace: string, who: Who) =>
  Buffer.from(vault.mac('canary', `app ${workspace} ${who}`), 'base64url').subarray(0, 20)
const hasApp = ({ edition }: Parts, who: Who) => PEOPLE[who].app && edition.policy.secondFactor !== 'not offered'

async function make(lobby: Lobby, { workspace }: Planted['place'], who: Who): Promise<string> {
  await using work = changingLobby(lobby)
  const email = addressOf(workspace, who)
  const person = await newPerson(work, lobby, { name: `Canary ${who}`, email, locale: 'en', password: null })
  await commitLobby(work, lobby)
  return person
}

async function join(parts: Parts, lobby: Lobby, { workspace }: Planted['place'], who: Who, person: string) {
  const [name, email] = [`Canary ${who}`, addressOf(workspace, who)]
  const roles = [Object.keys(parts.edition.roles).at(PEOPLE[who].role)!]
  await using work = changingLobby(lobby)
  await joinWorkspace(work, lobby, {
    workspace,
    person,
    name,
    email,
    roles,
    hasFactor: hasApp(parts, who),
    invitedBy: null,
  })
  const actor = { id: 'operator', kind: 'system' as const, name: 'Operator of this deployment' }
  await work.commit(recorderScope(lobby.names, workspace), [
    parts.record('identity.member.join', actor, { requestId: 'canary' }, { email, roles }, person),
  ])
}

/** What they know comes from the current master key, and is taught anew when there is another. */
async function teach(
  parts: Parts,
  lobby: Lobby,
  { workspace }: Planted['place'],
  who: Who,
  hash: string,
  person: string,
) {
  await using work = changingLobby(lobby)
  await work.run(keepPassword(person, hash))
  await work.run({ text: 'delete from identity.factor where person_id = $1', values: [person] })
  if (hasApp(parts, who)) await work.run(keepApp(parts, workspace, person, who))
  await commitLobby(work, lobby)
}

const keepApp = (parts: Parts, workspace: string, person: string, who: Who): Statement => ({
  text: 'insert into identity.factor (person_id, secret, confirmed_at) values ($1, $2, clock_timestamp())',
  values: [person, parts.vault.seal(secretOf(parts, workspace, who), sealedFor(person))],
})
