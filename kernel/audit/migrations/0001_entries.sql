-- Who did what, from where, to which record, and what changed: written in the same transaction as the change itself.

create table entry (
  like workspace_row including all,
  xid        xid8  not null default pg_current_xact_id(),
  at         timestamptz not null default clock_timestamp(),
  action     text  not null,
  actor_kind text  not null check (actor_kind in ('key', 'person', 'job', 'system')),
  actor_id   text  not null,
  actor_name text  not null,
  address    text,
  user_agent text,
  request_id text  not null,
  target     text,
  outcome    text  not null default 'done',
  input      jsonb not null
);
create index entry_by_target on entry (workspace_id, target, id desc);
