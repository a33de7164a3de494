import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Canary, Live, LiveOperation, Told } from '../../contract/control.ts'

/**
 * Somebody whom a probe makes up in a canary: they sign in, enrol and fail as anybody does, and whatever happens to
 * them happens to nobody else. Nothing of them is left; what a probe that was cut off has left goes with the next one.
 */
export type Guest = AsyncDisposable & {
  id: string
  email: string
  password: string
  /** A way in or out, as nobody or with an access token. */
  post: (way: string, body?: object, token?: string) => Promise<Told>
  /** With the password; the answer says what comes next. */
  signIn: () => Promise<Told>
  /** An access token after the password alone, of somebody who has nothing else. */
  token: () => Promise<string>
  /** The newest of the links of a kind that were mailed to them, as the token in it. */
  mailed: (kind: string) => Promise<string>
}

/** With the first role of the edition, which is the owner's, or with the last, which may do the least. */
export async function guestIn(live: Live, canary: Canary, role: 'owner' | 'least', stored?: Stored): Promise<Guest> {
  const [id, email] = [randomUUID(), addressIn(canary)]
  const { password } = stored ?? canary.person('bare')
  const hash = stored ? quoted(stored.hash) : `(select password from identity.person where id = '${bareIn(canary)}')`
  const roles = quoted(Object.keys(live.roles).at(role === 'owner' ? 0 : -1)!)
  await canary.catalogue(`${leave(canary, ABANDONED)} ${inside(LOBBY)}
    insert into identity.person (workspace_id, id, name, email, email_key, password, password_at)
      values ('${LOBBY}', '${id}', 'Guest', '${email}', '${email}', ${hash}, now());
    insert into identity.belonging (workspace_id, person_id, member_of)
      values ('${LOBBY}', '${id}', '${canary.workspace}');
    ${inside(canary.workspace)}
    insert into identity.member (workspace_id, person_id, name, email, roles)
      values ('${canary.workspace}', '${id}', 'Guest', '${email}', array[${roles}]);`)
  const signIn = () => post(live, 'sign-in', { email, password, workspace: canary.workspace })
  return {
    id,
    email,
    password,
    signIn,
    post: (way, body, token) => post(live, way, body, token),
    token: async () => accessOf(await signIn()),
    mailed: (kind) => mailedTo(canary, email, kind),
    [Symbol.asyncDispose]: async () => void (await canary.catalogue(leave(canary, `email_key = '${email}'`))),
  }
}

/** A password, and what is stored of it. */
export type Stored = { password: string; hash: string }

export const addressIn = ({ workspace }: Canary) => `${GUEST}${randomBytes(9).toString('hex')}@${workspace}.invalid`

/** What the addresses of guests begin with. */
export const GUEST = 'guest-'

/** Takes out whoever came by an address that a probe made up, with what was written to them. */
export const sendAway = async (canary: Canary, email: string): Promise<void> =>
  void (await canary.catalogue(leave(canary, `email_key = ${quoted(email)}`)))

/** A way, as a program asks for it. Told that a budget is empty for a moment, it waits and asks again. */
export async function post(live: Live, way: string, body: object = {}, token?: string): Promise<Told> {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
  return await patiently(() => live.http(`/auth/${way}`, { method: 'POST', headers, body: JSON.stringify(body) }))
}

/** What all strangers share is full again in a moment; whoever must wait for longer was slowed down on purpose. */
const A_MOMENT_MS = 5_000
const WAIT_IN_ALL_MS = 20_000

export async function patiently(once: () => Promise<Told>): Promise<Told> {
  const deadline = Date.now() + WAIT_IN_ALL_MS
  for (;;) {
    const told = await once()
    const wait_ms = Number(told.headers.get('retry-after')) * 1_000
    const isBusy = (told.status === 429 || told.status === 503) && wait_ms > 0 && wait_ms <= A_MOMENT_MS
    if (!isBusy) return told
    if (Date.now() + wait_ms > deadline) throw new Error('there was no turn for a probe')
    await sleep(wait_ms)
  }
}

export const codeOf = (told: Told) => (told.status < 400 ? undefined : String(told.json()['code']))

/** The way in is not there: for nobody and for whatever. */
export const isAbsent = ({ status }: Told) => status === 404

