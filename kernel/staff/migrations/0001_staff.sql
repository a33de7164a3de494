-- The people who run the platform, in the control database: none of them is a person of any realm, and nobody of a
-- realm is one of them. Rows are added and taken away, never changed.

create table person (
  id         uuid        primary key default gen_random_uuid(),
  name       text        not null check (length(name) between 1 and 200),
  email_key  text        not null unique,
  password   text        not null,
  app        text        not null,
  created_at timestamptz not null default now()
);

-- Whoever is to become one: what their app holds is made with the invitation, so that there is no moment without it.
create table invitation (
  hash       text        primary key check (hash ~ '^[0-9a-f]{64}$'),
  name       text        not null,
  email_key  text        not null,
  app        text        not null,
  expires_at timestamptz not null
);

-- A code is used by the row that says so: of two who show it, one finds the row there already.
create table used_step (
  person_id uuid   not null references person on delete cascade,
  step      bigint not null,
  primary key (person_id, step)
);

create table session (
  hash       text        primary key check (hash ~ '^[0-9a-f]{64}$'),
  person_id  uuid        not null references person on delete cascade,
  expires_at timestamptz not null,
  address    text,
  user_agent text,
  created_at timestamptz not null default now()
);
