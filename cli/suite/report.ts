import { styleText } from 'node:util'
import type { Outcome } from './file.ts'

/** What a person reads of a test run: a line for each file, failures at the end where they are looked for, a tally. */
export function printOutcome({ file, counts, failures, duration_ms }: Outcome): void {
  const mark = failures.length ? styleText('red', '✗') : styleText('green', '✓')
  const parts = [said(counts.passed, 'passed'), said(failures.length, 'failed'), said(counts.skipped, 'skipped')]
  console.log(`${mark} ${file}  ${styleText('dim', `${parts.filter(Boolean).join(', ')}  ${seconds(duration_ms)}`)}`)
}

export function printFailures(outcomes: readonly Outcome[]): void {
  for (const { file, failures, printed } of outcomes.filter((outcome) => outcome.failures.length)) {
    for (const { name, text } of failures) console.log(`\n${styleText('red', `✗ ${file} › ${name}`)}\n${indent(text)}`)
    if (printed) console.log(`\n${styleText('dim', `${file} printed:`)}\n${indent(printed)}`)
  }
}

const SLOWEST = 5

export function printSlowest(outcomes: readonly Outcome[], total_ms: number): void {
  const slowest = outcomes.toSorted((a, b) => b.duration_ms - a.duration_ms).slice(0, SLOWEST)
  console.log(`\n${outcomes.length} ${outcomes.length === 1 ? 'file' : 'files'} in ${seconds(total_ms)}; the slowest:`)
  for (const { file, duration_ms } of slowest) console.log(`  ${seconds(duration_ms).padStart(8)}  ${file}`)
}

/** The last line, for people and machines alike. */
export function tally(outcomes: readonly Outcome[]): string {
  const sum = (count: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + count(outcome), 0)
  const skipped = sum(({ counts }) => counts.skipped)
  const line = `${sum(({ counts }) => counts.passed)} passed, ${sum(({ failures }) => failures.length)} failed`
  return skipped ? `${line}, ${skipped} skipped` : line
}

const said = (count: number, word: string) => (count ? `${count} ${word}` : '')
const seconds = (duration_ms: number) => `${(duration_ms / 1_000).toFixed(1)} s`
const indent = (text: string) => text.replaceAll(/^/gm, '  ')
