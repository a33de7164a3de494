/**
 * Cookies of sessions: for this host alone, over TLS alone (or on this machine), out of reach of scripts, and sent by
 * our own pages only. The name says which workspace it is for, so that one browser can be in several, each tab in its
 * own, and none is ever taken for another.
 */
export const setCookie = (name: string, value: string, lives_s: number) =>
  `${PREFIX}${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${Math.floor(lives_s)}`

export const clearCookie = (name: string) => setCookie(name, '', 0)

/** The value of ours by that name; undefined when it is absent, or there twice, which no browser does. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (!header) return undefined
  const start = `${PREFIX}${name}=`
  const found = header.split(';').flatMap((part) => {
    const pair = part.trim()
    return pair.startsWith(start) ? [pair.slice(start.length)] : []
  })
  return found.length === 1 && found[0] !== '' ? found[0] : undefined
}

/** A browser takes it from a secure origin only, for its whole host, and no neighbouring host can set it. */
const PREFIX = '__Host-'
