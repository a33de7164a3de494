import { createServer as createSecure } from 'node:https'
import type { Server as SecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { isLoopback } from '../../base/config.ts'
import { Trouble } from '../../base/trouble.ts'
import type { Policy } from '../../contract/control.ts'
import type { Certificate } from '../../transport/certificate.ts'
import { tlsOptions } from '../../transport/tls.ts'
import { httpOptions } from './http.ts'
import { plainDoor } from './redirect.ts'

/**
 * Two ports: TLS for everybody, and a plain one that serves on this machine alone. For anyone else the plain port
 * answers as the edition's policy says, and never with a byte of the product.
 */
export type Listening = {
  plain: Server
  secure: SecureServer
  certificate: Certificate
  port: number
  tlsPort: number
  close: () => Promise<void>
}
export type Where = { host: string; port: number; tlsPort: number; certificate: Certificate; policy: Policy }

/** How long requests under way are waited for when the process is asked to end. */
const DRAIN_WITHIN_MS = 10_000
const TIDY_EVERY_MS = 50

export async function listen(app: FastifyInstance, where: Where): Promise<Listening> {
  const { host, port, tlsPort, certificate, policy } = where
  await app.ready()
  const secure = createSecure({ ...tlsOptions(policy.tls), ...certificate, ...httpOptions }, (request, reply) =>
    app.routing(request, reply),
  )
  copyManners(app.server, secure)
  await opened(secure, host, tlsPort, 'TLS_PORT')
  const plain = isLoopback(host) ? app.server : plainDoor(policy.plainHttp, addressPort(secure))
  try {
    if (plain) await opened(plain, host, port, 'PORT')
  } catch (error) {
    secure.close()
    throw error
  }
  return {
    plain: plain ?? secure,
    secure,
    certificate,
    port: plain ? addressPort(plain) : addressPort(secure),
    tlsPort: addressPort(secure),
    async close() {
      const doors = [app.server, secure]
      const late = setTimeout(() => doors.forEach((server) => server.closeAllConnections()), DRAIN_WITHIN_MS)
      // A connection whose last request is answered would be kept for the next one.
      const tidying = setInterval(() => doors.forEach((server) => server.closeIdleConnections()), TIDY_EVERY_MS)
      const others = [secure, ...(plain && plain !== app.server ? [plain] : [])]
      await Promise.all([app.close(), ...others.map((server) => new Promise((done) => server.close(done)))])
      clearTimeout(late)
      clearInterval(tidying)
    },
  }
}

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
