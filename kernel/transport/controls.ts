import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { get } from 'node:https'
import { connect, type SecureVersion, type TLSSocket } from 'node:tls'
import { control, type Live, type LiveOperation } from '../contract/control.ts'

export { plain } from './controls/plain.ts'

/** What a stranger on the network can find out about the door: what it answers with, and which old ways it refuses. */
export const headers = control({
  claim: 'Every answer, errors included, carries the published set of hardening headers.',
  enforcedBy: ['kernel/transport/headers.ts'],
  every: '5 minutes',
  async probe(live) {
    const answers = await askEachKind(live)
    const strange = answers.filter(({ status, wanted }) => status !== wanted)
    const missing = answers.flatMap(({ what, kind, read }) => missingIn(kind, read).map((name) => `${what}: ${name}`))
    const promise = live.tls && (await overTls(live.tls))['strict-transport-security']
    if (live.tls && !promisesTls(promise)) missing.push('over TLS: strict-transport-security')
    const detail = { missing, strange, overTls: live.tls ? 'asked' : 'TLS ends in front of this deployment' }
    if (strange.length > 0) return { holds: false, saw: 'an answer was of another kind than expected', detail }
    return missing.length > 0
      ? { holds: false, saw: 'an answer lacked a hardening header', detail }
      : { holds: true, saw: 'pages, data, refusals and unknown addresses carried the whole set', detail }
  },
  sabotage: async ({ misconfigure }) => misconfigure('no headers'),
})

export const tls = control({
  claim: 'Connections are encrypted: the door answers no TLS older than promised, no outdated cipher, and is in date.',
  enforcedBy: ['kernel/transport/tls.ts', 'kernel/transport/certificate.ts', 'kernel/transport/renewal.ts'],
  every: '1 hour',
  async probe(live) {
    if (!live.tls)
      return { holds: false, saw: 'encryption ends in front of this deployment, where this check cannot look' }
    const { below, floor } = VERSIONS[live.policy.tls]
    const current = await handshake(live.tls, floor)
    const outdated = [await handshake(live.tls, below)]
    if (floor === 'TLSv1.2') outdated.push(await handshake(live.tls, floor, OUTDATED_SUITES))
    const detail = { current, outdated }
    if (!current.spoke) return { holds: false, saw: 'the door did not answer a current handshake', detail }
    if (!current.inDate) return { holds: false, saw: 'the certificate is not in date', detail }
    if (outdated.some(({ spoke }) => spoke)) return { holds: false, saw: 'an outdated handshake was answered', detail }
    return outdated.every(({ refusal }) => BY_THE_DOOR.test(refusal))
      ? {
          holds: true,
          saw: 'current handshakes were answered with a certificate in date, outdated ones were refused',
          detail,
        }
      : { holds: false, saw: 'an outdated handshake could not be tried', detail }
  },
  sabotage: async ({ misconfigure }) => misconfigure('old tls'),
})

type Kind = 'api' | 'page'
type Read = (name: string) => string | null

/** Long enough for a busy machine; a door that takes longer is no door. */
const PATIENCE_ms = 5_000

async function askEachKind({ http, operations }: Live) {
  const guarded = operations.find(({ kind }) => kind !== 'job')
  const asked = [
    { what: 'a page', kind: 'page' as Kind, wanted: 200, told: await http('/security') },
    { what: 'data', kind: 'api' as Kind, wanted: 200, told: await http('/livez') },
    { what: 'an unknown address', kind: 'api' as Kind, wanted: 404, told: await http('/v1/nothing.is.here') },
    ...(guarded
      ? [{ what: 'a refusal', kind: 'api' as Kind, wanted: 401, told: await askAsNobody(http, guarded) }]
      : []),
  ]
  return asked.map(({ told, ...rest }) => ({
    ...rest,
    status: told.status,
    read: (name: string) => told.headers.get(name),
  }))
}

