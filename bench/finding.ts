/** What was found, as numbers first: the table and the JSON both say exactly this. */
export type Finding = {
  what: string
  measured: number
  unit: Unit
  /** The same of the bare limit, and ours as a share of it: the median of the rounds, and their lowest and highest. */
  limit?: number
  ratio?: number
  range?: readonly [number, number]
  /** Processor time that one answer costs us and Postgres together, as a multiple of the limit's. */
  cpu?: number
  goal?: Goal
  met?: boolean
}
export type Unit = '/s' | 'ms' | 'ns' | 'MB' | 'bytes' | '%'
/** Of the ratio where there is one, else of what was measured. */
export type Goal = { least: number } | { most: number }

export function judged(finding: Finding): Finding {
  const { goal, ratio, measured } = finding
  if (!goal) return finding
  const value = ratio ?? measured
  return { ...finding, met: 'least' in goal ? value >= goal.least : value <= goal.most }
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
