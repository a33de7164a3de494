import { request as plain } from 'node:http'
import { request as secure } from 'node:https'
import type { Asking, Told } from '../../contract/control.ts'

/** One request, byte for byte as given: no redirects followed, nothing retried, nothing added. */
export type Base = {
  url: URL
  /** Over TLS: the certificate that must be presented, exactly this one. */
  certificate?: () => string
}

const ANSWER_WITHIN_MS = 20_000

export function ask(
  { url, certificate }: Base,
  path: string,
  { method = 'GET', headers = {}, body }: Asking = {},
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, timeout: ANSWER_WITHIN_MS, agent: false as const }
    const target = new URL(path, url)
    const outgoing =
      url.protocol === 'https:' ? secure(target, { ...options, ...only(certificate?.()) }) : plain(target, options)
    outgoing.on('error', reject)
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')))
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const text = bytes.toString('utf8')
        const told = new Headers()
        for (let i = 0; i < incoming.rawHeaders.length; i += 2)
          told.append(incoming.rawHeaders[i]!, incoming.rawHeaders[i + 1]!)
        resolve({
          status: incoming.statusCode ?? 0,
          headers: told,
          text,
          bytes: () => bytes,
          json: () => JSON.parse(text) as Record<string, unknown>,
        })
      })
    })
    outgoing.end(body)
  })
}

/** A door is reached here by another name than its certificate is for, but nobody else has the key to this one. */
const only = (certificate: string | undefined) =>
  certificate && {
    ca: /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(certificate)?.[0],
    allowPartialTrustChain: true,
    checkServerIdentity: () => undefined,
  }

/** An operation as an HTTP request: a query's input in the address, an action's in the body. */
export function requestOf(
  name: string,
  isQuery: boolean,
  input: unknown,
  token: string | undefined,
): { path: string; asking: Asking } {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  if (!isQuery)
    return {
      path: `/v1/${name}`,
      asking: {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(input),
      },
    }
  const query = new URLSearchParams(
    Object.entries(input as object).map(([key, value]): [string, string] => [key, String(value)]),
  ).toString()
  return { path: `/v1/${name}${query && `?${query}`}`, asking: { headers } }
}