export function accessOf(told: Told): string {
  const session = told.status === 200 ? (told.json()['session'] as { accessToken?: string } | undefined) : undefined
  if (!session?.accessToken) throw new Error(`nobody could be let in to look: ${told.status} ${codeOf(told) ?? ''}`)
  return session.accessToken
}

/** Any of the canaries: another one every time. */
export function anyCanary({ canaries }: Live): Canary {
  const all = canaries.flatMap(({ north, south }) => [north, south])
  return all[Math.floor(Math.random() * all.length)]!
}

/** An input that shows whether somebody is let in, and changes nothing if they are. */
export const harmless = ({ kind, example }: LiveOperation, canary: Canary) => (kind === 'query' ? example(canary) : {})

export const sampleOf = <One>(all: readonly One[], size: number): One[] =>
  all
    .map((one) => ({ one, order: Math.random() }))
    .toSorted((a, b) => a.order - b.order)
    .slice(0, size)
    .map(({ one }) => one)

/** An authenticator app as anybody could write it from RFC 6238, and the codes on paper that came with it. */
export type App = { secret: string; codes: string[]; ticket: string; shows: () => string }

/** Sets one up as its owner would; the step of the code that this took is forgotten, so that the next may follow. */
export async function enrol(canary: Canary, guest: Guest, token: string): Promise<App> {
  const told = await guest.post('app-begin', {}, token)
  if (told.status !== 200) throw new Error(`no app could be set up: ${told.status} ${codeOf(told) ?? ''}`)
  const { ticket, secret, codes } = told.json() as Omit<App, 'shows'>
  const shows = () => totp(secret, Date.now())
  const confirmed = await guest.post('app-confirm', { ticket, code: shows(), kept: codes.at(-1) }, token)
  if (confirmed.status !== 200) throw new Error(`no app could be set up: ${codeOf(confirmed) ?? ''}`)
  await forgetStep(canary, guest)
  return { ticket, secret, codes, shows }
}

/** As if the last code had been used long ago. */
export const forgetStep = async ({ catalogue }: Canary, { id }: Guest): Promise<void> =>
  void (await catalogue(`${inside(LOBBY)} update identity.factor set last_step = 0 where person_id = '${id}'`))

export const LOBBY = '00000000-0000-0000-0000-000000000000'

/** Whoever is no superuser sees and writes rows from inside a workspace only; statements of one text go together. */
export const inside = (workspace: string) => `set local app.workspace = '${workspace}';`

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

function totp(secret: string, now_ms: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(now_ms / 30_000)))
  const mac = createHmac('sha1', bytesOf(secret)).update(counter).digest()
  return String((mac.readUInt32BE(mac.at(-1)! % 16) % 2 ** 31) % 1_000_000).padStart(6, '0')
}

function bytesOf(base32: string): Buffer {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = Array.from(base32)
    .map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)))
}

async function mailedTo({ letters }: Canary, email: string, kind: string): Promise<string> {
  for (const text of await letters(email)) {
    const token = new RegExp(`/enter#${kind}=([\\w-]+)`).exec(text)?.[1]
    if (token) return token
  }
  throw new Error(`no letter with a link came: ${kind}`)
}

const bareIn = (canary: Canary) => canary.person('bare').id

/** Longer than any probe takes. */
const ABANDONED = `email_key like '${GUEST}%.invalid' and created_at < now() - interval '10 minutes'`

function leave({ workspace }: Canary, which: string): string {
  const members = which.replaceAll('email_key', 'email')
  const theirs = which.replaceAll('email_key', 'recipient')
  return `${inside(workspace)}
    delete from identity.key where workspace_id = '${workspace}' and made_by in (
      select person_id from identity.member where workspace_id = '${workspace}' and ${members});
    delete from identity.invitation where workspace_id = '${workspace}' and ${which};
    delete from identity.member where workspace_id = '${workspace}' and ${members};
    delete from mail.letter where workspace_id = '${workspace}' and ${theirs};
    ${inside(LOBBY)}
    delete from identity.person where workspace_id = '${LOBBY}' and ${which};
    delete from mail.letter where workspace_id = '${LOBBY}' and ${theirs};`
}
