import { ANSWER, ANSWER_ID } from '../postgres/answer.ts'
import type { Statement } from '../postgres/batch.ts'

/** What happened, written in the transaction in which it happened. Whoever delivers it reads from there, later. */
export const publish = (event: string, subject: string | null, payload: unknown): Statement => ({
  text: 'insert into events.outbox (event, subject, payload) values ($1, $2, $3)',
  name: 'outbox',
  values: [event, subject, JSON.stringify(payload)],
})

/** The same of an answer that nobody but Postgres has seen yet. */
export const publishAnswer = (event: string): Statement => ({
  text: `insert into events.outbox (event, subject, payload) values ($1, ${ANSWER_ID}, ${ANSWER}::jsonb)`,
  name: 'outbox of answer',
  values: [event],
})
