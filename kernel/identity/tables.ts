// Written by `npm run tables` from the live schema. Do not edit.
import type { Columns, RowsOf } from '../contract/columns.ts'

export const tables = {
  epoch: {
    workspace_id: 'uuid default',
    id: 'uuid default',
    created_at: 'timestamptz default',
    n: 'bigint default',
    changed_at: 'timestamptz default',
  },
  key: {
    workspace_id: 'uuid default',
    id: 'uuid default',
    created_at: 'timestamptz default',
    name: 'text',
    role: 'text',
    prefix: 'text',
    hash: 'text',
    expires_at: 'timestamptz null',
    revoked_at: 'timestamptz null',
    last_used_at: 'timestamptz null',
    replaced_at: 'timestamptz null',
  },
  workspace: {
    workspace_id: 'uuid default',
    id: 'uuid default',
    created_at: 'timestamptz default',
    name: 'text',
  },
} as const satisfies Columns

export type Tables = RowsOf<typeof tables>
