import { z } from 'zod'
import { redactor } from '../audit/redact.ts'
import type { Redact } from '../audit/redact.ts'
import { rightsOf } from '../access/rights.ts'
import type { Rights } from '../access/rights.ts'
import type { Edition } from '../contract/edition.ts'
import type { Module } from '../contract/module.ts'
import type { Operation } from '../contract/operation.ts'
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
  for (const { name: module, nouns } of modules)
    for (const [noun, verbs] of Object.entries(nouns))
      for (const [verb, operation] of Object.entries(verbs)) {
        const name = `${module}.${noun}.${verb}`
        if (served.has(name)) throw new Error(`${name} is defined twice`)
        insistOnStrictness(name, operation)
        const redactInput = redactor(operation.input)
        const redactOutput = redactor(operation.output)
        served.set(name, { name, module, index: served.size, operation, redactInput, redactOutput })
      }
  return served
}

/** What each role of the edition may do. */
export function rightsOfRoles(edition: Edition, catalogue: Catalogue): ReadonlyMap<string, Rights> {
  const names = [...catalogue.keys()]
  return new Map(Object.entries(edition.roles).map(([role, grants]) => [role, rightsOf(grants, names)]))
}

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
