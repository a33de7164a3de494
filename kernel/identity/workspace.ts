import { z } from 'zod'
import { operations } from '../contract/operation.ts'
import { one } from '../contract/rows.ts'
import { Id, Moment } from '../contract/values.ts'
import type { Tables } from './tables.ts'

const { query } = operations<Tables>()

export const get = query({
  summary: 'Show the workspace that the caller is in',
  input: z.strictObject({}),
  output: z.strictObject({ id: Id, name: z.string(), createdAt: Moment }),
  example: () => ({}),
  run: ({ db }) => one(db.selectFrom('workspace').select(['id', 'name', 'created_at as createdAt'])),
})
