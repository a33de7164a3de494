import type { z } from 'zod'
import { isSecret } from '../contract/values.ts'

/** A secret leaves a trace that it was there, and nothing of itself. The places are found once, from the schema. */
export type Redact = (value: unknown) => unknown

const HIDDEN = '[secret]'
const asItIs: Redact = (value) => value

/** Whether nothing in it is secret. */
export const hidesNothing = (redact: Redact) => redact === asItIs

export function redactor(schema: z.core.$ZodType): Redact {
  if (isSecret(schema)) return (value) => (value === undefined || value === null ? value : HIDDEN)
  const def = schema._zod.def as Definition
  if (def.innerType) return redactor(def.innerType)
  if (def.element) {
    const inner = redactor(def.element)
    return inner === asItIs ? asItIs : (value) => (Array.isArray(value) ? value.map(inner) : value)
  }
  if (!def.shape) return asItIs
  const hidden = Object.entries(def.shape)
    .map(([key, field]) => [key, redactor(field)] as const)
    .filter(([, inner]) => inner !== asItIs)
  return hidden.length === 0 ? asItIs : (value) => replace(value, hidden)
}

type Definition = {
  innerType?: z.core.$ZodType
  element?: z.core.$ZodType
  shape?: Record<string, z.core.$ZodType>
}

function replace(value: unknown, hidden: readonly (readonly [string, Redact])[]) {
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = { ...value }
  for (const [key, inner] of hidden) if (key in copy) copy[key] = inner(copy[key])
  return copy
}
