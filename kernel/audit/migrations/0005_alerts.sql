-- What in the log deserves a look, found by rules, and how far they have looked.

create table alert (
  like workspace_row including all,
  rule     text        not null,
  severity text        not null check (severity in ('notice', 'warning', 'alarm')),
  -- On whose account it goes: a person, a key, one of the staff, or an address.
  subject  text        not null,
  from_at  timestamptz not null,
  to_at    timestamptz not null check (to_at >= from_at),
  times    bigint      not null check (times > 0),
  -- What it rests on, up to a hundred.
  entries  text[]      not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  note            text
);
create index alert_of on alert (workspace_id, to_at);

-- The last leaf of the realm that was looked at. It lies under the id that no workspace has.
create table watch (
  like workspace_row including all,
  epoch integer not null default 0,
  index bigint  not null default -1,
  unique (workspace_id)
);
alter table watch drop column created_at;
create index leaf_in_order on leaf (epoch, index);
-- What rules count over a while, as the statement that looks for it says.
create index entry_counted on entry (workspace_id, at) where outcome <> 'done' or action like '%.export';
