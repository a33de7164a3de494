import type { Origin } from '../audit/record.ts'
import { Refusal } from '../contract/refusal.ts'
import { Rows } from '../contract/rows.ts'
import type { Caller } from '../identity/whois.ts'
import { reading, Writing } from '../postgres/work.ts'
import type { Work } from '../postgres/work.ts'
import type { Served } from './catalogue.ts'
import { contextOf, onlyFiles, scopeOf } from './context.ts'
import type { Asks } from './context.ts'
import { finish } from './finish.ts'
import { claim } from './idempotency.ts'
import { asking } from './jobs.ts'
import { asRefusal } from './mapping.ts'
import type { Parts } from './parts.ts'
import { recordLook } from './recording.ts'
import { answerRows } from './rows/rows.ts'

/**
 * The life of one request once it is known who asks: may they, is it well said, and then one transaction in which the
 * work, its record and its event stand or fall together. Keys, jobs and the command line all come through here.
 */
export type Asked = { input: unknown; origin: Origin; idempotencyKey?: string | undefined }

/** The answer as JSON text. */
export async function dispatch(parts: Parts, served: Served, caller: Caller, asked: Asked): Promise<string> {
  const input = admitted(parts, served, caller, asked)
  try {
    return served.operation.kind === 'query'
      ? await look(parts, served, caller, input, asked)
      : await act(parts, served, caller, input, asked)
  } catch (error) {
    throw asRefusal(error, served.operation)
  }
}

/** Whether they may, whether we are sure enough of them, and whether it is well said; the input as it is meant. */
export function admitted(parts: Parts, served: Served, caller: Caller, asked: Asked): unknown {
  if (!parts.granted(caller.rights, served.index)) throw new Refusal(403, 'forbidden')
  parts.insistOnAssurance(served, caller)
  return parts.boundary.acceptInput(served, asked.input)
}

/** Read-only, one round trip for each statement, and one more where looking is an act. */
async function look(parts: Parts, served: Served, caller: Caller, input: unknown, { origin }: Asked): Promise<string> {
  const scope = scopeOf(parts, served, caller)
  const work = reading(caller.pool, scope)
  const answer = await served.operation.run(contextOf(parts, caller, input, work, scope.role, onlyActions))
  const body = await bodyOf(parts, served, caller, answer, work, scope.role)
  if (served.operation.recorded) await recordLook(parts, served, caller, input, origin)
  return body
}

/** The change, who made it and what happened commit together or not at all. */
async function act(parts: Parts, served: Served, caller: Caller, input: unknown, asked: Asked): Promise<string> {
  const scope = scopeOf(parts, served, caller)
  const { origin, idempotencyKey } = asked
  await using work = new Writing(caller.pool, scope)
  const claimed = idempotencyKey ? await claim(work, parts, served, caller, idempotencyKey, input) : unclaimed
  if ('replay' in claimed) return claimed.replay

  const { asks, statements } = asking(parts, caller.place, origin.requestId, caller.actor.id)
  const answer = await served.operation.run(contextOf(parts, caller, input, work, scope.role, asks))
  const more =
    idempotencyKey || statements.length > 0 ? (body: string) => [...claimed.record(body), ...statements] : undefined
  const body = await finish(parts, served, caller, work, { input, answer, origin, more })
  if (statements.length > 0) parts.worker.wake(caller.place.realm)
  if (served.module === 'identity') parts.whois.changed(caller.place)
  return body
}

const unclaimed = { record: () => [] }
export const onlyActions: Asks = {
  later: () => Promise.reject(refused()),
  post: () => {
    throw refused()
  },
  provenLog: onlyFiles,
}
const refused = () => new TypeError('a query changes nothing, so it asks for nothing either')

async function bodyOf(parts: Parts, served: Served, caller: Caller, answer: unknown, work: Work, role: string) {
  if (!(answer instanceof Rows)) return JSON.stringify(parts.boundary.insistOnOutput(served, answer))
  const bind = (text: string) => `${caller.place.workspace} ${served.name} ${text}`
  const signing = {
    sign: (text: string) => parts.vault.mac('cursor', bind(text)),
    check: (text: string, signature: string) => parts.vault.checkMac('cursor', bind(text), signature),
  }
  return await answerRows(answer, served, work, role, signing, parts.boundary.guardColumns)
}
