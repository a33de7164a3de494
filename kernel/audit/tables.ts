// Written by `npm run tables` from the live schema. Do not edit.
import type { Columns, RowsOf } from '../contract/columns.ts'

export const tables = {
  entry: {
    workspace_id: 'uuid default',
    id: 'uuid default',
    xid: 'xid8 default',
    at: 'timestamptz default',
    action: 'text',
    actor_kind: 'text',
    actor_id: 'text',
    actor_name: 'text null',
    address: 'text null',
    user_agent: 'text null',
    request_id: 'text',
    target: 'text null',
    outcome: 'text default',
    input: 'jsonb null',
    changes: 'jsonb null',
  },
  leaf: {
    workspace_id: 'uuid default',
    id: 'uuid default',
    epoch: 'integer',
    seq: 'bigint',
    index: 'bigint',
    hash: 'bytea',
    who: 'bytea',
    what: 'bytea',
    who_salt: 'bytea null',
    what_salt: 'bytea null',
  },
  log: {
    workspace_id: 'uuid default',
    id: 'uuid default',
    epoch: 'integer',
    origin: 'text',
    public_key: 'text',
    secret: 'secret',
    size: 'bigint default',
    root: 'bytea',
    xid: 'xid8 default',
    entry_id: 'uuid default',
    checkpoint: 'text null',
    signed_at: 'timestamptz null',
  },
  tile: {
    workspace_id: 'uuid default',
    id: 'uuid default',
    epoch: 'integer',
    level: 'integer',
    n: 'bigint',
    hashes: 'bytea',
  },
} as const satisfies Columns

export type Tables = RowsOf<typeof tables>
