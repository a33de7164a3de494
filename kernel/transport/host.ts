import { isIPv6 } from 'node:net'
import { Refusal } from '../contract/refusal.ts'
import { Trouble } from '../base/trouble.ts'

/**
 * The names under which this deployment answers. Anything else in the Host header is a stranger's DNS pointing at us or
 * an attempt to have a link written with a foreign name: it is refused before anybody can build an address from it.
 */
export function hostCheck(allowed: readonly string[]): HostCheck {
  const names = allowed.map(readPattern)
  const exact = new Set(names.filter((name) => !name.startsWith('*.')))
  const suffixes = names.filter((name) => name.startsWith('*.')).map((name) => name.slice(1))
  return (host) => {
    const name = nameOf(host ?? '')
    if (name !== '' && (exact.has(name) || suffixes.some((suffix) => isBelow(name, suffix)))) return name
    throw new Refusal(421, 'misdirected')
  }
}

/** Gives the name without its port, or throws 421. */
export type HostCheck = (host: string | undefined) => string

/** What a Host header may look like: `example.com`, `example.com:8443`, `[::1]:8080`. The first group is the name. */
export const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i

/** One trailing dot is the same name. */
function nameOf(host: string): string {
  return (HOST.exec(host)?.[1] ?? '').toLowerCase().replace(/\.$/, '')
}

/** `*.example.com` covers exactly one label, as a certificate's wildcard does. */
function isBelow(name: string, suffix: string): boolean {
  const label = name.slice(0, -suffix.length)
  return name.endsWith(suffix) && label !== '' && !label.includes('.')
}

function readPattern(pattern: string): string {
  const given = pattern.trim().toLowerCase()
  const name = isIPv6(given) ? `[${given}]` : given
  const bare = name.startsWith('*.') ? name.slice(2) : name
  if (nameOf(bare) !== bare || bare === '' || (name !== bare && !bare.includes('.')))
    throw new Trouble(`Write each allowed host as a name without port, such as example.com; "${pattern}" is none.`, 2)
  return name
}
