import { createServer as createSecure } from 'node:https'
import type { Server as SecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { isLoopback } from '../../base/config.ts'
import { Trouble } from '../../base/trouble.ts'
import type { Policy } from '../../contract/control.ts'
import type { Certificate } from '../../transport/certificate.ts'
import { tlsOptions } from '../../transport/tls.ts'
import type { Door } from './door.ts'
import { httpOptions } from './http.ts'
import { strangersDoor } from './redirect.ts'
import type { Strangers } from './redirect.ts'

/**
 * Two ports: TLS for everybody, and a plain one that serves on this machine alone. For anyone else the plain port
 * answers as the edition's policy says, and never with a byte of the product. Where this machine is all that is
 * listened to, the strangers' door is opened here too, on a port that nobody is told of, so that it can be looked at.
 */
export type Listening = {
  plain: Server
  secure: SecureServer
  strangers: Strangers
  /** Where somebody from elsewhere would try plain HTTP. */
  plainDoors: readonly Address[]
  /** What the TLS door presents, and another one in its place. */
  certificate: Certificate
  present: (certificate: Certificate) => void
  port: number
  tlsPort: number
  close: () => Promise<void>
}
export type Address = { host: string; port: number }
export type Where = {
  host: string
  port: number
  tlsPort: number
  certificate: Certificate
  policy: Policy
  publicUrl?: string | undefined
  acmeWebroot?: string | undefined
}

/** How long requests under way are waited for when the process is asked to end. */
const DRAIN_WITHIN_MS = 10_000
const TIDY_EVERY_MS = 50

export async function listen(app: FastifyInstance, door: Door, where: Where): Promise<Listening> {
  const { host, port, tlsPort, policy } = where
  await app.ready()
  const secure = createSecure({ ...tlsOptions(policy.tls), ...where.certificate, ...httpOptions }, (request, reply) =>
    app.routing(request, reply),
  )
  copyManners(app.server, secure)
  // What nobody knows to expect may be ignored; Node would refuse it in words of its own.
  for (const server of [app.server, secure])
    server.on('checkExpectation', (request, reply) => app.routing(request, reply))
  const turned = { rule: policy.plainHttp, acmeWebroot: where.acmeWebroot, secureOrigin: secureOriginOf(where, secure) }
  const strangers = strangersDoor(door, turned)
  const isNear = isLoopback(host)
  // A door at which nothing is ever said is better not there.
  const plain = isNear
    ? app.server
    : policy.plainHttp === 'redirect' || where.acmeWebroot
      ? strangers.server
      : undefined
  const doors = [secure, ...(plain ? [plain] : []), ...(isNear ? [strangers.server] : [])]
  try {
    await opened(secure, host, tlsPort, 'TLS_PORT')
    if (plain) await opened(plain, host, port, 'PORT')
    if (isNear) await opened(strangers.server, host, 0, 'PORT')
  } catch (error) {
    for (const server of doors) server.close()
    throw error
  }
  const listening: Listening = {
    plain: plain ?? secure,
    secure,
    strangers,
    plainDoors: isNear
      ? [{ host, port: addressPort(strangers.server) }, ...outside(addressPort(app.server))]
      : [{ host: reachable(host), port: plain ? addressPort(plain) : port }],
    certificate: where.certificate,
    present(certificate) {
      secure.setSecureContext({ ...tlsOptions(policy.tls), ...certificate })
      listening.certificate = certificate
    },
    port: plain ? addressPort(plain) : addressPort(secure),
    tlsPort: addressPort(secure),
    close: () => close(app, doors),
  }
  return listening
}

async function close(app: FastifyInstance, doors: readonly (Server | SecureServer)[]): Promise<void> {
  const all = [app.server, ...doors.filter((server) => server !== app.server)] as SecureServer[]
  const late = setTimeout(() => all.forEach((server) => server.closeAllConnections()), DRAIN_WITHIN_MS)
  // A connection whose last request is answered would be kept for the next one.
  const tidying = setInterval(() => all.forEach((server) => server.closeIdleConnections()), TIDY_EVERY_MS)
  const others = all.filter((server) => server !== app.server)
  await Promise.all([app.close(), ...others.map((server) => new Promise((done) => server.close(done)))])
  clearTimeout(late)
  clearInterval(tidying)
}

/** What a browser has to open instead: as people know us, where that was said, or the TLS door under the same name. */
const secureOriginOf =
  ({ publicUrl }: Where, secure: SecureServer) =>
  (name: string) => {
    const known = URL.parse(publicUrl ?? '')
    if (known?.protocol === 'https:' && known.hostname === name) return known.origin
    return new URL(`https://${name}:${addressPort(secure)}`).origin
  }

/** The other addresses of this machine: what is meant for itself alone must not be found there. */
const outside = (port: number): Address[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .slice(0, MOST_ADDRESSES)
    .map(({ address }) => ({ host: address, port }))

/** A machine that runs containers has dozens, all alike. */
const MOST_ADDRESSES = 8

const reachable = (host: string) => ({ '0.0.0.0': '127.0.0.1', '::': '::1' })[host] ?? host

function copyManners(from: FastifyInstance['server'], to: SecureServer) {
  for (const answer of from.listeners('clientError')) to.on('clientError', answer as (error: Error) => void)
  to.headersTimeout = from.headersTimeout
  to.requestTimeout = from.requestTimeout
  to.keepAliveTimeout = from.keepAliveTimeout
}

function opened(server: Server, host: string, port: number, name: 'PORT' | 'TLS_PORT'): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port, name, host)))
    server.listen({ port, host }, () => resolve())
  })
}

function explain(error: NodeJS.ErrnoException, port: number, name: string, host: string): Error {
  if (error.code === 'EADDRINUSE')
    return new Trouble(`Port ${port} is taken: end the program that uses it, or choose another with ${name}=… .`)
  if (error.code === 'EACCES')
    return new Trouble(`Port ${port} may not be opened by this user: choose one above 1023 with ${name}=… .`)
  if (error.code === 'ENOTFOUND' || error.code === 'EADDRNOTAVAIL')
    return new Trouble(`HOST=${host} is no address of this machine: use localhost, or one that it has.`)
  return error
}

const addressPort = (server: Server) => (server.address() as AddressInfo).port
