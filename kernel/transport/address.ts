import { isIPv4, isIPv6 } from 'node:net'

/**
 * One spelling for each address: the same machine must not become many by writing itself differently. IPv4 that was
 * wrapped in IPv6 is IPv4, IPv6 is eight groups without leading zeros, and whatever is no address is `undefined`.
 */
export function readAddress(text: string): string | undefined {
  const bare = text.trim().toLowerCase().replace(/%.*$/s, '')
  if (isIPv4(bare)) return bare
  if (!isIPv6(bare)) return undefined
  const groups = groupsOf(bare)
  return isMapped(groups) ? dotted(groups) : groups.map((group) => group.toString(16)).join(':')
}

/**
 * Whose budget an address spends: an IPv6 customer holds a whole /64 and could come from a new address each time.
 * Takes what `readAddress` gave.
 */
export function addressGroup(address: string): string {
  return address.includes(':') ? `${address.split(':').slice(0, 4).join(':')}::/64` : address
}

function groupsOf(address: string): number[] {
  const [left = '', right] = withoutDots(address).split('::')
  const head = left === '' ? [] : left.split(':')
  const tail = right === undefined || right === '' ? [] : right.split(':')
  const gap = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return [...head, ...gap, ...tail].map((group) => Number.parseInt(group, 16))
}

/** `::ffff:1.2.3.4` → `::ffff:102:304` */
function withoutDots(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a: string, b: string, c: string, d: string) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  )
}

const isMapped = (groups: number[]) => groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)

const dotted = (groups: number[]) =>
  groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join('.')
