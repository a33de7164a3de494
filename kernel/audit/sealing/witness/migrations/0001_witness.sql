-- What this deployment says as a witness of logs of others, in its control database.

-- The key that it signs with, sealed by the vault, and the name that the key has for good.
create table key (
  only_one   boolean     primary key default true check (only_one),
  name       text        not null check (length(name) between 1 and 255),
  public_key text        not null,
  secret     text        not null,
  created_at timestamptz not null default now()
);

-- The largest tree of each log that it has put its name to, and the note as it is shown.
create table seen (
  origin text        primary key check (length(origin) between 1 and 255),
  size   bigint      not null check (size >= 0),
  root   bytea       not null check (octet_length(root) = 32),
  note   text        not null check (length(note) <= 160000),
  at     timestamptz not null default clock_timestamp()
);

-- Remembers a tree in place of the one that it was shown to continue, or says that meanwhile there was another. Nothing
-- is signed before this has said yes.
create function advance(origin text, from_size bigint, from_root bytea, size bigint, root bytea, note text)
returns boolean language sql security definer set search_path = witness, pg_temp as $$
  with told as (
    insert into seen as known (origin, size, root, note)
      select $1, $4, $5, $6 where $2 = 0 or exists (select from seen where seen.origin = $1)
    on conflict on constraint seen_pkey do update
      set size = excluded.size, root = excluded.root, note = excluded.note, at = clock_timestamp()
      where known.size = $2 and known.root = $3
    returning known.origin
  )
  select exists (select from told)
$$;
