import type { IncomingMessage } from 'node:http'
import type { Breakable } from '../../kernel/contract/control.ts'
import { accessTokens } from '../../kernel/identity/access-token.ts'
import { accessCookie, refreshCookie, WORKSPACE_HEADER } from '../../kernel/identity/cookies.ts'
import { undoing } from '../../kernel/identity/controls/careless.ts'
import { claimsOf } from '../../kernel/identity/controls/sitting.ts'
import { swap } from '../../kernel/serve/live/breakable.ts'
import type { Served } from '../../kernel/serve/serve.ts'
import type { Fault } from './faults.ts'

/** What a careless build could get wrong about sessions, beyond what the sabotages of their controls break. */
export const sessionFaults = (served: Served, live: Breakable): Fault[] => [
  ...tokens(served),
  ...rows(live),
  ...cookies(served),
  ...origins(served),
  {
    control: 'identity.switching',
    what: 'everybody has the rights of an owner',
    breaks: () => swap(served.parts.whois.reading, { rights: () => served.parts.roles.values().next().value }),
  },
]

const tokens = ({ parts: { whois, house, vault, deployment } }: Served): Fault[] => [
  {
    control: 'identity.tokens',
    what: 'nobody looks at the clock',
    breaks: () => {
      const { tokens } = whois.reading
      const issued_ms = (token: string) => claimsOf(token).iat * 1_000
      const read: typeof tokens.read = async (token) =>
        (await tokens.read(token)) ?? (await tokens.read(token, issued_ms(token)))
      return swap(whois.reading, { tokens: { read } })
    },
  },
  {
    control: 'identity.tokens',
    what: 'tokens live for a day',
    breaks: () => swap(house, { tokens: accessTokens(vault, deployment.names.deployment, 86_400) }),
  },
]

const rows = (live: Breakable): Fault[] => {
  const fault = (control: string, what: string, table: string, deed: string): Fault => ({
    control,
    what,
    breaks: () => undoing(live, table, 'update', deed),
  })
  const exchanged = (deed: string) => `if new.generation > old.generation then ${deed}; end if`
  return [
    fault(
      'identity.rotation',
      'of two tabs one is taken for a thief',
      'session',
      exchanged(`new.rotated_at := clock_timestamp() - interval '2 minutes'`),
    ),
    fault(
      'identity.rotation',
      'a token that was exchanged is good for ever',
      'session',
      `new.rotated_at := clock_timestamp() + interval '1 day'`,
    ),
    fault('identity.rotation', 'the same token is given again', 'session', 'new.generation := old.generation'),
    fault(
      'identity.timeouts',
      'who goes on using a session never has to sign in anew',
      'session',
      exchanged(`new.expires_at := new.expires_at + interval '1 day'`),
    ),
    fault('identity.leaving', 'keys wait for the one who made them to come back', 'key', 'new.revoked_at := null'),
  ]
}

const cookies = ({ door, listening }: Served): Fault[] => {
  const { setCookie } = door
  return [
    {
      control: 'identity.cookies',
      what: 'they go along with the requests of others',
      breaks: () =>
        swap(door, { setCookie: (...given) => setCookie(...given).replace('SameSite=Lax', 'SameSite=None') }),
    },
    {
      control: 'identity.cookies',
      what: 'whatever lies in one is taken for what its page says',
      breaks: () => {
        const servers = [listening.plain, listening.secure]
        for (const server of servers) server.prependListener('request', takeAsSaid)
        return () => servers.forEach((server) => server.off('request', takeAsSaid))
      },
    },
  ]
}

/** Goes by the token, whatever the cookie and the page are called. */
function takeAsSaid({ headers }: IncomingMessage) {
  const access = /__Host-a-[\w-]{22}=([\w-]+\.[\w-]+\.[\w-]+)/.exec(headers.cookie ?? '')?.[1]
  const refresh = /__Host-r-[\w-]{22}=([\w-]+)/.exec(headers.cookie ?? '')?.[1]
  if (!access || !refresh) return
  const { wid } = claimsOf(access)
  headers[WORKSPACE_HEADER] = wid
  headers.cookie = `__Host-${accessCookie(wid)}=${access}; __Host-${refreshCookie(wid)}=${refresh}`
}

const origins = ({ door }: Served): Fault[] => {
  const { insistOnOwnOrigin } = door
  const fault = (what: string, change: (headers: Headers) => Headers): Fault => ({
    control: 'identity.forgery',
    what,
    breaks: () =>
      swap(door, {
        insistOnOwnOrigin: (asked, own) => insistOnOwnOrigin({ ...asked, headers: change(asked.headers) }, own),
      }),
  })
  const own = { 'sec-fetch-site': 'same-origin' }
  return [
    fault('where it comes from is not looked at', (headers) => ({ ...headers, ...own, origin: undefined })),
    fault('a neighbouring host is taken for our own', (headers) =>
      headers['sec-fetch-site'] === 'same-site' ? { ...headers, ...own, origin: undefined } : headers,
    ),
    fault('a request without a word of its origin is believed', (headers) =>
      headers['sec-fetch-site'] || headers['origin'] ? headers : { ...headers, ...own },
    ),
  ]
}

type Headers = Parameters<Served['door']['insistOnOwnOrigin']>[0]['headers']
