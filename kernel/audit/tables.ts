// Written by `npm run tables` from the live schema. Do not edit.
import type { Columns, RowsOf } from '../contract/columns.ts'

export const tables = {
  entry: {
    workspace_id: 'uuid default',
    id: 'uuid default',
    created_at: 'timestamptz default',
    xid: 'xid8 default',
    at: 'timestamptz default',
    action: 'text',
    actor_kind: 'text',
    actor_id: 'text',
    actor_name: 'text',
    address: 'text null',
    user_agent: 'text null',
    request_id: 'text',
    target: 'text null',
    outcome: 'text default',
    input: 'jsonb',
  },
} as const satisfies Columns

export type Tables = RowsOf<typeof tables>
