/**
 * Runs inside a test file's process and writes what happened to the runner's pipe, one JSON line each, at once: a line
 * still in a buffer when a process dies would be a result that nobody sees.
 */
import { AssertionError } from 'node:assert'
import { writeSync } from 'node:fs'
import type { EventData } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

export type Event = { failed: { name: string; text: string } } | { counts: Counts } | { passed: string }
export type Counts = { passed: number; skipped: number }

/** The pipe that `file.ts` opens. */
const PIPE = 3
/** Whatever a reporter yields is printed; the runner prints for all files. */
const NOTHING_FOR_PEOPLE = ''
/** What a test started ends with it. */
const OWN_GROUP = 0
/** How often to look whether the runner is still there: a test process without a runner ends. */
const LOOK_ms = 1_000

export default async function* reporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  endWithRunner(process.ppid)
  for await (const event of source) {
    const told = tell(event)
    if (told) writeSync(PIPE, JSON.stringify(told) + '\n')
    yield NOTHING_FOR_PEOPLE
  }
}

function tell(event: TestEvent): Event | undefined {
  if (event.type === 'test:pass') return { passed: event.data.name }
  if (event.type === 'test:fail') return failure(event.data)
  if (event.type === 'test:summary') {
    const { passed, skipped, todo } = event.data.counts
    return { counts: { passed, skipped: skipped + todo } }
  }
  return undefined
}

/** A parent that only fails with its child would count one fault twice. */
function failure({ name, details, todo }: EventData.TestFail): Event | undefined {
  const { failureType, cause } = details.error as Error & { failureType?: string }
  if (failureType === 'subtestsFailed' || todo) return undefined
  return { failed: { name, text: readable(cause) } }
}

/** An assertion's message already shows both sides; the runner's own frames tell nobody anything. */
function readable(cause: unknown): string {
  const text = cause instanceof AssertionError ? cause.stack! : inspect(cause)
  return text.replaceAll(/^ +at .*\(?node:internal.*\n?/gm, '').trimEnd()
}

function endWithRunner(runner: number): void {
  setInterval(() => {
    if (process.ppid !== runner) process.kill(OWN_GROUP, 'SIGTERM')
  }, LOOK_ms).unref()
}
