import { z } from 'zod'
import type { Policy } from '../contract/control.ts'
import { operations } from '../contract/operation.ts'
import { refuse } from '../contract/refusal.ts'
import { Id } from '../contract/values.ts'
import type { Tables } from './tables.ts'

const { action, query } = operations<Tables>()

const Retention = z.strictObject({
  id: Id,
  /** How long entries stay readable here. */
  months: z.int(),
  /** No workspace keeps them for less. */
  policyMonths: z.int(),
  /** How long it is counted after that how many there were. */
  totalMonths: z.int(),
})

/** Ten years, the longest that any law we know of asks for. */
const MOST_MONTHS = 120

const of = (id: string, { auditMonths, auditTotalMonths }: Policy, months = 0) => ({
  id,
  months: Math.max(months, auditMonths),
  policyMonths: auditMonths,
  totalMonths: auditTotalMonths,
})

export const get = query({
  summary: 'Show for how long the audit log is kept',
  input: z.strictObject({}),
  output: Retention,
  example: () => ({}),
  async run({ db, workspace, policy }) {
    const set = await db.selectFrom('retention').select('months').executeTakeFirst()
    return of(workspace, policy, set?.months)
  },
})

export const set = action({
  summary: 'Keep the audit log for longer than the policy says',
  input: z.strictObject({ months: z.int().min(1).max(MOST_MONTHS) }),
  output: Retention,
  rate: 'sensitive',
  refuses: ['retention_below_policy'],
  example: () => ({ months: MOST_MONTHS }),
  async run({ input: { months }, db, workspace, policy }) {
    if (months < policy.auditMonths) throw refuse('retention_below_policy')
    await db
      .insertInto('retention')
      .values({ id: workspace, months })
      .onConflict((same) => same.columns(['workspace_id', 'id']).doUpdateSet({ months }))
      .execute()
    return of(workspace, policy, months)
  },
})
