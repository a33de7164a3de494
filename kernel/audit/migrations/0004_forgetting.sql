-- What has to be forgotten, how long the log is kept, what remains of it afterwards, and when nothing may go at all.

-- Somebody is to be forgotten, as far as the entry that asked for it: what comes after that is another matter. The
-- log's keeper notes here how far it has come, and which ids and words it looks for; these go when it is done.
create table erasure (
  like workspace_row including all,
  subject  uuid    not null,
  reason   text    check (length(reason) between 1 and 2000),
  asked_by text    not null,
  ids      text[]  not null,
  words    text[]  not null default '{}',
  -- Whether all ids and words are known; then entries are gone through once more, to forget.
  known    boolean not null default false,
  epoch    integer not null default 0,
  seq      bigint  not null default 0,
  -- In how many entries it was forgotten who it was, and what was said.
  who      integer not null default 0,
  what     integer not null default 0,
  done_at  timestamptz
);
create unique index erasure_under_way on erasure (workspace_id, subject) where done_at is null;

-- A workspace that is in a dispute keeps everything until whoever is responsible lets it go.
create table hold (
  like workspace_row including all,
  reason           text not null check (length(reason) between 1 and 2000),
  placed_by        text not null,
  released_at      timestamptz,
  released_by      text,
  released_because text check (length(released_because) between 1 and 2000)
);
create index hold_open on hold (workspace_id) where released_at is null;

-- For how long a workspace wants its entries, where that is longer than the edition's policy.
create table retention (
  like workspace_row including all,
  months integer not null check (months between 1 and 120),
  constraint retention_is_of_the_workspace check (id = workspace_id)
);

-- What remains of entries that were removed: how many there were.
create table total (
  like workspace_row including all,
  month      date   not null,
  action     text   not null,
  outcome    text   not null,
  actor_kind text   not null,
  entries    bigint not null check (entries > 0),
  unique (workspace_id, month, action, outcome, actor_kind)
);
alter table total drop column created_at;

-- In one workspace one transaction at a time forgets, or forbids it: whoever comes second sees what the first did.
create function take_turn(workspace uuid) returns void language sql as $$
  select pg_advisory_xact_lock(hashtextextended('audit ' || workspace::text, 0))
$$;

create function hold_in_turn() returns trigger language plpgsql as $$
begin
  perform audit.take_turn(new.workspace_id);
  return new;
end $$;
create trigger hold_in_turn before insert on hold for each row execute function hold_in_turn();

-- Whoever it is that forgets: while a hold is open nothing goes.
create function nothing_held() returns trigger language plpgsql as $$
declare
  one uuid;
begin
  for one in select distinct workspace_id from gone order by 1 loop
    perform audit.take_turn(one);
    if exists (select from audit.hold h where h.workspace_id = one and h.released_at is null) then
      raise exception 'the log of workspace % is held', one using errcode = '55000';
    end if;
  end loop;
  return null;
end $$;
create trigger nothing_held_changed after update on entry referencing old table as gone
  for each statement execute function nothing_held();
create trigger nothing_held_removed after delete on entry referencing old table as gone
  for each statement execute function nothing_held();
create trigger nothing_held_changed after update on leaf referencing old table as gone
  for each statement execute function nothing_held();
create trigger nothing_held_removed after delete on leaf referencing old table as gone
  for each statement execute function nothing_held();
