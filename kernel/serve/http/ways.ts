import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Refusal } from '../../contract/refusal.ts'
import { accessCookie, refreshCookie, WORKSPACE_HEADER } from '../../identity/cookies.ts'
import type { From } from '../../identity/house.ts'
import { readRefresh } from '../../identity/refresh-token.ts'
import { WAYS } from '../../identity/ways.ts'
import { noteRefused } from '../../identity/ways/refused.ts'
import type { Asked, Outcome, Way } from '../../identity/ways/way.ts'
import type { Caller } from '../../identity/whois.ts'
import { staffOf } from '../../staff/desk.ts'
import type { Staff } from '../../staff/desk.ts'
import { STAFF_WAYS } from '../../staff/ways.ts'
import { addressGroup } from '../../transport/address.ts'
import { clearCookie, readCookie } from '../../transport/cookie.ts'
import { asRefusal } from '../mapping.ts'
import { addressOf, admit, insistOnOurPage, spend, spendAsStranger } from './door.ts'
import type { Door } from './door.ts'
import { localeOf } from './locale.ts'

/** The ways in and out as routes: read, refused and answered like operations, and nobody's budget is spared. */
export function addWays(app: FastifyInstance, door: Door): void {
  for (const way of [...WAYS, ...STAFF_WAYS])
    app.post(`/auth/${way.name}`, async (request, reply) => {
      const asked = await ask(door, way, request, reply)
      const { body, session } = await way.run(door.parts.house, asked).catch((error: unknown) => {
        const refusal = asRefusal(error, way)
        noteRefused(door.parts.house, way, asked, refusal)
        throw refusal
      })
      const told = door.parts.boundary.insistOnOutput(named(way), body)
      keep(door, reply, session)
      return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(told))
    })
}

async function ask(door: Door, way: Way, request: FastifyRequest, reply: FastifyReply): Promise<Asked<never>> {
  const caller = way.who === 'person' ? await admitPerson(door, request) : undefined
  if (caller) spend(door, 'write', caller.actor.id, reply)
  else spendAsStranger(door, request)
  const staff = way.who === 'staff' ? await admitStaff(door, request) : undefined
  const refresh = refreshIn(door, request)
  // Whoever has a cookie must be a page of ours, and so must every browser that a session is opened for.
  if (refresh !== undefined || isBrowser(request)) insistOnOurPage(door, request, refresh === undefined)
  const input = door.parts.boundary.acceptInput(named(way), request.body ?? {})
  return { input, from: fromOf(door, request), caller, staff, refresh } as Asked<never>
}

/** A key is nobody: what is a person's own is not for programs. */
async function admitPerson(door: Door, request: FastifyRequest): Promise<Caller> {
  const caller = await admit(door, request)
  if (!caller.session) throw new Refusal(403, 'only-for-people')
  return caller
}

/** Another token for another kind of person, and never from a cookie; it has been paid for as a guess. */
async function admitStaff(door: Door, request: FastifyRequest): Promise<Staff & { token: string }> {
  const token = /^Bearer (vss_[A-Za-z0-9_-]{20,100})$/.exec(request.headers.authorization ?? '')?.[1]
  const staff = token && (await staffOf(door.parts.house.desk, token))
  if (staff) return { ...staff, token }
  throw new Refusal(401, 'unauthenticated')
}

const named = (way: Way) => ({ name: `auth.${way.name}`, operation: way })

const isBrowser = ({ headers }: FastifyRequest) =>
  headers['sec-fetch-site'] !== undefined || headers['origin'] !== undefined

function fromOf(door: Door, request: FastifyRequest): From {
  const address = addressOf(door, request)
  return {
    requestId: request.id,
    address,
    network: addressGroup(address),
    userAgent: request.headers['user-agent'],
    locale: localeOf(request.headers['accept-language']),
  }
}

/** What lies in the cookie of another workspace than its own is nobody's. */
function refreshIn({ parts }: Door, { headers }: FastifyRequest): string | undefined {
  const { success, data: workspace } = z.uuid().safeParse(headers[WORKSPACE_HEADER])
  const token = success ? readCookie(headers.cookie, refreshCookie(workspace)) : undefined
  const said = token === undefined ? undefined : readRefresh(parts.vault, token)
  return said?.workspace === workspace ? token : undefined
}

function keep(door: Door, reply: FastifyReply, session: Outcome['session']) {
  if (!session) return
  if ('ended' in session) {
    // Not "cookies": the same browser may be in other workspaces.
    void reply.header('clear-site-data', '"cache", "storage"')
    void reply.header('set-cookie', [
      clearCookie(accessCookie(session.ended)),
      clearCookie(refreshCookie(session.ended)),
    ])
    return
  }
  const { workspace, access, access_s } = session
  const cookies = [door.setCookie(accessCookie(workspace), access, access_s)]
  if ('refresh' in session) cookies.push(door.setCookie(refreshCookie(workspace), session.refresh, session.refresh_s))
  void reply.header('set-cookie', cookies)
}
