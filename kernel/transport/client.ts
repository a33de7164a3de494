import { BlockList, isIPv4 } from 'node:net'
import { Trouble } from '../base/trouble.ts'
import { readAddress } from './address.ts'

/**
 * Who is on the other side. The socket cannot lie; a header can be typed by anyone, so headers are read only when the
 * socket's peer is a proxy that the operator named, and from the right: the first hop that is not ours is the client.
 */
export function clientAddress(trusted: TrustedProxies, peer: string | undefined, headers: ForwardingHeaders): string {
  const socket = readAddress(peer ?? '') ?? UNKNOWN
  if (!isTrusted(trusted, socket)) return socket
  const told = [hopsOf(headers['x-forwarded-for']), forwardedHops(headers.forwarded)]
    .filter((hops) => hops !== undefined)
    .map((hops) => nearestStranger(trusted, hops, socket))
  const [first = socket] = told
  // A proxy writes one of the two headers and passes the other one through as the client typed it.
  return told.every((address) => address === first) ? first : socket
}

export type ForwardingHeaders = { readonly [name: string]: string | readonly string[] | undefined }
export type TrustedProxies = { list: BlockList; size: number }

/** Networks (`10.0.0.0/8`) or single addresses, as the operator wrote them. */
export function trustedProxies(networks: readonly string[]): TrustedProxies {
  const list = new BlockList()
  for (const network of networks) addNetwork(list, network)
  return { list, size: networks.length }
}

/** What a socket that is already gone, or a Unix socket, is called. */
const UNKNOWN = 'unknown'

/** More proxies in a row than anybody has; a longer header is an attempt to keep us busy. */
const MAX_HOPS = 32
const MAX_HEADER_chars = 2_000

function isTrusted({ list, size }: TrustedProxies, address: string): boolean {
  if (size === 0 || address === UNKNOWN) return false
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** Each hop is vouched for by the one to its right; what is no address ends the chain at the last one that was. */
function nearestStranger(trusted: TrustedProxies, hops: readonly string[], socket: string): string {
  let nearest = socket
  for (const hop of hops.toReversed()) {
    const address = readAddress(withoutPort(hop))
    if (address === undefined) return nearest
    nearest = address
    if (!isTrusted(trusted, address)) return nearest
  }
  return nearest
}

function hopsOf(header: string | readonly string[] | undefined): string[] | undefined {
  if (header === undefined) return undefined
  const text = typeof header === 'string' ? header : header.join(',')
  const hops = text.length > MAX_HEADER_chars ? [] : text.split(',')
  return hops.length > MAX_HOPS ? [] : hops.map((hop) => hop.trim())
}

/** `for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"` */
function forwardedHops(header: string | readonly string[] | undefined): string[] | undefined {
  return hopsOf(header)?.map((hop) => /(?:^|;)\s*for="?([^";]*)/i.exec(hop)?.[1] ?? '')
}

/** `192.0.2.1:443`, `[2001:db8::1]:443` and `[2001:db8::1]` are all written by some proxy. */
function withoutPort(hop: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(hop)
  if (bracketed) return bracketed[1] ?? ''
  return hop.includes('.') ? hop.replace(/:\d+$/, '') : hop
}

function addNetwork(list: BlockList, network: string) {
  const [base = '', prefix, ...rest] = network.trim().split('/')
  const address = readAddress(base)
  const family = address && isIPv4(address) ? 'ipv4' : 'ipv6'
  const bits = prefix === undefined ? LONGEST[family] : Number(prefix)
  const isRight = prefix === undefined || /^\d{1,3}$/.test(prefix)
  if (!address || !isRight || rest.length > 0 || bits > LONGEST[family])
    throw new Trouble(
      `Write each trusted proxy as an address or a network such as 10.0.0.0/8; "${network}" is neither.`,
      2,
    )
  list.addSubnet(address, bits, family)
}

const LONGEST = { ipv4: 32, ipv6: 128 } as const
