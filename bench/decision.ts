import { granted, rightsOf } from '../kernel/access/rights.ts'
import type { Finding } from './finding.ts'

/** Whether a role covers an operation: asked on every request, so it must cost nothing. */
const OPERATIONS = 528
const ROLES = 18
const PASSES = 2_000

export function measureDecision(): Finding[] {
  const names = Array.from({ length: OPERATIONS }, (_, i) => `module${i % 12}.noun${i % 44}.verb${i}`)
  const roles = Array.from({ length: ROLES }, (_, role) =>
    rightsOf(
      names.filter((_, i) => (i * 7 + role) % 3 === 0),
      names,
    ),
  )
  const decide = () => {
    let allowed = 0
    for (const rights of roles) for (let index = 0; index < OPERATIONS; index++) if (granted(rights, index)) allowed++
    return allowed
  }
  const expected = decide()
  for (let pass = 0; pass < PASSES; pass++) decide()
  const heap = process.memoryUsage().heapUsed
  const started = process.hrtime.bigint()
  for (let pass = 0; pass < PASSES; pass++)
    if (decide() !== expected) throw new Error('the same question was answered differently')
  const took_ns = Number(process.hrtime.bigint() - started)
  const grown_bytes = Math.max(0, process.memoryUsage().heapUsed - heap)
  const decisions = PASSES * ROLES * OPERATIONS
  return [
    { what: 'permission decision, 528 × 18', measured: took_ns / decisions, unit: 'ns', goal: { most: 50 } },
    {
      what: 'what a decision allocates',
      measured: Math.floor(grown_bytes / decisions),
      unit: 'bytes',
      goal: { most: 0 },
    },
  ]
}
