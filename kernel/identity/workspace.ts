import { z } from 'zod'
import { operations } from '../contract/operation.ts'
import { refuse } from '../contract/refusal.ts'
import { one } from '../contract/rows.ts'
import { Id, Line, Moment, oneOf } from '../contract/values.ts'
import type { Tables } from './tables.ts'

const { action, query } = operations<Tables>()

const Workspace = z.strictObject({
  id: Id,
  name: z.string(),
  createdAt: Moment,
  /** Of whom a second factor is demanded beyond the edition's policy, and from when on: now, where it does not say. */
  secondFactor: z.string(),
  secondFactorFrom: Moment.nullable(),
})
const columns = [
  'id',
  'name',
  'created_at as createdAt',
  'second_factor as secondFactor',
  'second_factor_from as secondFactorFrom',
] as const

export const get = query({
  summary: 'Show the workspace that the caller is in',
  input: z.strictObject({}),
  output: Workspace,
  example: () => ({}),
  run: ({ db }) => one(db.selectFrom('workspace').select(columns)),
})

export const update = action({
  summary: 'Rename the workspace, or demand a second factor of more people than the policy does',
  input: z.strictObject({
    name: Line,
    secondFactor: oneOf('policy', 'administrators', 'everyone'),
    secondFactorFrom: Moment.nullable().default(null),
  }),
  output: Workspace,
  rate: 'sensitive',
  refuses: ['second_factor_not_offered'],
  example: () => ({ name: 'Renamed', secondFactor: 'policy' as const }),
  run({ input: { name, secondFactor, secondFactorFrom }, db, policy }) {
    if (secondFactor !== 'policy' && policy.secondFactor === 'not offered') throw refuse('second_factor_not_offered')
    const settings = { name, second_factor: secondFactor, second_factor_from: secondFactorFrom }
    return one(db.updateTable('workspace').set(settings).returning(columns))
  },
})
