import type { FastifyReply, FastifyRequest } from 'fastify'
import { DECOY } from '../../audit/watching/rules/decoy.ts'
import { inside, log } from '../../base/log.ts'
import type { RateClass } from '../../contract/operation.ts'
import { Refusal } from '../../contract/refusal.ts'
import { Id } from '../../contract/values.ts'
import { accessCookie, WORKSPACE_HEADER } from '../../identity/cookies.ts'
import type { Caller } from '../../identity/whois.ts'
import { rateHeaders } from '../../limits/headers.ts'
import { decoyIn } from '../../limits/decoys.ts'
import type { Spent } from '../../limits/limits.ts'
import type { Decoys } from '../../limits/sightings.ts'
import { isThisMachine } from '../../limits/suspicion.ts'
import { addressGroup } from '../../transport/address.ts'
import { clientAddress } from '../../transport/client.ts'
import type { TrustedProxies } from '../../transport/client.ts'
import { readCookie } from '../../transport/cookie.ts'
import type { setCookie } from '../../transport/cookie.ts'
import type { hardeningHeaders } from '../../transport/headers.ts'
import type { HostCheck } from '../../transport/host.ts'
import type { insistOnOwnOrigin } from '../../transport/origin.ts'
import type { Locale, Words } from './locale.ts'
import type { Parts } from '../parts.ts'
import type { Problem } from './problem.ts'

/**
 * What stands between the network and dispatch. Its parts are values, so that a drill can put a broken one in its
 * place.
 */
export type Door = {
  parts: Parts
  decoys: Decoys
  words: Record<Locale, Words>
  proxies: TrustedProxies
  headers: typeof hardeningHeaders
  checkHost: HostCheck
  insistOnOwnOrigin: typeof insistOnOwnOrigin
  setCookie: typeof setCookie
  /** Whether a body of this content type is read at all. */
  accepts: (contentType: string | undefined) => boolean
  /** The last look at a problem before it leaves: nothing is added to it. */
  tell: (problem: Problem, error: unknown) => Problem
}

/** A key, or an access token, which has dots and is longer. */
const BEARER = /^Bearer ([A-Za-z0-9_.-]{20,1000})$/i

/** Who asks. Strangers spend from their network's budget, so that guessing keys is as slow as anything else. */
export async function admit(door: Door, request: FastifyRequest): Promise<Caller> {
  const shown = BEARER.exec(request.headers.authorization ?? '')?.[1]
  const token = shown ?? keptToken(door, request)
  const caller = token && (door.parts.whois.recall(token) ?? (await callerOf(door, request, token)))
  // A cookie is for the workspace that its name and the page agree on, whatever lies in it.
  if (caller && (shown !== undefined || caller.place.workspace === request.headers[WORKSPACE_HEADER])) return caller
  spendAsStranger(door, request)
  throw new Refusal(401, 'unauthenticated')
}

/** What a browser keeps for the workspace that the page says it is in; only a page of ours may use it. */
function keptToken(door: Door, request: FastifyRequest): string | undefined {
  const { cookie, [WORKSPACE_HEADER]: workspace } = request.headers
  if (cookie === undefined || typeof workspace !== 'string' || !Id.safeParse(workspace).success) return undefined
  const token = readCookie(cookie, accessCookie(workspace))
  if (token !== undefined) insistOnOurPage(door, request)
  return token
}

/** `isOpening`: before there is a workspace to name, the browser's own word is enough. */
export function insistOnOurPage(door: Door, request: FastifyRequest, isOpening = false): void {
  const { method, headers } = request
  const { publicUrl } = door.parts
  const asked = { method, headers, host: headers.host, isTls: isTls(request) }
  door.insistOnOwnOrigin(asked, {
    origins: publicUrl ? [new URL(publicUrl).origin] : [],
    header: isOpening ? undefined : WORKSPACE_HEADER,
  })
}

/**
 * A key that this process does not know costs its network one guess before the database is asked, and gets it back
 * unless it was wrong. Guesses have a budget of their own, and one for each workspace that is in use here, so that
 * neither a neighbour's reading nor a neighbour's guessing keeps a good key out.
 */
async function callerOf(door: Door, request: FastifyRequest, token: string): Promise<Caller | undefined> {
  const { whois, limits } = door.parts
  let guesser: { who: string; price: number } | undefined
  let isWrong = false
  try {
    const caller = await whois.of(token, (workspace) => {
      const network = addressGroup(addressOf(door, request))
      const [who, price] = [`${network} guesses ${workspace ?? ''}`, 1 / widthOf(network)]
      insist(limits.spend('public', who, Date.now(), price))
      guesser = { who, price }
    })
    isWrong = !caller
    return caller
  } finally {
    if (guesser && !isWrong) limits.spend('public', guesser.who, Date.now(), -guesser.price)
  }
}

/** Takes one from the budget and says on the answer what is left. */
export function spend(door: Door, rate: RateClass, who: string, reply: FastifyReply): void {
  const spent = door.parts.limits.spend(rate, who, Date.now())
  void reply.headers(rateHeaders(spent))
  insist(spent)
}

/** Those whose network has been asking for decoys pay more; who has a valid key never comes this way. */
export function spendAsStranger(door: Door, request: FastifyRequest): void {
  const [network, now_ms] = [addressGroup(addressOf(door, request)), Date.now()]
  const price = door.decoys.price(network, now_ms) / widthOf(network)
  insist(door.parts.limits.spend('public', network, now_ms, price))
}

/** Behind a proxy that nobody named everybody comes from this machine, as the probes do: it has this much more room. */
const widthOf = (network: string) => (isThisMachine(network) ? THIS_MACHINE : 1)
const THIS_MACHINE = 10

function insist({ allowed, reset_s }: Spent) {
  if (!allowed) throw new Refusal(429, 'rate-limited', { retryAfter_s: reset_s })
}

/**
 * Of an unknown address, whichever it is: who asks is noted now, since a socket that has closed tells no address, and
 * whether it was a decoy is looked up when all is over. So a decoy takes no longer than nothing.
 */
export function watch(door: Door, request: FastifyRequest, reply: FastifyReply): void {
  const network = addressGroup(addressOf(door, request))
  const { url, headers } = request
  const told = decoyIn(url) !== undefined && bearsToken(request) ? addressOf(door, request) : undefined
  reply.raw.once('close', () => {
    door.decoys.see({ network, url, userAgent: headers['user-agent'] })
    if (told) void noteDecoy(door, request, told)
  })
}

/** Whoever asks for one with a good key or session is told of in their workspace: they have no business there. */
async function noteDecoy(door: Door, request: FastifyRequest, address: string) {
  const { id: requestId, url, headers } = request
  try {
    const caller = await admit(door, request)
    const path = decoyIn(url)!
    const origin = { requestId, address, userAgent: headers['user-agent'] }
    const { place, actor } = caller
    const told = { action: DECOY, outcome: 'not-found', target: null, input: { path } }
    door.parts.refusals.note({ ...told, place, actor, origin })
  } catch (error) {
    // Nobody is told whose token is none; that it was a decoy stands with the sightings.
    if (!(error instanceof Refusal)) log('decoy not told', inside(error))
  }
}

const bearsToken = ({ headers }: FastifyRequest) =>
  headers.authorization !== undefined || headers[WORKSPACE_HEADER] !== undefined

export const addressOf = (door: Door, { raw, headers }: FastifyRequest) =>
  clientAddress(door.proxies, raw.socket.remoteAddress, headers)

export const isTls = ({ raw }: FastifyRequest) => 'encrypted' in raw.socket && raw.socket.encrypted === true
