-- What every table of a workspace is made like, and the one function that says which workspace this is.

-- Unset and empty are no workspace at all; anything that is not a workspace's id is an error. Never an escape for
-- administrators: whoever needs more uses another role. Plain SQL, so that the planner puts it inside the index
-- condition.
create function current_workspace() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('app.workspace', true), '')::uuid;

-- Ids that sort by the time they were made (version 7), by the server's own function where it has one.
do $$ begin
  if current_setting('server_version_num')::int >= 180000 then
    create function new_id() returns uuid language sql volatile parallel safe return uuidv7();
  else
    create function new_id() returns uuid language sql volatile parallel safe return
      encode(
        set_byte(
          overlay(
            uuid_send(gen_random_uuid())
            placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
            from 1 for 6
          ),
          6, (get_byte(uuid_send(gen_random_uuid()), 6) & 15) | 112
        ),
        'hex'
      )::uuid;
  end if;
end $$;

-- Money is whole minor units, and never more than JavaScript and JSON can carry exactly.
create domain minor_units as bigint check (value between -9007199254740991 and 9007199254740991);

create table workspace_row (
  workspace_id uuid        not null default current_workspace(),
  id           uuid        not null default new_id(),
  created_at   timestamptz not null default now(),
  primary key (workspace_id, id)
);
