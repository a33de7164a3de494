/**
 * `npm test`: every test file in a process of its own. A file counts only when it ran at least one test and came to its
 * own end, because a process that vanishes with exit code 0 would otherwise read as success.
 */
import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Trouble } from '../kernel/base/trouble.ts'
import { runFile, type Outcome, type Running } from './suite/file.ts'
import { printFailures, printOutcome, printSlowest, tally } from './suite/report.ts'

export const usage = `
Usage: npm test [-- WORDS]

Runs every test file, or those whose path contains one of the words:
  npm test -- tenancy shop

With TEST_DATABASE_URL, every file that builds a world builds it on that server too.
`

const ROOTS = ['kernel', 'modules', 'editions', 'web', 'cli', 'test', 'bench']

/** A file mostly waits for its database, so one more runs than there are cores; from eight on, memory is short. */
const together = Math.min(8, availableParallelism() + 1)

export async function run(words: string[]): Promise<number> {
  const began = performance.now()
  const outcomes = await runAll(onEachServer(testFiles(words.filter((word) => word !== '--'))))
  printFailures(outcomes)
  printSlowest(outcomes, performance.now() - began)
  console.log(tally(outcomes))
  return outcomes.every((outcome) => outcome.failures.length === 0) ? 0 : 1
}

function testFiles(words: string[]): string[] {
  // Those of the whole take longest and stand last in the alphabet: begun first, none of them is waited for alone.
  const all = globSync(`{${ROOTS.join(',')}}/**/*.test.ts`)
    .sort()
    .reverse()
  const chosen = words.length ? all.filter((file) => words.some((word) => file.includes(word))) : all
  if (chosen.length === 0) throw new Trouble(`No test file has ${words.join(' or ')} in its path.`, 2)
  return chosen
}

type Run = { file: string; on?: string }

/** What holds on our own server must hold on theirs: the files that know of the tests' door run on both. */
function onEachServer(files: string[]): Run[] {
  const given = process.env['TEST_DATABASE_URL']
  if (!given) return files.map((file) => ({ file }))
  const builds = (file: string) => /['/]testing(?:\.ts)?'/.test(readFileSync(file, 'utf8'))
  return files.flatMap((file) => (builds(file) ? [{ file }, { file, on: given }] : [{ file }]))
}

async function runAll(runs: Run[]): Promise<Outcome[]> {
  const waiting = [...runs]
  const running = new Set<Running>()
  const outcomes: Outcome[] = []
  const interrupted = stopOnSignal(running, waiting)
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const one = runFile(next.file, undefined, next.on)
      running.add(one)
      const outcome = await one.outcome
      running.delete(one)
      if (!interrupted()) printOutcome(outcome)
      outcomes.push(outcome)
    }
  }
  await Promise.all(Array.from({ length: together }, lane))
  if (interrupted()) throw new Trouble('The tests were interrupted.', 1)
  return outcomes
}

/** The files' processes sit in groups of their own, so Ctrl-C ends them through here. */
function stopOnSignal(running: Set<Running>, waiting: Run[]): () => boolean {
  let interrupted = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      interrupted = true
      waiting.length = 0
      for (const one of running) one.stop()
    })
  return () => interrupted
}
