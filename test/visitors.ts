import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeAt, stepOf } from '../kernel/identity/factors/totp.ts'
import { lobbyOf } from '../kernel/identity/lobby.ts'
import { ownerTicket } from '../kernel/identity/ways/welcome.ts'
import { ask } from '../kernel/serve/live/ask.ts'
import type { Answer, Side, World } from '../kernel/testing.ts'
import { answered, callerWith } from './people.ts'

/** People for tests: they come in by the same doors as anybody, and do what they do over HTTP. */
export type Visitor = {
  email: string
  password: string
  session: Tokens
  /** A way in or out, with the session's access token unless told otherwise. */
  post: (path: string, body?: object, headers?: Record<string, string>) => Promise<Answer>
  /** An operation of the workspace. */
  call: (name: string, input?: object, token?: string) => Promise<Answer>
}
export type Tokens = { workspace: string; accessToken: string; refreshToken: string }

export const PASSWORD = 'seven quiet herons over water'

/** The first owner of a workspace, who has just come in with the operator's link. */
export async function owner(here: World, side: Side = 'north', email = someAddress()): Promise<Visitor> {
  const { house } = here.served.parts
  const { workspace } = here[side].place
  const ticket = await ownerTicket(await lobbyOf(house.realms, house.shared, workspace), workspace)
  const told = await post(here, '/auth/welcome', { ticket, name: 'Asha', email, password: PASSWORD })
  if (told.status !== 200) throw new Error(told.text)
  return visitor(here, email, told.body.session)
}

export function visitor(here: World, email: string, session: Tokens): Visitor {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  return {
    email,
    password: PASSWORD,
    session,
    post: (path, body = {}, headers = bearer(session.accessToken)) => post(here, path, body, headers),
    call: (name, input = {}, token = session.accessToken) => callerWith(here, token)(name, input),
  }
}

export const signIn = (here: World, email: string, more: object = {}) =>
  post(here, '/auth/sign-in', { email, password: PASSWORD, ...more })

export async function post(here: World, path: string, body: object, headers: Record<string, string> = {}) {
  const json = { 'content-type': 'application/json', ...headers }
  return answered(await ask(baseOf(here), path, { method: 'POST', headers: json, body: JSON.stringify(body) }))
}

export const someAddress = () => `person-${randomBytes(6).toString('hex')}@example.com`

/** Waits until the present step of an app has a while to go, so that a code is the same when it arrives. */
export async function early(): Promise<void> {
  const left_ms = STEP_MS - (Date.now() % STEP_MS)
  if (left_ms < ENOUGH_MS) await sleep(left_ms + 10)
}
const STEP_MS = 30_000
const ENOUGH_MS = 10_000

/** What the app shows: of the present step, or of one that many steps later. */
export const shown = (secret: string, later = 0) => codeAt(fromBase32(secret), stepOf(Date.now()) + later)

export const baseOf = ({ served }: World) => ({ url: new URL(`http://127.0.0.1:${served.listening.port}`) })

function fromBase32(text: string): Buffer {
  const bits = text
    .split('')
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)))
}
