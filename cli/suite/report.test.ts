import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from './file.ts'
import { tally } from './report.ts'

const outcome = (passed: number, failed: number, skipped: number): Outcome => ({
  file: 'a.test.ts',
  counts: { passed, skipped },
  failures: Array.from({ length: failed }, (_, at) => ({ name: String(at), text: '' })),
  duration_ms: 1,
  printed: '',
})

test('the last line adds up all files', () => {
  assert.equal(tally([outcome(2, 0, 0), outcome(3, 1, 0)]), '5 passed, 1 failed')
})

test('what was skipped is said, and only then', () => {
  assert.equal(tally([outcome(2, 0, 1), outcome(0, 0, 1)]), '2 passed, 0 failed, 2 skipped')
})
