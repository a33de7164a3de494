import { randomBytes } from 'node:crypto'
import { helpdesk } from '../editions/helpdesk/edition.ts'
import type { Sql } from '../kernel/contract/control.ts'
import { lobbyOf } from '../kernel/identity/lobby.ts'
import { ownerTicket } from '../kernel/identity/ways/welcome.ts'
import { lettersTo } from '../kernel/serve/live/letters.ts'
import { serve } from '../kernel/serve/serve.ts'
import { openWorkspace } from '../kernel/serve/workspaces.ts'
import { openStage } from '../kernel/testing.ts'
import { ownCertificate } from '../kernel/transport/certificate.ts'
import { hurry } from './hurry.ts'
import { knockAt } from './knock.ts'
import { secondProcess } from './second.ts'

/** Two processes of the edition that offers every way in, and people who all want the same thing at the same moment. */
export type Crowd = AsyncDisposable & {
  workspace: string
  /** A way, asked of one process or the other by turns. */
  post: (at: number, way: string, body: object, token?: string) => Promise<Told>
  /** An operation that changes something. */
  call: (at: number, name: string, input: object, token: string) => Promise<Told>
  sql: Sql
  /** What the newest letter to an address has in its link. */
  mailed: (address: string) => Promise<string>
  ownerLink: () => Promise<string>
  /** Another owner, who has just come in. */
  somebody: () => Promise<Somebody>
  requests: () => number
}
export type Somebody = { id: string; email: string; token: string; refresh: string }
/** JSON as it came: a race says what it expects of it. */
export type Told = { status: number; text: string; body: ReturnType<typeof JSON.parse> }

export const PASSWORD = 'seven quiet herons over water'
/** What browsers know both processes by. */
export const ORIGIN = 'https://localhost'

export const someAddress = () => `racer-${randomBytes(6).toString('hex')}@races.invalid`

export async function openCrowd(atOnce: number): Promise<Crowd> {
  await using opened = new AsyncDisposableStack()
  const { parts, admin, folder } = opened.use(await openStage(helpdesk))
  hurry(parts)
  const certificate = await ownCertificate(folder, ['localhost'])
  const hurried = { publicUrl: ORIGIN }
  const serving = { host: '127.0.0.1', port: 0, tlsPort: 0, certificate, probing: false, ...hurried }
  const served = opened.use(await serve(parts, serving))
  const deployment = parts.deployment.names.deployment
  const second = opened.use(await secondProcess({ admin, deployment, folder, edition: 'helpdesk', hurried }))
  const { place } = await openWorkspace(parts, 'Racers', 'pool')
  const doors = [served.listening.port, second.port].map((port) => opened.use(knockAt(port, atOnce)))
  let requests = 0
  const ask = async (at: number, path: string, body: object, token?: string): Promise<Told> => {
    requests += 1
    const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
    const { status, text } = await doors[at % doors.length]!(path, 'POST', headers, JSON.stringify(body))
    return { status, text, body: JSON.parse(text) as Told['body'] }
  }
  const post: Crowd['post'] = (at, way, body, token) => ask(at, `/auth/${way}`, body, token)
  const { house } = parts
  const { workspace } = place
  const ownerLink = async () => ownerTicket(await lobbyOf(house.realms, house.shared, workspace), workspace)
  const all = opened.move()
  return {
    workspace,
    post,
    ownerLink,
    call: (at, name, input, token) => ask(at, `/v1/${name}`, input, token),
    sql: served.live.canaries[0]!.north.catalogue,
    async mailed(address) {
      for (const text of await lettersTo(parts, { place }, address)) {
        const token = /\/enter#[a-z-]+=([\w-]+)/.exec(text)?.[1]
        if (token) return token
      }
      throw new Error('no letter with a link came')
    },
    async somebody() {
      const email = someAddress()
      const told = await post(0, 'welcome', { ticket: await ownerLink(), name: 'Racer', email, password: PASSWORD })
      if (told.status !== 200) throw new Error(told.text)
      const { accessToken: token, refreshToken: refresh } = told.body.session as Record<string, string>
      const { body } = await post(0, 'me', {}, token)
      return { id: body.id, email, token: token!, refresh: refresh! }
    },
    requests: () => requests,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
