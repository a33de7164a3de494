-- The workspace as its own people know it, and the keys that open it.

create table workspace (
  like workspace_row including all,
  name text not null check (length(name) between 1 and 200),
  constraint workspace_is_itself check (id = workspace_id)
);

-- A key's secret is never here: only what its owner recognises it by, and a hash to find it with.
create table key (
  like workspace_row including all,
  name         text not null check (length(name) between 1 and 200),
  role         text not null,
  prefix       text not null,
  hash         text not null check (hash ~ '^[0-9a-f]{64}$'),
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz,
  -- A key has one successor at most; its own end is the end of the time of grace.
  replaced_at  timestamptz,
  unique (workspace_id, hash)
);

-- How often rights in a workspace have changed: every process watches it and forgets what it had remembered.
create table epoch (
  like workspace_row including all,
  n          bigint      not null default 1,
  changed_at timestamptz not null default clock_timestamp(),
  unique (workspace_id)
);
create index epoch_changed_at on epoch (workspace_id, changed_at);

create function key_changed() returns trigger language plpgsql as $$
begin
  if tg_op <> 'UPDATE'
    or (new.role, new.hash, new.expires_at, new.revoked_at) is distinct
      from (old.role, old.hash, old.expires_at, old.revoked_at)
  then
    insert into identity.epoch (workspace_id) values (coalesce(new.workspace_id, old.workspace_id))
      on conflict (workspace_id) do update set n = epoch.n + 1, changed_at = clock_timestamp();
  end if;
  return null;
end $$;
create trigger key_changed after insert or update or delete on key for each row execute function key_changed();
