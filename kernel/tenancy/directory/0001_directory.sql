-- The control database: which workspace lives in which realm. Nothing of anyone's data.

create table deployment (
  only_one   boolean     primary key default true check (only_one),
  id         uuid        not null default gen_random_uuid(),
  edition    text        not null,
  created_at timestamptz not null default now()
);

-- The secret is the password of the realm's own login, sealed by the vault.
create table realm (
  id         uuid        primary key default gen_random_uuid(),
  kind       text        not null check (kind in ('pool', 'database')),
  database   text        not null unique,
  login      text        not null,
  secret     text        not null,
  -- The migrations it has seen.
  digest     text        not null,
  created_at timestamptz not null default now()
);

create table workspace (
  id         uuid        primary key,
  realm_id   uuid        not null references realm,
  canary     text        check (canary in ('north', 'south')),
  created_at timestamptz not null default now()
);

-- The rows that were planted in a canary, by the name under which examples ask for them.
create table planted (
  workspace_id uuid not null references workspace on delete cascade,
  thing        text not null,
  value        text not null,
  primary key (workspace_id, thing)
);
