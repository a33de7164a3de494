import type { z } from 'zod'
import { Refusal } from '../contract/refusal.ts'
import type { FieldError } from '../contract/refusal.ts'

/** Whatever has a name and says what comes in and what goes out: an operation, or a way in. */
export type Bounded = { name: string; operation: { input: z.ZodType; output: z.ZodType } }

/** The two parses at the edge. What comes in must be said well; what goes out must be what was declared. */
export function acceptInput({ operation }: Bounded, raw: unknown): unknown {
  const parsed = operation.input.safeParse(raw)
  if (!parsed.success) throw new Refusal(400, 'invalid', { errors: parsed.error.issues.flatMap(fieldErrors) })
  return parsed.data
}

/** A mismatch is our own bug: it is logged, and nothing leaves. */
export function insistOnOutput({ name, operation }: Bounded, answer: unknown): unknown {
  const parsed = operation.output.safeParse(answer)
  if (!parsed.success) {
    const where = parsed.error.issues.map((issue) => `/${issue.path.join('/')} ${issue.code}`).join(', ')
    throw new Refusal(500, 'internal', { inside: `output of ${name}: ${where}` })
  }
  return parsed.data
}

/** A caller that is wrong in a thousand places learns the first few. */
const MOST_ERRORS = 20

function fieldErrors(issue: z.core.$ZodIssue, index: number): FieldError[] {
  if (index >= MOST_ERRORS) return []
  const at = issue.path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, MOST_ERRORS).map((key) => ({ pointer: `${at}/${key}`, code: 'unknown_field' }))
  return [{ pointer: at, code: issue.code }]
}
