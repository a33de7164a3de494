import type { Columns } from './columns.ts'
import type { Control } from './control.ts'
import type { Operation } from './operation.ts'

/** File `customer.ts` in module `shop` exporting `create` is the one name `shop.customer.create`. */
export type Nouns = Record<string, Record<string, Operation>>

export type Module<Name extends string = string, N extends Nouns = Nouns> = {
  name: Name
  /** The folder: migrations and locales lie beside `module.ts`. */
  directory: URL
  nouns: N
  /** From `tables.ts`; the boot refuses to start when the live schema differs. */
  tables: Columns
  controls: Record<string, Control>
  plant: Plant
}

/** Calls an operation by name inside a workspace; answers what it answered. */
export type Call = <Out = { id: string }>(name: string, input: unknown) => Promise<Out>

/**
 * Makes one row of each thing that the examples name, and says which: `{ customer: id, invoice: id }`. The marker is to
 * stand in its texts; `owner` is the edition's first role, which the examples know as `id('role')`.
 */
export type Plant = (call: Call, marker: string, owner: string) => Promise<Record<string, string>>

export function module<const Name extends string, N extends Nouns>(
  name: Name,
  file: string,
  given: { nouns: N; tables: Columns; controls?: Record<string, Control>; plant: Plant },
): Module<Name, N> {
  return { name, directory: new URL('.', file), controls: {}, ...given }
}

export type OperationName<M> =
  M extends Module<infer Name, infer N>
    ? { [Noun in keyof N & string]: `${Name}.${Noun}.${keyof N[Noun] & string}` }[keyof N & string]
    : never

/** The definition itself, with the schemas that its author wrote. */
export type OperationOf<M, K extends string> =
  M extends Module<infer Name, infer N>
    ? K extends `${Name}.${infer Noun}.${infer Verb}`
      ? N[Noun & keyof N][Verb & keyof N[Noun & keyof N]]
      : never
    : never

/** What a role may be given: one operation, all of a noun, or all of a module. */
export type Grant<M> =
  | OperationName<M>
  | (M extends Module<infer Name, infer N> ? `${Name}.*` | `${Name}.${keyof N & string}.*` : never)
