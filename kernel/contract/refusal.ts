/**
 * The one way to say no. The code is the public error code, the translation key and the end of the problem's type;
 * `inside` is for our log and never leaves.
 */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly errors: readonly FieldError[]
  readonly retryAfter_s: number | undefined
  readonly inside: string | undefined

  constructor(status: number, code: string, more: More = {}) {
    // An answer, not an accident: where it was thrown is only asked of our own faults, and costs more than all the
    // rest.
    const { stackTraceLimit } = Error
    if (status < 500) Error.stackTraceLimit = 0
    super(code)
    Error.stackTraceLimit = stackTraceLimit
    this.status = status
    this.code = code
    this.errors = more.errors ?? []
    this.retryAfter_s = more.retryAfter_s
    this.inside = more.inside
  }
}

/** Where an input is wrong: a JSON pointer and a stable code. */
export type FieldError = { pointer: string; code: string }
type More = { errors?: readonly FieldError[]; retryAfter_s?: number; inside?: string }

/** A rule of the business says no: 409, with a code that the operation lists under `refuses`. */
export const refuse = (code: string) => new Refusal(409, code)

/** For Kysely's `executeTakeFirstOrThrow(notFound)`: a row of another workspace is a row that does not exist. */
export const notFound = () => new Refusal(404, 'not-found')
