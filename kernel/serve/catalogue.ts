import { z } from 'zod'
import { redactor } from '../audit/redact.ts'
import type { Redact } from '../audit/redact.ts'
import { rightsOf } from '../access/rights.ts'
import type { Rights } from '../access/rights.ts'
import type { Edition } from '../contract/edition.ts'
import type { Module } from '../contract/module.ts'
import type { Operation, Permission, Permissions } from '../contract/operation.ts'
import { audit } from '../audit/module.ts'
import { identity } from '../identity/module.ts'

/**
 * Everything that an edition can do, by its one name. A definition that could not keep the contract's promises (an
 * input that lets unknown fields through, a name said twice) stops the boot.
 */
export type Served = {
  name: string
  module: string
  /** Its place in every set of rights. */
  index: number
  operation: Operation
  redactInput: Redact
  redactOutput: Redact
}

export type Catalogue = ReadonlyMap<string, Served>

/** The kernel's own operations stand beside the modules'. */
export const modulesOf = (edition: Edition): readonly Module[] => [identity, audit, ...edition.modules]

export function catalogueOf(modules: readonly Module[]): Catalogue {
  const served = new Map<string, Served>()
  for (const { name, module, operation } of operationsOf(modules).sort(jobsLast)) {
    if (served.has(name)) throw new Error(`${name} is defined twice`)
    insistOnStrictness(name, operation)
    const redactInput = redactor(operation.input)
    const redactOutput = redactor(operation.output)
    served.set(name, { name, module, index: served.size, operation, redactInput, redactOutput })
  }
  return served
}

type Defined = { name: string; module: string; operation: Operation }

const operationsOf = (modules: readonly Module[]): Defined[] =>
  modules.flatMap(({ name: module, nouns }) =>
    Object.entries(nouns).flatMap(([noun, verbs]) =>
      Object.entries(verbs).map(([verb, operation]) => ({ name: `${module}.${noun}.${verb}`, module, operation })),
    ),
  )

/** Nobody is allowed a job, so the sets of rights end before them. */
const jobsLast = (a: Defined, b: Defined) => Number(a.operation.kind === 'job') - Number(b.operation.kind === 'job')

/** What there is to be allowed, and to whom the edition allows it. */
export function permissionsOf({ roles }: Edition, catalogue: Catalogue): Permissions {
  const all = [...catalogue.values()].flatMap(({ name, operation: { kind, summary, rate } }): Permission[] =>
    kind === 'job' ? [] : [{ name, kind, summary, rate }],
  )
  return { all, names: all.map(({ name }) => name), roles: new Map(Object.entries(roles)) }
}

/** What each role of the edition may do. */
export const rightsOfRoles = ({ roles, names }: Permissions): ReadonlyMap<string, Rights> =>
  new Map([...roles].map(([role, grants]) => [role, rightsOf(grants, names)]))

/** An object that lets unknown fields through would let them be silently dropped, which nobody would notice. */
function insistOnStrictness(name: string, { input, output }: Operation) {
  for (const [what, schema, io] of [
    ['input', input, 'input'],
    ['output', output, 'output'],
  ] as const) {
    const open = openObjects(z.toJSONSchema(schema, { io, unrepresentable: 'any' }))
    if (open.length)
      throw new Error(`${name}: its ${what} is not strict at ${open.join(', ') || 'its root'}; say z.strictObject`)
  }
}

type JsonSchema = { [key: string]: unknown; type?: string; additionalProperties?: unknown }

function openObjects(schema: unknown, path = '/'): string[] {
  if (Array.isArray(schema)) return schema.flatMap((one, index) => openObjects(one, `${path}${index}/`))
  if (typeof schema !== 'object' || schema === null) return []
  const { type, additionalProperties } = schema as JsonSchema
  const self = type === 'object' && additionalProperties !== false ? [path] : []
  return [...self, ...Object.entries(schema).flatMap(([key, one]) => openObjects(one, `${path}${key}/`))]
}
