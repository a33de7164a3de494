import { Problem, unreachable } from './problem.ts'
import { workspaceHere } from './place.ts'

/**
 * How the dashboard speaks with the server. Tokens are in cookies that no script can read; the header says which
 * workspace they are for, and that it is a page of ours that asks.
 */
async function ask(path: string, asked: Asked = {}): Promise<unknown> {
  const first = await send(path, asked)
  if (first.status !== 401) return await bodyOf(first)
  // The short half of the session is over: it is renewed once, then the request is sent again.
  if (!(await renew())) return await leave('over')
  return await bodyOf(await send(path, asked))
}

type Asked = { body?: unknown; signal?: AbortSignal | undefined; key?: string | undefined }

/** An operation that only looks: its input stands in the address. */
export const look = (name: string, input: object, signal?: AbortSignal) =>
  ask(`/v1/${name}${queryOf(input)}`, { signal })

/** One that changes something; sent again with the same key it changes nothing again. */
export const act = (name: string, input: object, key?: string) => ask(`/v1/${name}`, { body: input, key })

/** A way in or out. */
export const go = (way: string, input: object = {}) => ask(`/auth/${way}`, { body: input })

function queryOf(input: object): string {
  const given = Object.entries(input).filter(([, value]) => value !== undefined && value !== '')
  const query = new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString()
  return query && `?${query}`
}

/** Everything begins anew at the door, so that nothing of what was on the screen stays in memory. */
export function leave(why: 'over' | 'signed-out'): Promise<never> {
  location.assign(`/enter?workspace=${workspaceHere()}#${why}`)
  return new Promise(() => undefined)
}

/** All requests that find the session over at the same moment wait for the same renewal. */
let renewal: Promise<boolean> | undefined
const renew = () =>
  (renewal ??= send('/auth/refresh', { body: {} })
    .then(({ ok }) => ok)
    .finally(() => (renewal = undefined)))

export const headers = () => ({
  'vouchsafe-workspace': workspaceHere(),
  'accept-language': document.documentElement.lang,
})

async function send(path: string, { body, signal, key }: Asked): Promise<Response> {
  const sending =
    body === undefined
      ? { method: 'GET', headers: headers() }
      : {
          method: 'POST',
          headers: { ...headers(), 'content-type': 'application/json', ...(key && { 'idempotency-key': `"${key}"` }) },
          body: JSON.stringify(body),
        }
  try {
    return await fetch(path, { ...sending, credentials: 'same-origin', redirect: 'error', signal: signal ?? null })
  } catch (error) {
    if (signal?.aborted) throw error
    throw unreachable()
  }
}

async function bodyOf(answer: Response): Promise<unknown> {
  const body = (await answer.json().catch(() => undefined)) as never
  if (answer.ok && body !== undefined) return body
  const retryAfter_s = Number(answer.headers.get('retry-after')) || undefined
  throw body === undefined ? unreachable() : new Problem({ ...(body as object), retryAfter_s } as never)
}
