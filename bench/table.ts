import { styleText } from 'node:util'
import type { Finding, Goal, Unit } from './finding.ts'

/** The findings for a terminal. */
export function tableOf(findings: readonly Finding[]): string {
  const rows = findings.map((one) => [
    one.what,
    amount(one.measured, one.unit),
    one.limit === undefined ? '' : amount(one.limit, one.unit),
    one.ratio === undefined ? '' : one.ratio.toFixed(2),
    one.range ? `${one.range[0].toFixed(2)}–${one.range[1].toFixed(2)}` : '',
    one.cpu === undefined ? '' : `${one.cpu.toFixed(2)} ×`,
    one.goal ? goalText(one.goal, one.ratio === undefined ? one.unit : undefined) : '',
    one.met === undefined ? '' : one.met ? 'met' : 'not met',
  ])
  const all = [['', 'measured', 'the limit', 'ratio', 'rounds', 'cpu', 'goal', ''], ...rows]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all.map((row, at) => lineOf(row, widths, at === 0)).join('\n')
}

function lineOf(row: readonly string[], widths: readonly number[], isHead: boolean) {
  const cells = row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
  const line = cells.join('  ').trimEnd()
  if (isHead) return styleText('bold', line)
  return row.at(-1) === 'not met' ? styleText('red', line) : line
}

function amount(value: number, unit: Unit): string {
  const digits = unit === '/s' || value >= 100 ? 0 : value >= 10 ? 1 : 2
  const text = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return unit === '/s' ? `${text}/s` : `${text} ${unit}`
}

const goalText = (goal: Goal, unit: Unit | undefined) => {
  const [sign, value] = 'least' in goal ? ['≥', goal.least] : ['≤', goal.most]
  return unit ? `${sign} ${value.toLocaleString('en')} ${unit}` : `${sign} ${value.toFixed(2)}`
}
