import type { Kysely } from 'kysely'
import type { z } from 'zod'
import type { Policy } from './control.ts'
import type { File, FileType } from './file.ts'
import { rowOf, rowsOf } from './rows.ts'
import type { Rows } from './rows.ts'

/** Who acts. Every way in (key, person, job) ends in one of these, so that dispatch has one kind of caller. */
export type Actor = { id: string; kind: 'key' | 'person' | 'job' | 'system' | 'staff' | 'nobody'; name: string }

/** Finds a row of the canary or demo world by its name: `id('customer')`. */
export type Find = (thing: string) => string

export type RateClass = 'read' | 'write' | 'sensitive' | 'public'

/**
 * Says that slow or outside work is to be done, in the same transaction: it happens if and only if the action
 * commits.
 */
export type Later = (job: string, input: unknown) => Promise<void>

/** Sends a letter in the same way: it leaves if and only if the action commits. */
export type Post = (letter: {
  to: string
  template: string
  locale: 'en' | 'ar'
  values: Readonly<Record<string, string>>
}) => void

/**
 * The workspace's whole log with its proofs, for the operation that sends it as a file; each of `since` is a head of
 * the log that somebody kept.
 */
export type ProvenLog = (since: readonly string[]) => AsyncIterable<string>

/**
 * What every `run` receives. `db` is one transaction, already inside the workspace and the module's role; a query's
 * is read-only.
 */
export type Context<Tables, Input> = {
  input: Input
  actor: Actor
  workspace: string
  db: Kysely<Tables>
  today: string
  later: Later
  post: Post
  provenLog: ProvenLog
  policy: Policy
  permissions: Permissions
  /** What the caller may do, a bit for each permission: nobody hands on more than they have. */
  rights: Uint32Array
}

/** All that can be allowed, and what the edition's roles are granted of it: the same for every request of a process. */
export type Permissions = {
  all: readonly Permission[]
  /** Their names, in the order of the bits in a set of rights. */
  names: readonly string[]
  /** The first is the owner's. */
  roles: ReadonlyMap<string, readonly string[]>
}

/** Jobs are asked for by actions and allowed to nobody, so they are none. */
export type Permission = { name: string; kind: 'action' | 'query'; summary: string; rate: RateClass }

/** Rows may be handed over as a statement that is yet to run: Postgres then writes the JSON itself. */
export type Answer<Out extends z.ZodType> = z.input<Out> | Rows<z.input<Out>>

export type Operation = {
  kind: 'action' | 'query' | 'job'
  summary: string
  input: z.ZodType
  output: z.ZodType
  rate: RateClass
  refuses: readonly string[]
  webhook: boolean
  /** Looking is an act of its own: no answer leaves before there is an entry that says who asked for what. */
  recorded: boolean
  /** Where the answer is one file and no JSON: what it is called and what it can be. */
  file: FileKind | undefined
  example: (id: Find) => unknown
  run: (context: Context<never, never>) => Promise<unknown> | unknown
}

/** `name` is the first part of the file's, before the day: `audit` for `audit-2026-11-20.csv`. */
export type FileKind = { name: string; types: readonly [FileType, ...FileType[]] }

/** The same operation with its types, as its module's author and the typed client see it. */
export type Typed<In extends z.ZodType, Out extends z.ZodType> = Operation & { input: In; output: Out }

type Given<Tables, In extends z.ZodType, Out extends z.ZodType> = {
  /**
   * One sentence in the imperative: OpenAPI, the permission catalogue, the command palette and the audit log all say
   * it.
   */
  summary: string
  /** `z.strictObject` throughout: an unknown field is a refusal. */
  input: In
  /** What may leave, and no more. */
  output: Out
  /** A good input, drawn from the canary world: shown in OpenAPI, sent by the derived tests and the probes. */
  example: (id: Find) => z.input<In>
  rate?: RateClass
  /** Codes of 409; a unique index, foreign key or check of that name in Postgres becomes that refusal. */
  refuses?: readonly string[]
  webhook?: boolean
  /** Of a query: looking leaves an entry with its input, as doing does. Actions and jobs always leave one. */
  recorded?: boolean
  run: (context: Context<Tables, z.output<In>>) => Promise<Answer<Out>> | Answer<Out>
}

/** `output` is one row, or one line. */
type Download<Tables> = <In extends z.ZodType, Out extends z.ZodType>(
  given: Pick<Given<Tables, In, Out>, 'summary' | 'input' | 'output' | 'example' | 'refuses'> & {
    file: FileKind
    run: (context: Context<Tables, z.output<In>>) => Promise<File<z.input<Out>>> | File<z.input<Out>>
  },
) => Typed<In, Out>

/** `const { action, query, row, rows } = operations<Tables>()`: from here on `db` knows these tables and no others. */
export function operations<Tables>() {
  const define =
    (standing: Pick<Operation, 'kind' | 'rate' | 'webhook' | 'recorded'>) =>
    <In extends z.ZodType, Out extends z.ZodType>(given: Given<Tables, In, Out>): Typed<In, Out> =>
      ({ ...standing, refuses: [], file: undefined, ...given }) as unknown as Typed<In, Out>
  return {
    /** `const customer = row('customer', columns)`; then `customer(input.id)` is that row, or 404. */
    row: rowOf<Tables>(),
    /** `const customers = rows('customer', columns)`, to be narrowed with `where` and given to `page`. */
    rows: rowsOf<Tables>(),
    /** Changes something: POST, read-write transaction, audited and published. */
    action: define({ kind: 'action', rate: 'write', webhook: true, recorded: true }),
    /** Changes nothing: GET, read-only transaction. */
    query: define({ kind: 'query', rate: 'read', webhook: false, recorded: false }),
    /**
     * A query whose answer is a file of however many rows, read from one snapshot and sent as fast as it is taken: who
     * takes much at once is recorded before the first byte, and has lately proven who they are.
     */
    download: define({
      kind: 'query',
      rate: 'sensitive',
      webhook: false,
      recorded: true,
    }) as unknown as Download<Tables>,
    /** Work that `later` asked for: no route; run by the worker as its own actor, audited like an action. */
    job: define({ kind: 'job', rate: 'write', webhook: false, recorded: true }),
  }
}
