import { here, inAddress, lastOne, leave, settleIn, suppose } from './address.js'
import { headerName, locale, ownProblem, Problem, word } from './pieces.js'

/**
 * How the page speaks with the server. Tokens are in cookies that no script can read; the header says which workspace
 * they are for, and that it is a page of ours that asks.
 */
export async function ask(way, input = {}) {
  const first = await send(way, input)
  if (first.ok || first.body.code !== 'unauthenticated') return bodyOf(first)
  // The short half of the session is over: it is renewed once, then the request is sent again.
  if (!(await renew())) return leave('over')
  return bodyOf(await send(way, input))
}

/** Whoever is in already, in the workspace of the address or else of the last visit; undefined where nobody is. */
export async function resume() {
  suppose(inAddress() ?? lastOne())
  if (here() === undefined) return undefined
  const first = await send('me', {})
  const told = first.ok || !(await renew()) ? first : await send('me', {})
  if (told.ok) settleIn(here())
  else suppose(inAddress())
  return told.ok ? told.body : undefined
}

/** All requests that find the session over at the same moment wait for the same renewal. */
let renewal
const renew = () =>
  (renewal ??= send('refresh', {})
    .then(({ ok }) => ok)
    .finally(() => (renewal = undefined)))

async function send(way, input) {
  const headers = { 'content-type': 'application/json', 'accept-language': locale }
  if (here()) headers[headerName] = here()
  const asked = { method: 'POST', headers, body: JSON.stringify(input), credentials: 'same-origin', redirect: 'error' }
  try {
    const answer = await fetch(`/auth/${way}`, asked)
    const { ok, status } = answer
    return { ok, status, body: await answer.json(), retryAfter_s: Number(answer.headers.get('retry-after')) }
  } catch (error) {
    console.warn(error)
    throw ownProblem('unreachable')
  }
}

function bodyOf({ ok, body, retryAfter_s }) {
  if (ok) return body
  const time = seconds.format(retryAfter_s)
  throw new Problem({ ...body, detail: retryAfter_s > 0 ? `${body.detail} ${word('again', { time })}` : body.detail })
}

const seconds = new Intl.NumberFormat(`${locale}-u-nu-latn`, { style: 'unit', unit: 'second', unitDisplay: 'long' })
