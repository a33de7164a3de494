/**
 * Who may do what, decided once: each role's grants become bits over the catalogue when the process starts, so a
 * decision is one lookup, and what a role covers can be compared as sets.
 */
export type Rights = Uint32Array

/** `shop.invoice.void`, `shop.invoice.*` or `shop.*`, held against the names of the catalogue in their order. */
export function rightsOf(grants: readonly string[], names: readonly string[]): Rights {
  const bits = new Uint32Array(Math.ceil(names.length / 32))
  names.forEach((name, index) => {
    if (grants.some((grant) => covers(grant, name))) bits[index >>> 5]! |= 1 << (index & 31)
  })
  return bits
}

export const granted = (rights: Rights, index: number): boolean => (rights[index >>> 5]! & (1 << (index & 31))) !== 0

/** Nobody can give away more than they have. */
export const includes = (rights: Rights, wanted: Rights): boolean =>
  wanted.every((bits, index) => (bits & ~rights[index]!) === 0)

const covers = (grant: string, name: string) =>
  grant === name || (grant.endsWith('.*') && name.startsWith(grant.slice(0, -1)))
