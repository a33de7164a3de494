/**
 * One test file in one process. The runner inside that process reports over a pipe of its own (`reporter.ts`), so that
 * nothing a test prints can be taken for a result.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { leftovers } from './leftovers.ts'
import type { Counts, Event } from './reporter.ts'
import { scratch, type Scratch } from './scratch.ts'

export type Outcome = { file: string; counts: Counts; failures: Failure[]; duration_ms: number; printed: string }
export type Failure = { name: string; text: string }
export type Running = { outcome: Promise<Outcome>; stop: () => void }

/** Longer without any result, and a test hangs or something it opened is still open. */
const SILENCE_ms = 180_000
/** What a file prints is kept for the case that it fails, and no more of it than a person would read. */
const PRINTED_BYTES = 20_000
/** Between being asked to stop and being made to. */
const GRACE_ms = 5_000
const REPORTER = new URL('reporter.ts', import.meta.url).href

/** `on` names the Postgres server that the file's worlds are built on; unless told, one that is made for the tests. */
export function runFile(file: string, silence_ms = SILENCE_ms, on = ''): Running {
  const temporary = scratch()
  const child = start(file, on, temporary)
  const name = on ? `${file} (on your Postgres)` : file
  return { outcome: watch(name, child, silence_ms).then((told) => clear(told, temporary)), stop: () => stop(child) }
}

function clear(outcome: Outcome, temporary: Scratch): Outcome {
  const kept = temporary.clear(outcome.failures.length > 0)
  return kept ? { ...outcome, printed: `${outcome.printed}\nIts temporary files are kept in ${kept}.`.trim() } : outcome
}

function start(file: string, on: string, temporary: Scratch): ChildProcess {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
  const env = { ...inherited, ...temporary.env, TEST_DATABASE_URL: on }
  const flags = ['--test-reporter', REPORTER, '--test-reporter-destination', 'stderr']
  return spawn(process.execPath, [...flags, file], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
}

async function watch(file: string, child: ChildProcess, silence_ms: number): Promise<Outcome> {
  const began = performance.now()
  const printed = keep(child)
  const failures: Failure[] = []
  let counts: Counts | undefined
  let silent = false
  const alarm = setTimeout(() => {
    silent = true
    stop(child)
  }, silence_ms)
  const heard = hear(child, (event) => {
    alarm.refresh()
    if ('counts' in event) counts = event.counts
    if ('failed' in event) failures.push(event.failed)
  })
  const end = await ending(child)
  await heard
  clearTimeout(alarm)
  const fault = silent ? hung(silence_ms) : faultOf(end, counts, failures)
  if (fault) failures.push({ name: 'the whole file', text: fault })
  return {
    file,
    counts: counts ?? { passed: 0, skipped: 0 },
    failures,
    duration_ms: performance.now() - began,
    printed: printed(),
  }
}

type Ending = { how: string; left: string[] }

/** What outlives the file's process is ended here, and told. */
async function ending(child: ChildProcess): Promise<Ending> {
  const how = await new Promise<string>((done) => {
    child.on('error', (error) => done(`did not start: ${error.message}`))
    child.on('exit', (code, signal) => done(signal ? `was ended by ${signal}` : `ended with exit code ${code}`))
  })
  const left = child.pid ? leftovers(child.pid) : []
  if (left.length) signal(child, 'SIGKILL')
  return { how, left }
}

const hung = (silence_ms: number) =>
  `nothing happened for ${silence_ms / 1000} s: a test hangs, or something that it opened is still open`

/** What the results alone do not show; undefined when the file came to a good end or its failures already say it. */
function faultOf({ how, left }: Ending, counts: Counts | undefined, failures: Failure[]): string | undefined {
  if (!counts) return `the process ${how} before its tests were done, or had none`
  if (counts.passed + counts.skipped + failures.length === 0) return 'it ran no test'
  if (left.length) return `it left running: ${left.join(', ')}`
  if (failures.length === 0 && how !== 'ended with exit code 0') return `all tests passed, but the process ${how}`
  return undefined
}

async function hear(child: ChildProcess, take: (event: Event) => void): Promise<void> {
  const lines = createInterface({ input: child.stdio[3] as Readable })
  for await (const line of lines) take(JSON.parse(line) as Event)
}

function keep(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(-PRINTED_BYTES)
    })
  return () => text.trim()
}

/** Asked first, then made to. */
function stop(child: ChildProcess): void {
  signal(child, 'SIGTERM')
  const last = setTimeout(() => signal(child, 'SIGKILL'), GRACE_ms)
  child.on('exit', () => clearTimeout(last))
}

/** The whole group: a test may have started servers. */
function signal(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (!child.pid) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
