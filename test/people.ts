import { randomUUID } from 'node:crypto'
import { readBody } from '../kernel/testing.ts'
import type { Answer, Side, World } from '../kernel/testing.ts'
import { ask, requestOf } from '../kernel/serve/live/ask.ts'

/** People of a world as rows: a person, a member and an open session, whichever way they might have come in. */
export type Somebody = { person: string; member: string; session: string; token: string; call: Calling }
export type Calling = (name: string, input?: object) => Promise<Answer>

export async function somebody(here: World, roles: readonly string[], side: Side = 'north'): Promise<Somebody> {
  const { workspace } = here[side].place
  const ids = { person: randomUUID(), member: randomUUID(), session: randomUUID() }
  await sql(here)(
    `insert into identity.member (workspace_id, id, person_id, name, email, roles, has_factor)
     values ($1, $2, $3, $4, $5, $6, true)`,
    [workspace, ids.member, ids.person, 'Somebody', `${ids.person}@example.com`, roles],
  )
  await sql(here)(
    `insert into identity.session
       (workspace_id, id, person_id, member_id, expires_at, proofs, proved_at, strong_at)
     values ($1, $2, $3, $4, now() + interval '1 hour', '{password,totp}', now(), now())`,
    [workspace, ids.session, ids.person, ids.member],
  )
  const token = await here.served.parts.house.tokens.make({ ...ids, workspace })
  return { ...ids, token, call: callerWith(here, token) }
}

/** Speaks HTTP with a token, to this process or to another that serves the same deployment. */
export const callerWith =
  (here: World, token: string, port = here.served.listening.port): Calling =>
  async (name, input = {}) => {
    const isQuery = here.served.parts.catalogue.get(name)?.operation.kind === 'query'
    const { path, asking } = requestOf(name, isQuery, input, token)
    return answered(await ask({ url: new URL(`http://127.0.0.1:${port}`) }, path, asking))
  }

/** With its JSON as it came: a test says what it expects of it. */
export const answered = ({ status, text, headers }: Awaited<ReturnType<typeof ask>>): Answer => ({
  status,
  text,
  headers,
  body: readBody(text, headers),
})

/** As the one who owns the tables, in the realm of both sides. */
export const sql = (here: World) => here.served.live.canaries[0]!.north.catalogue
