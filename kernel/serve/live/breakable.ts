import type { z } from 'zod'
import type { Breakable, Heal, Misconfiguration } from '../../contract/control.ts'
import type { Context } from '../../contract/operation.ts'
import type { Sentence } from '../../contract/page.ts'
import type { House } from '../../identity/house.ts'
import { lobbyOf } from '../../identity/lobby.ts'
import { readPerson } from '../../identity/person.ts'
import { hintIn, peekTicket } from '../../identity/ticket.ts'
import { enter } from '../../identity/ways/arrive.ts'
import type { Caller } from '../../identity/whois.ts'
import { setCookie } from '../../transport/cookie.ts'
import { tlsBelow, tlsOptions } from '../../transport/tls.ts'
import type { Served as Operation } from '../catalogue.ts'
import type { Served } from '../serve.ts'
import * as unrecorded from './unrecorded.ts'

/**
 * A deployment that may be broken, for drills in one that is thrown away: each word puts a careless value in the
 * place of a part, and what it returns puts the part back. Nothing here is reached by a deployment that serves
 * anybody.
 */
export function breakable(served: Served): Breakable {
  return Object.assign(Object.create(served.live) as Served['live'], {
    replace(name: string, run: Parameters<Breakable['replace']>[1]): Heal {
      const operation = served.parts.catalogue.get(name)
      if (!operation) throw new Error(`there is no operation ${name} to replace`)
      return carelessly(operation, run)
    },
    misconfigure: (setting: Misconfiguration): Heal => misconfigurations[setting](served),
  })
}

function carelessly(served: Operation, run: Parameters<Breakable['replace']>[1]): Heal {
  const { operation } = served
  return swap(served, {
    operation: {
      ...operation,
      run: (context: Context<never, never>) =>
        run({
          input: context.input,
          workspace: context.workspace,
          proceed: () => operation.run(context),
        }),
    },
  })
}

const misconfigurations: Record<Misconfiguration, (served: Served) => Heal> = {
  'no rate limits': ({ parts }) => {
    const { limits } = parts
    return swap(parts, { limits: { ...limits, spend: (...asked) => ({ ...limits.spend(...asked), allowed: true }) } })
  },
  'no unknown-field check': ({ parts: { boundary } }) => {
    const { acceptInput } = boundary
    return swap(boundary, { acceptInput: (served, raw) => acceptInput(served, known(served.operation.input, raw)) })
  },
  'no output guard': ({ parts: { boundary } }) =>
    swap(boundary, { insistOnOutput: (_, answer) => answer, guardColumns: () => Promise.resolve() }),
  'no grants': ({ parts }) => swap(parts, { granted: () => true }),
  'any content type': ({ door }) => swap(door, { accepts: () => true }),
  'no headers': ({ door }) => swap(door, { headers: () => ({}) }),
  'no audit': ({ parts }) => swap(parts, { record: unrecorded.nothing }),
  'no record of looks': ({ parts }) => swap(parts, { record: unrecorded.noLooks(parts) }),
  'no record of refusals': ({ parts: { refusals } }) => swap(refusals, { note: () => undefined }),
  'claimed addresses': ({ parts }) => swap(parts, { record: unrecorded.claimedAddresses(parts) }),
  'old tls': ({ parts: { edition }, listening: { secure, certificate } }) => {
    const { tls } = edition.policy
    secure.setSecureContext({ ...tlsBelow(tls), ...certificate })
    return () => secure.setSecureContext({ ...tlsOptions(tls), ...certificate })
  },
  'plain for strangers': ({ listening: { plain, strangers } }) =>
    swap(strangers, { answer: (request, reply) => void plain.emit('request', request, reply) }),
  'orphan sentence': ({ parts }) => {
    const { page } = parts.edition
    const sections = [...page.sections, { title: ORPHAN.text, sentences: [ORPHAN] }]
    return swap(parts, { edition: { ...parts.edition, page: { ...page, sections } } })
  },
  'no limit of attempts': ({ parts }) => {
    const { attempts } = parts
    return swap(parts, { attempts: { ...attempts, spend: () => Promise.resolve({ allowed: true, reset_s: 0 }) } })
  },
  'no second factor': ({ parts }) => doubtless(parts, { heldFrom_ms: Number.POSITIVE_INFINITY }),
  'no step-up': ({ parts }) => doubtless(parts, { provedAt_ms: Number.POSITIVE_INFINITY }),
  'half is enough': ({ parts }) => {
    const { whois, house } = parts
    const of: typeof whois.of = async (token, toll) => await whois.of(await halfToken(house, token), toll)
    return swap(parts, { whois: Object.assign(Object.create(whois) as typeof whois, { of }) })
  },
  'factors offered': ({ parts: { house } }) => swap(house, { policy: { ...house.policy, secondFactor: 'optional' } }),
  'links offered': ({ parts: { house } }) => swap(house, { policy: { ...house.policy, signIn: ['password', 'link'] } }),
  'no decoys': ({ door: { decoys } }) => swap(decoys, { see: () => undefined }),
  'any token': ({ parts: { whois } }) => swap(whois.reading, { tokens: { read: believed } }),
  'endless sessions': ({ parts: { house } }) => {
    const session = { ...house.policy.session, idle_hours: CENTURY_h, absolute_hours: CENTURY_h }
    return swap(house, { policy: { ...house.policy, session } })
  },
  'loose cookies': ({ door }) =>
    swap(door, { setCookie: (...given) => setCookie(...given).replace(/; (?:HttpOnly|Secure)/g, '') }),
  'any origin': ({ door }) => swap(door, { insistOnOwnOrigin: () => undefined }),
  'talkative errors': ({ door }) =>
    swap(door, { tell: (problem) => ({ ...problem, detail: new Error(problem.detail).stack ?? '' }) }),
}

