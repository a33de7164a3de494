-- What a workspace lets the platform's staff do: a role, until a day, and no longer than it likes. Nobody of the staff
-- comes in without one, and every visit stands here and in the workspace's log.

create table support_grant (
  like workspace_row including all,
  role       text        not null,
  note       text        not null check (length(note) between 1 and 2000),
  until      timestamptz not null,
  granted_by text        not null,
  revoked_at timestamptz
);

create table support_visit (
  like workspace_row including all,
  grant_id   uuid        not null,
  staff_id   text        not null,
  staff_name text        not null,
  reason     text        not null check (length(reason) between 1 and 2000),
  expires_at timestamptz not null,
  ended_at   timestamptz,
  foreign key (workspace_id, grant_id) references support_grant (workspace_id, id) on delete cascade
);

create trigger support_grant_changed after update or delete on support_grant
  for each row execute function rights_changed();
create trigger support_visit_changed after update or delete on support_visit
  for each row execute function rights_changed();
