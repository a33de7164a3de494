import type { Context, Later, Post, ProvenLog } from '../contract/operation.ts'
import type { Caller } from '../identity/whois.ts'
import { queries } from '../postgres/queries.ts'
import type { Scope, Work } from '../postgres/work.ts'
import type { Served } from './catalogue.ts'
import type { Parts } from './parts.ts'

/** What a `run` gets to see, and where its statements run. */
export function contextOf(parts: Parts, caller: Caller, input: unknown, work: Work, role: string, asks: Asks) {
  const context: Context<unknown, unknown> = {
    input,
    actor: caller.actor,
    workspace: caller.place.workspace,
    db: queries(work, role),
    get today() {
      return new Date().toISOString().slice(0, 10)
    },
    ...asks,
    policy: parts.edition.policy,
    permissions: parts.permissions,
    rights: caller.rights,
  }
  // The author's types are narrower than anything dispatch can know.
  return context as unknown as Context<never, never>
}

/** What is to happen once the change has committed, and what a file alone is made of. */
export type Asks = { later: Later; post: Post; provenLog: ProvenLog }

/** Where a `run` answers with no file. */
export const onlyFiles = () => {
  throw new TypeError('the log with its proofs leaves as a file and in no other way')
}

export const scopeOf = ({ deployment }: Parts, { module }: Served, { place }: Caller): Scope => ({
  role: deployment.names.role(module),
  schema: module,
  workspace: place.workspace,
})