function askAsNobody(http: Live['http'], { name, kind }: LiveOperation) {
  if (kind === 'query') return http(`/v1/${name}`)
  return http(`/v1/${name}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
}

const missingIn = (kind: Kind, read: Read) =>
  Object.entries({ ...PUBLISHED.all, ...PUBLISHED[kind] })
    .filter(([name, wanted]) => !wanted.test(read(name) ?? ''))
    .map(([name]) => name)

/** The published set, written down a second time on purpose: the code that is looked at cannot vouch for itself. */
const PUBLISHED = {
  all: {
    'cache-control': /^no-store$/,
    'x-content-type-options': /^nosniff$/,
    'referrer-policy': /^(no-referrer|same-origin)$/,
    'cross-origin-opener-policy': /^same-origin$/,
    'cross-origin-resource-policy': /^same-origin$/,
    'permissions-policy':
      /^(?=.*\bcamera=\(\))(?=.*\bmicrophone=\(\))(?=.*\bgeolocation=\(\))(?=.*\bpayment=\(\))[^*]*$/,
  },
  api: {
    'content-security-policy': /^default-src 'none'; frame-ancestors 'none'$/,
  },
  page: {
    'content-security-policy': new RegExp(
      "^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
        "require-trusted-types-for 'script'; trusted-types 'none'; report-uri /[a-z-]+; report-to [a-z]+$",
    ),
  },
}

const YEAR_s = 31_536_000

function promisesTls(header: string | undefined): boolean {
  const [, age = '', scope] = /^max-age=(\d+)(; includeSubDomains)?/.exec(header ?? '') ?? []
  return Number(age) >= YEAR_s && scope !== undefined
}

/** Whether a public authority vouches for the certificate is the deployment's affair; what is asked here is not. */
const TRUST_ANY = { rejectUnauthorized: false }

async function overTls(door: { host: string; port: number }): Promise<IncomingHttpHeaders> {
  const request = get({ ...door, ...TRUST_ANY, path: '/livez', timeout: PATIENCE_ms, agent: false })
  request.once('timeout', () => request.destroy(new Error('the TLS door did not answer')))
  const [response] = await once(request, 'response')
  response.resume()
  return response.headers
}

const VERSIONS = {
  '1.2': { floor: 'TLSv1.2', below: 'TLSv1.1' },
  '1.3': { floor: 'TLSv1.3', below: 'TLSv1.2' },
} as const

/** Without forward secrecy, or with a mode that needs luck: what a door of today has no reason to know. */
const OUTDATED_SUITES = 'AES256-SHA:AES128-SHA:AES256-GCM-SHA384:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA'

/** The refusal must be the door's: were our own library the one that declines, nothing would have been tried. */
const BY_THE_DOOR = /ALERT|ECONNRESET/

type Handshake = { spoke: boolean; inDate: boolean; refusal: string }

/** Offers exactly one version, and for that lowers our own guard: the weakest client that could be built. */
async function handshake(
  door: { host: string; port: number },
  version: SecureVersion,
  suites = 'DEFAULT',
): Promise<Handshake> {
  const ciphers = `${suites}:@SECLEVEL=0`
  const socket = connect({ ...door, ...TRUST_ANY, minVersion: version, maxVersion: version, ciphers })
  socket.setTimeout(PATIENCE_ms, () => socket.destroy(new Error('the TLS door did not answer')))
  try {
    await once(socket, 'secureConnect')
    return { spoke: true, inDate: isInDate(socket), refusal: '' }
  } catch (error) {
    return {
      spoke: false,
      inDate: false,
      refusal: error instanceof Error && 'code' in error ? String(error.code) : String(error),
    }
  } finally {
    socket.destroy()
  }
}

function isInDate(socket: TLSSocket): boolean {
  const { valid_from: from, valid_to: to } = socket.getPeerCertificate()
  return Date.parse(from) <= Date.now() && Date.now() < Date.parse(to)
}
