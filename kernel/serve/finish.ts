import { z } from 'zod'
import { isWithoutAnswer } from '../audit/record.ts'
import type { Origin } from '../audit/record.ts'
import { hidesNothing } from '../audit/redact.ts'
import { notFound } from '../contract/refusal.ts'
import { Rows } from '../contract/rows.ts'
import { Id } from '../contract/values.ts'
import { publish, publishAnswer } from '../events/outbox.ts'
import type { Caller } from '../identity/whois.ts'
import { keepingAnswer } from '../postgres/answer.ts'
import type { Result, Statement } from '../postgres/batch.ts'
import { named } from '../postgres/queries.ts'
import type { Writing } from '../postgres/work.ts'
import type { Served } from './catalogue.ts'
import { scopeOf } from './context.ts'
import type { Parts } from './parts.ts'

/** What an action or a job leaves behind. `more` is written beside it, once it is known what was answered. */
export type Done = {
  input: unknown
  answer: unknown
  origin: Origin
  more?: ((body: string) => readonly Statement[]) | undefined
}

/** The end of every change: what may leave, who did what, what happened, all in the commit. Answers the body. */
export async function finish(parts: Parts, served: Served, caller: Caller, work: Writing, done: Done): Promise<string> {
  const { answer } = done
  if (answer instanceof Rows) return await finishRows(parts, served, caller, work, { ...done, answer })
  const { input, origin, more } = done
  const output = parts.boundary.insistOnOutput(served, answer)
  const body = JSON.stringify(output)
  await work.commit(recorderIn(parts, caller), [
    parts.record(served.name, caller.actor, origin, served.redactInput(input), idOf(output) ?? targetOf(input)),
    ...(served.operation.webhook ? [publish(served.name, idOf(output), served.redactOutput(output))] : []),
    ...(more?.(body) ?? []),
  ])
  parts.sealer.wake(caller.place.realm)
  return body
}

/**
 * A change that is one statement and has not run yet. The first of its text is run and looked at like others are; from
 * then on its columns are known to be what may leave, and it travels with its record, its event and the commit.
 */
async function finishRows(
  parts: Parts,
  served: Served,
  caller: Caller,
  work: Writing,
  done: Done & { answer: Rows<unknown> },
): Promise<string> {
  const { sql, parameters } = done.answer.query.compile()
  const { role } = scopeOf(parts, served, caller)
  const run = async () => await work.run(named(sql, parameters, role))
  let result: Result | undefined
  await parts.boundary.guardColumns(served, 'one', sql, async () => (result = await run()).fields)
  if (!result && work.isUntouched && !done.more && hidesNothing(served.redactOutput))
    return await finishAtOnce(
      parts,
      served,
      caller,
      work,
      done,
      named(keepingAnswer(sql, answersId(served)), parameters, role),
    )
  const answer = (result ?? (await run())).rows[0]
  if (!answer) throw notFound()
  return await finish(parts, served, caller, work, { ...done, answer })
}

async function finishAtOnce(
  parts: Parts,
  served: Served,
  caller: Caller,
  work: Writing,
  { input, origin }: Done,
  change: Statement,
): Promise<string> {
  const event = served.operation.webhook ? [publishAnswer(served.name)] : []
  const entry = parts.record(served.name, caller.actor, origin, served.redactInput(input), targetOf(input), 'answer')
  const results = await work.commit(recorderIn(parts, caller), [entry, ...event], [change]).catch((error: unknown) => {
    throw isWithoutAnswer(error) ? notFound() : error
  })
  const told = results[0]!.rows[0]
  if (!told) throw notFound()
  parts.sealer.wake(caller.place.realm)
  return told['body'] as string
}

const answersId = ({ operation: { output } }: Served) => output instanceof z.ZodObject && 'id' in output.shape

export const recorderIn = ({ deployment }: Parts, { place }: Caller) => ({
  role: deployment.names.recorder,
  schema: 'audit',
  workspace: place.workspace,
})

export const idOf = (value: unknown): string | null => {
  const id = (value as { id?: unknown } | null)?.id
  return typeof id === 'string' ? id : null
}

/** The record that was asked for, whatever its field is called: the first of those that look like one. */
export function targetOf(input: unknown): string | null {
  if (typeof input !== 'object' || input === null) return null
  const own = (input as { id?: unknown }).id
  return isId(own) ? own : (Object.values(input).slice(0, MOST_FIELDS).find(isId) ?? null)
}

const isId = (value: unknown): value is string => typeof value === 'string' && Id.safeParse(value).success

/** No form has more before it says what it is about. */
const MOST_FIELDS = 20
