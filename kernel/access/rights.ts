/**
 * Who may do what, decided once: each role's grants become bits over the catalogue when the process starts, so a
 * decision is one lookup, and what a role covers can be compared as sets.
 */
export type Rights = Uint32Array

/** `shop.invoice.void`, `shop.invoice.*` or `shop.*`, held against the names of the catalogue in their order. */
export function rightsOf(grants: readonly string[], names: readonly string[]): Rights {
  const bits = new Uint32Array(Math.ceil(names.length / 32))
  const all = new Set(grants)
  names.forEach((name, index) => {
    if (coveredBy(name).some((grant) => all.has(grant))) bits[index >>> 5]! |= 1 << (index & 31)
  })
  return bits
}

/** The three grants that cover a name: itself, all of its noun, all of its module. */
const coveredBy = (name: string): string[] => [
  name,
  `${name.slice(0, name.lastIndexOf('.'))}.*`,
  `${name.slice(0, name.indexOf('.'))}.*`,
]

export const granted = (rights: Rights, index: number): boolean => (rights[index >>> 5]! & (1 << (index & 31))) !== 0

/** Nobody can give away more than they have. */
export const includes = (rights: Rights, wanted: Rights): boolean =>
  wanted.every((bits, index) => (bits & ~rights[index]!) === 0)

export const union = (left: Rights, right: Rights): Rights => left.map((bits, index) => bits | right[index]!)
export const within = (rights: Rights, limit: Rights): Rights => rights.map((bits, index) => bits & limit[index]!)

/** What is in the first set and not in the second, by name. */
export const beyond = (rights: Rights, limit: Rights, names: readonly string[]): string[] =>
  names.filter((_, index) => granted(rights, index) && !granted(limit, index))
