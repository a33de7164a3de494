/** What the server said no with (RFC 9457), or what kept us from hearing it. The code is the same in all languages. */
export class Problem extends Error {
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly status: number
  readonly fields: readonly Field[]
  /** By which the operator finds it. */
  readonly request: string | undefined
  readonly retryAfter_s: number | undefined

  constructor(told: Told) {
    super(told.code)
    this.code = told.code
    this.title = told.title
    this.detail = told.detail
    this.status = told.status
    this.fields = told.errors ?? []
    this.request = told.instance?.replace('urn:uuid:', '')
    this.retryAfter_s = told.retryAfter_s
  }
}

export type Field = { pointer: string; code: string }

type Told = {
  code: string
  title: string
  detail: string
  status: number
  errors?: readonly Field[]
  instance?: string
  retryAfter_s?: number | undefined
}

/** Nothing was heard: the words are put in where it is shown. */
export const unreachable = () => new Problem({ code: 'unreachable', title: '', detail: '', status: 0 })

export const isProblem = (error: unknown): error is Problem => error instanceof Problem
