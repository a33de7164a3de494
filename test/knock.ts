import { Agent, request } from 'node:http'
import type { OutgoingHttpHeaders } from 'node:http'

/** Knocks at a deployment's plain door, many times over few connections, and says what came back, byte for byte. */
export type Heard = { status: number; type: string; id: string; text: string }
export type Knock = (
  path: string,
  method: string,
  headers?: OutgoingHttpHeaders,
  body?: string | Uint8Array,
) => Promise<Heard>

export function knockAt(port: number, connections = 16): Knock & Disposable {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const knock: Knock = (path, method, headers = {}, body) =>
    new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent, timeout: PATIENCE_MS })
      outgoing.on('error', reject).on('timeout', () => outgoing.destroy(new Error('no answer in time')))
      outgoing.on('response', (incoming) => {
        let text = ''
        incoming.setEncoding('utf8').on('data', (part: string) => (text += part))
        incoming.on('error', reject).on('end', () =>
          resolve({
            status: incoming.statusCode!,
            type: incoming.headers['content-type'] ?? '',
            id: String(incoming.headers['x-request-id'] ?? ''),
            text,
          }),
        )
      })
      outgoing.end(body)
    })
  return Object.assign(knock, { [Symbol.dispose]: () => agent.destroy() })
}

const PATIENCE_MS = 20_000

/** Does all of it, so many at a time. */
export async function inLanes<T>(items: Iterable<T>, lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items[Symbol.iterator]()
  const lane = async () => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
