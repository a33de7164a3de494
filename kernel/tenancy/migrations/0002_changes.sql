-- What a transaction changes, noted by the tables themselves: whoever records the change finds it here, whichever
-- statement made it and however many rows it touched.

-- What opens something: a digest or a sealed text. What a table notes of it is that it was there.
create domain secret as text;

-- What was noted belongs to the workspace whose rows changed: an entry of another must never tell of it. A transaction
-- that goes from one workspace to the next has to have recorded what it did in the first.

create function insist_on_own_changes() returns void language plpgsql as $$
declare
  here constant text := coalesce(current_setting('app.workspace', true), '');
begin
  if coalesce(current_setting('app.changes', true), '') <> '' and current_setting('app.changes_in', true) <> here then
    raise exception 'what changed in one workspace would be told in the log of another' using errcode = '55000';
  end if;
  perform set_config('app.changes_in', here, true);
end $$;

-- For each statement, since one that touches a thousand rows would otherwise copy what was noted a thousand times. Rows
-- of the lobby belong to people and not to a workspace. `hidden` are the columns whose type is secret. No row gets
-- another id, under which nobody would find what it was before; `n.*` is the row, whatever its columns are called.
create function note_change() returns trigger language plpgsql as $$
#variable_conflict use_variable
declare
  lobby  constant uuid := '00000000-0000-0000-0000-000000000000';
  name   constant text := tg_table_schema || '.' || tg_table_name;
  hidden constant text[] := tg_argv;
  noted  constant text := coalesce(current_setting('app.changes', true), '');
  found  text;
  moved  boolean := false;
begin
  if tg_op = 'INSERT' then
    select string_agg(concat('{"of":"', name, '","id":"', n.id, '","before":null,"after":',
      tenancy.row_without(row_to_json(n.*), hidden), '}'), ',')
    into found from new_rows n where n.workspace_id <> lobby;
  elsif tg_op = 'DELETE' then
    select string_agg(concat('{"of":"', name, '","id":"', o.id, '","before":',
      tenancy.row_without(row_to_json(o.*), hidden), ',"after":null}'), ',')
    into found from old_rows o where o.workspace_id <> lobby;
  else
    select string_agg(concat('{"of":"', name, '","id":"', n.id, '",', d.fields, '}'), ',')
      filter (where d.fields is not null), bool_or(o.id is null)
    into found, moved from new_rows n left join old_rows o using (workspace_id, id)
    left join lateral (
      select concat('"before":', jsonb_object_agg(key, case when key = any(hidden) then '"[secret]"' else a.value end),
        ',"after":', jsonb_object_agg(key, case when key = any(hidden) then '"[secret]"' else b.value end)) as fields
      from jsonb_each(to_jsonb(o.*)) a join jsonb_each(to_jsonb(n.*)) b using (key) where a.value <> b.value
      having count(*) > 0
    ) d on true
    where n.workspace_id <> lobby;
  end if;
  if moved then raise exception '% gives a row another id', name using errcode = '55000'; end if;
  if found is null then return null; end if;
  perform tenancy.insist_on_own_changes();
  if length(noted) + length(found) > 8000000 then
    raise exception 'one act changes more than its entry can hold' using errcode = '54000';
  end if;
  perform set_config('app.changes', concat_ws(',', nullif(noted, ''), found), true);
  return null;
end $$;

-- Columns without a value say nothing, and of a secret one only that it has one.
create function row_without(whole json, hidden text[]) returns text language sql immutable parallel safe return
  case when cardinality(hidden) = 0 then json_strip_nulls(whole)::text
    else (select jsonb_object_agg(key, case when key = any(hidden) then '"[secret]"' else value end)::text
      from jsonb_each(jsonb_strip_nulls(whole::jsonb))) end;

-- What was noted since it was taken last: two entries of one transaction do not both tell of the same change.
create function take_changes() returns jsonb language plpgsql as $$
declare
  noted constant text := coalesce(current_setting('app.changes', true), '');
begin
  if noted = '' then return null; end if;
  perform tenancy.insist_on_own_changes();
  perform set_config('app.changes', '', true);
  return concat('[', noted, ']')::jsonb;
end $$;
