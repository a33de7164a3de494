import { Refusal } from '../contract/refusal.ts'
import { HOST } from './host.ts'

/**
 * Whether a request was made by a page of ours. A browser sends its cookies along with whatever any page asks of us, so
 * what a cookie vouches for, and what opens a session (a stranger's page could sign its visitor in as somebody else),
 * passes only when three witnesses agree, and none of them can be forged by another page: Fetch Metadata, Origin, and
 * a header that a form cannot carry and a script of elsewhere would have to ask for, which we grant to nobody.
 */
export function insistOnOwnOrigin(request: Asked, { origins = [], header }: Own): void {
  const site = request.headers['sec-fetch-site']
  const origin = request.headers['origin']
  if (!isOwnSite(request, site) || !isOwnOrigin(request, origin, origins)) throw foreign()
  // A browser that tells neither is too old to protect whoever uses it, and no browser at all has no cookie of ours.
  if (site === undefined && origin === undefined) throw foreign()
  if (header !== undefined && !isVisit(request) && !isSaid(request.headers[header])) throw foreign()
}

export type Asked = {
  method: string
  /** As they came, the names in lower case; one that came twice is a list, or joined by a comma. */
  headers: { readonly [name: string]: string | readonly string[] | undefined }
  host: string | undefined
  isTls: boolean
}

export type Own = {
  /** What browsers call us when TLS ends in front of us: the origins of PUBLIC_URL. */
  origins?: readonly string[]
  /** The header that our scripts add, whatever its value, in lower case; undefined for what a plain form sends. */
  header: string | undefined
}

/** `none` is an address that a person typed or kept: enough to be shown something, never to change anything. */
function isOwnSite(request: Asked, site: Asked['headers'][string]): boolean {
  return site === undefined || site === 'same-origin' || (site === 'none' && isVisit(request))
}

function isOwnOrigin({ host, isTls }: Asked, origin: Asked['headers'][string], origins: readonly string[]): boolean {
  if (origin === undefined) return true
  if (typeof origin !== 'string') return false
  return origins.includes(origin) || origin === ownOrigin(host ?? '', isTls)
}

/** Spelled as browsers spell it: in lower case, without the port that the scheme implies. */
function ownOrigin(host: string, isTls: boolean): string | undefined {
  const address = `${isTls ? 'https' : 'http'}://${host}`
  return HOST.test(host) && URL.canParse(address) ? new URL(address).origin : undefined
}

/** A page being opened: no script of anybody's could have added a header to it. */
const isVisit = ({ method, headers }: Asked) =>
  method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-site'] !== undefined

const isSaid = (value: Asked['headers'][string]) => typeof value === 'string' && value !== ''

const foreign = () => new Refusal(403, 'cross-origin')