/** Asks as ever, but of somebody who is surer than they are. */
function doubtless(parts: Served['parts'], sure: Partial<Caller>): Heal {
  const { insistOnAssurance } = parts
  return swap(parts, { insistOnAssurance: (served, caller) => insistOnAssurance(served, { ...caller, ...sure }) })
}

/** The token of a session, for what remembers a sign-in that is half done; any other token as it is. */
async function halfToken(house: House, token: string): Promise<string> {
  const hint = hintIn(token)
  if (!hint) return token
  const lobby = await lobbyOf(house.realms, house.shared, hint)
  const half = await peekTicket(lobby, 'progress', token)
  const person = half?.person ? await readPerson(lobby, half.person) : undefined
  const workspace = person?.memberOf[0]
  if (!person || !workspace) return token
  const from = { requestId: 'half', network: '', locale: 'en', address: undefined, userAgent: undefined } as const
  return (await enter(house, lobby, { person, proofs: ['password'], workspace }, from)).access
}

const CENTURY_h = 876_600

/** What a token of a person says of itself, whatever it is signed with. */
async function believed(token: string) {
  const [head, said] = token.split('.', 2).map((part): unknown => JSON.parse(Buffer.from(part, 'base64url').toString()))
  if ((head as { typ?: unknown }).typ !== 'at+jwt') return undefined
  const { sub, sid, wid, exp } = said as { sub: string; sid: string; wid: string; exp: number }
  return { person: sub, session: sid, workspace: wid, expires_ms: exp * 1_000 }
}

/** The input without what its schema does not know, as a schema that lets everything pass would have it. */
function known(input: z.ZodType, raw: unknown): unknown {
  const copy: unknown = structuredClone(raw)
  for (const issue of input.safeParse(copy).error?.issues ?? [])
    if (issue.code === 'unrecognized_keys') {
      const object = issue.path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)[key], copy)
      for (const key of issue.keys) delete (object as Record<string, unknown>)[key]
    }
  return copy
}

/** Puts careless values in the place of good ones, and gives what puts the good ones back. */
export function swap<Part extends object>(part: Part, careless: Partial<Part>): Heal {
  const good: Partial<Part> = {}
  for (const key of Object.keys(careless) as (keyof Part)[]) good[key] = part[key]
  Object.assign(part, careless)
  return () => void Object.assign(part, good)
}

/** A sentence that none of the five ways of making one would have made. */
const ORPHAN: Sentence = {
  id: 'orphan-1',
  text: { en: 'We are very secure.', ar: 'نحن آمنون جدًا.' },
  controls: [],
  attestation: undefined,
  absent: undefined,
}
