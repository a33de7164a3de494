-- What all processes count together. Every row is a debt that shrinks by one second in each second: an attempt adds to
-- it, and while it is too high there is no other. Keys are words and keyed hashes, never an address of anybody.

-- Attempts at what can be guessed, and mails that can be caused: kept over every restart.
create table attempt (
  key       text             primary key check (length(key) <= 120),
  tries     integer          not null check (tries >= 0),
  owed_s    double precision not null check (owed_s >= 0),
  at        timestamptz      not null,
  forget_at timestamptz      not null
);
create index attempt_forget_at on attempt (forget_at);

-- Networks from which an account came in: a stranger's tries elsewhere are none of theirs.
create table place (
  account text        not null check (length(account) <= 120),
  network text        not null check (length(network) <= 120),
  at      timestamptz not null,
  primary key (account, network)
);
create index place_at on place (at);

-- What requests cost, told about once a second. It only limits, and is a minute old at most, so a crash may take it.
create unlogged table usage (
  key      text             primary key check (length(key) <= 300),
  -- Below zero where something was given back; that is no debt and no credit.
  owed_s   double precision not null,
  window_s double precision not null,
  at       timestamptz      not null
);

-- A clock that was set back takes nothing away and adds nothing.
create function owed_s(owed_s double precision, at timestamptz, moment timestamptz) returns double precision
language sql immutable as $$
  select greatest(0, owed_s - greatest(0, extract(epoch from moment - at)))
$$;

-- The first tries cost the same; from there on each costs twice as much as the one before, up to a bound.
create function cost_s(tries integer, rule jsonb) returns double precision
language sql immutable as $$
  select (rule ->> 'each_s')::float
    * 2 ^ least((rule ->> 'doublings')::int, greatest(0, tries - (rule ->> 'burst')::int))
$$;

-- How long until there may be another; 0 is now.
create function wait_s(tries integer, owed_s double precision, forget_in_s double precision, rule jsonb)
returns double precision language sql immutable set search_path = limits, pg_temp as $$
  select case
    when forget_in_s <= 0 then 0
    when tries >= (rule ->> 'most')::int then forget_in_s
    else greatest(0, owed_s - greatest(0, (rule ->> 'burst')::int * (rule ->> 'each_s')::float - cost_s(tries, rule)))
  end
$$;

create function longest_wait_s(charges jsonb, moment timestamptz) returns double precision
language sql stable set search_path = limits, pg_temp as $$
  select coalesce(max(wait_s(
      one.tries, owed_s(one.owed_s, one.at, moment), extract(epoch from one.forget_at - moment)::float, rule)), 0)
  from jsonb_array_elements(charges) rule join attempt one on one.key = rule ->> 'key'
$$;

-- The charges that apply: a place that the account came from pays from its own budget, everybody else from another.
create function charges_for(charges jsonb, account text, network text) returns jsonb
language sql stable set search_path = limits, pg_temp as $$
  select jsonb_agg(charge order by charge ->> 'key') from jsonb_array_elements(charges) charge
  where charge ->> 'of' = 'all' or charge ->> 'of' = case
    when exists (select from place where place.account = $2 and place.network = $3) then 'place' else 'strangers' end
$$;

-- All charges or none, one caller after the other; answers how long to wait. What is refused costs nothing.
create function spend(charges jsonb, account text, network text, given timestamptz) returns double precision
language plpgsql security definer set search_path = limits, pg_temp as $$
declare
  due jsonb := charges_for(charges, account, network);
  keys text[] := array(select charge ->> 'key' from jsonb_array_elements(due) charge);
  moment timestamptz := coalesce(given, clock_timestamp());
  wait double precision := longest_wait_s(due, moment);
  locked integer;
begin
  if wait > 0 then return wait; end if;
  -- A row that is forgotten between the two statements is made again.
  loop
    insert into attempt select key, 0, 0, moment, moment from unnest(keys) key order by key on conflict do nothing;
    perform from attempt where key = any (keys) order by key for update;
    get diagnostics locked = row_count;
    exit when locked = cardinality(keys);
  end loop;
  moment := coalesce(given, clock_timestamp());
  wait := longest_wait_s(due, moment);
  if wait > 0 then
    delete from attempt where key = any (keys) and tries = 0;
    return wait;
  end if;
  update attempt one set tries = now.tries + 1, owed_s = now.owed_s, at = moment,
    forget_at = moment + make_interval(secs => now.owed_s + (rule ->> 'forget_s')::float)
  from jsonb_array_elements(due) rule
    join attempt before on before.key = rule ->> 'key'
    cross join lateral (select case when moment >= before.forget_at then 0 else before.tries end as tries) so_far
    cross join lateral (
      select so_far.tries, owed_s(before.owed_s, before.at, moment) + cost_s(so_far.tries, rule) as owed_s
    ) now
  where one.key = before.key;
  return 0;
end $$;

-- After a success: the budget that paid is as new, the network gets its one back, and the place is remembered.
create function forgive(charges jsonb, account text, network text, most_places integer) returns void
language plpgsql security definer set search_path = limits, pg_temp as $$
declare
  due jsonb := charges_for(charges, account, network);
begin
  perform from attempt where key in (select charge ->> 'key' from jsonb_array_elements(due) charge)
    order by key for update;
  delete from attempt using jsonb_array_elements(due) charge
    where key = charge ->> 'key' and charge ->> 'of' <> 'all';
  update attempt set owed_s = greatest(0, owed_s - (charge ->> 'each_s')::float)
    from jsonb_array_elements(due) charge where key = charge ->> 'key' and charge ->> 'of' = 'all';
  if most_places = 0 then return; end if;
  insert into place values ($2, $3, clock_timestamp())
    on conflict on constraint place_pkey do update set at = excluded.at;
  delete from place where place.account = $2 and place.network in (
    select other.network from place other where other.account = $2 order by other.at desc offset most_places);
end $$;

-- Adds what one process saw and tells what all have seen. More than two budgets of debt are not remembered.
create function share(spendings jsonb) returns table (key text, owed_s double precision)
language sql security definer set search_path = limits, pg_temp as $$
  insert into usage as known
  select spending ->> 'key', (spending ->> 'owed_s')::float, (spending ->> 'window_s')::float, clock_timestamp()
  from jsonb_array_elements(spendings) spending order by 1
  on conflict on constraint usage_pkey do update set at = clock_timestamp(), window_s = excluded.window_s,
    owed_s = least(2 * excluded.window_s, owed_s(known.owed_s, known.at, clock_timestamp()) + excluded.owed_s)
  returning known.key, greatest(0, known.owed_s)
$$;
