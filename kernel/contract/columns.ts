import type { Generated } from 'kysely'

/**
 * A module's tables as `npm run tables` read them from the live schema: one word for the type, then `default` or
 * `null`. The same object is the source of Kysely's row types, of the boot check and of the control that compares
 * code and schema.
 */
export type Columns = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Row types for Kysely. */
export type RowsOf<C extends Columns> = { [Table in keyof C]: { [Column in keyof C[Table]]: Value<C[Table][Column]> } }

type Value<Word> = Word extends `${infer Type} default`
  ? Generated<Stored<Type>>
  : Word extends `${infer Type} null`
    ? Stored<Type> | null
    : Stored<Word>

/** What the driver hands over; days and moments stay text, whole numbers are checked to be safe. */
type Stored<Type> = Type extends 'bigint' | 'integer' | 'smallint' | 'minor_units'
  ? number
  : Type extends 'boolean'
    ? boolean
    : Type extends 'jsonb'
      ? unknown
      : Type extends 'bytea'
        ? Buffer
        : Type extends 'text[]'
          ? string[]
          : string
