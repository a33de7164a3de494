import type { DatabaseError } from 'pg'
import type { Actor } from '../contract/operation.ts'
import { ANSWER, ANSWER_ID } from '../postgres/answer.ts'
import type { Statement } from '../postgres/batch.ts'

/** Where an act came from, as far as we trust what we were told. */
export type Origin = { requestId: string; address?: string | undefined; userAgent?: string | undefined }

const INSERT = `insert into audit.entry
  (action, outcome, actor_kind, actor_id, actor_name, address, user_agent, request_id, target, input, changes)`
/** What the tables noted, whichever statements made it. */
const CHANGES = 'tenancy.take_changes()'
const KNOWN = `${INSERT} values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, ${CHANGES})`
/**
 * Without an answer nothing was changed: then this entry refuses to be written, and with it goes all that came before.
 */
const ANSWERED = `${INSERT}
  values (case when ${ANSWER} is not null then $1 end, $2, $3, $4, $5, $6, $7, $8, coalesce(${ANSWER_ID}, $9), $10,
    ${CHANGES})`

/** A browser may call itself whatever it likes, at any length. */
const LONGEST_USER_AGENT = 400

/**
 * The entry as a statement, so that it travels with the commit of the change it tells of; in the same batch as the
 * change itself, its target is what that answers.
 */
export const entry = (
  action: string,
  actor: Actor,
  origin: Origin,
  input: unknown,
  target: string | null,
  of: 'known' | 'answer' = 'known',
): Statement => ({
  text: of === 'known' ? KNOWN : ANSWERED,
  name: of === 'known' ? 'audit' : 'audit of answer',
  values: valuesOf({ action, outcome: 'done', actor, origin, input, target }),
})

/** What somebody was not let do, and by which code they were told so. */
export const refusal = (told: Told): Statement => ({ text: KNOWN, name: 'audit', values: valuesOf(told) })

type Told = {
  action: string
  outcome: string
  actor: Actor
  origin: Origin
  input: unknown
  target: string | null
}

const valuesOf = ({ action, outcome, actor, origin, input, target }: Told) => [
  action,
  outcome,
  actor.kind,
  actor.id,
  actor.name,
  origin.address ?? null,
  origin.userAgent?.slice(0, LONGEST_USER_AGENT) ?? null,
  origin.requestId,
  target,
  JSON.stringify(input),
]

/** What Postgres says when a change that was to be recorded by its answer had none. */
export const isWithoutAnswer = (error: unknown): boolean => {
  const { code, schema, table, column } = error as Partial<DatabaseError>
  return code === '23502' && schema === 'audit' && table === 'entry' && column === 'action'
}
