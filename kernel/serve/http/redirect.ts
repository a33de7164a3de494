import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { Policy } from '../../contract/control.ts'

/** The plain port for strangers: it points browsers to TLS, or it is not there at all. */
export function plainDoor(rule: Policy['plainHttp'], tlsPort: number): Server | undefined {
  if (rule === 'refuse') return undefined
  return createServer((request, reply) => {
    const host = /^[a-z0-9.-]{1,253}$/i.exec((request.headers.host ?? '').replace(/:\d+$/, ''))?.[0]
    // Only what a browser does by itself is redirected: a program that sent its key in the clear should hear of it.
    if (!host || request.method !== 'GET' || request.headers.authorization)
      return reply.writeHead(400, { connection: 'close' }).end()
    const port = tlsPort === 443 ? '' : `:${tlsPort}`
    return reply.writeHead(308, { location: `https://${host}${port}${request.url ?? '/'}`, connection: 'close' }).end()
  })
}
