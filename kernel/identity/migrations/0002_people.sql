-- People belong to a realm and not to one of its workspaces, so what is theirs stands in the lobby: a workspace that is
-- none, under an id that no workspace can have. Inside a workspace nobody sees the lobby, and from the lobby nobody
-- sees a workspace; only the ways in move from the one to the other.

create table person (
  like workspace_row including all,
  name        text not null check (length(name) between 1 and 200),
  email       text not null check (length(email) between 3 and 320),
  -- What all spellings of one address have in common.
  email_key   text not null,
  locale      text not null default 'en' check (locale in ('en', 'ar')),
  password    text,
  password_at timestamptz,
  disabled_at timestamptz,
  unique (workspace_id, email_key),
  constraint person_is_in_the_lobby check (workspace_id = '00000000-0000-0000-0000-000000000000')
);

-- The workspaces that somebody is a member of; as whom, the workspace itself knows.
create table belonging (
  like workspace_row including all,
  person_id uuid not null,
  member_of uuid not null,
  unique (workspace_id, person_id, member_of),
  foreign key (workspace_id, person_id) references person (workspace_id, id) on delete cascade,
  constraint belonging_is_in_the_lobby check (workspace_id = '00000000-0000-0000-0000-000000000000')
);

-- An authenticator app. Its secret is sealed; the last step it was used in may not come again, nor any before it.
create table factor (
  like workspace_row including all,
  person_id    uuid not null,
  secret       text not null,
  confirmed_at timestamptz,
  last_step    bigint not null default 0,
  foreign key (workspace_id, person_id) references person (workspace_id, id) on delete cascade,
  constraint factor_is_in_the_lobby check (workspace_id = '00000000-0000-0000-0000-000000000000')
);
create index factor_of_person on factor (workspace_id, person_id);

create table recovery_code (
  like workspace_row including all,
  person_id uuid not null,
  hash      text not null,
  used_at   timestamptz,
  unique (workspace_id, person_id, hash),
  foreign key (workspace_id, person_id) references person (workspace_id, id) on delete cascade,
  constraint recovery_code_is_in_the_lobby check (workspace_id = '00000000-0000-0000-0000-000000000000')
);

create table passkey (
  like workspace_row including all,
  person_id     uuid   not null,
  name          text   not null check (length(name) between 1 and 200),
  credential_id text   not null,
  public_key    text   not null,
  counter       bigint not null,
  transports    text[] not null default '{}',
  last_used_at  timestamptz,
  unique (workspace_id, credential_id),
  foreign key (workspace_id, person_id) references person (workspace_id, id) on delete cascade,
  constraint passkey_is_in_the_lobby check (workspace_id = '00000000-0000-0000-0000-000000000000')
);
create index passkey_of_person on passkey (workspace_id, person_id);

-- Whatever works once: a link that was mailed, a challenge, a sign-in that is half done. Only its hash is here, and it
-- is used up by the statement that finds it.
create table ticket (
  like workspace_row including all,
  purpose    text        not null,
  hash       text        not null check (hash ~ '^[0-9a-f]{64}$'),
  person_id  uuid,
  -- What it is about; never a secret.
  subject    jsonb       not null default '{}',
  attempts   integer     not null default 0,
  expires_at timestamptz not null,
  used_at    timestamptz,
  unique (workspace_id, hash),
  foreign key (workspace_id, person_id) references person (workspace_id, id) on delete cascade,
  constraint ticket_is_in_the_lobby check (workspace_id = '00000000-0000-0000-0000-000000000000')
);
create index ticket_of_person on ticket (workspace_id, person_id, purpose);
create index ticket_expires_at on ticket (workspace_id, expires_at);

-- From here on everything stands in the workspace itself.

-- Name and address are copies of the person's own, so that a workspace can show who its members are and nobody else.
create table member (
  like workspace_row including all,
  person_id  uuid    not null,
  name       text    not null,
  email      text    not null,
  roles      text[]  not null,
  state      text    not null default 'active' check (state in ('active', 'disabled', 'removed')),
  -- Whether they have a second factor that counts.
  has_factor boolean not null default false,
  invited_by text,
  unique (workspace_id, person_id),
  constraint member_is_in_no_lobby check (workspace_id <> '00000000-0000-0000-0000-000000000000')
);

create table invitation (
  like workspace_row including all,
  email        text        not null check (length(email) between 3 and 320),
  email_key    text        not null,
  roles        text[]      not null,
  hash         text        not null check (hash ~ '^[0-9a-f]{64}$'),
  inviter_id   text        not null,
  inviter_name text        not null,
  expires_at   timestamptz not null,
  accepted_at  timestamptz,
  revoked_at   timestamptz,
  unique (workspace_id, hash)
);

-- Roles that a workspace made for itself, beside those of the edition.
create table role (
  like workspace_row including all,
  key    text   not null check (key ~ '^[a-z][a-z0-9-]{0,59}$'),
  title  text   not null check (length(title) between 1 and 200),
  grants text[] not null,
  constraint role_exists unique (workspace_id, key)
);

-- A sign-in and all that follows from it. Its refresh token carries the number of its generation: the present one is
-- accepted and makes the next, the one before it only for a moment, and any other ends the session.
create table session (
  like workspace_row including all,
  person_id  uuid        not null,
  member_id  uuid        not null,
  generation integer     not null default 0,
  rotated_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at   timestamptz,
  ended_why  text,
  proofs     text[]      not null,
  -- When they last proved who they are, and when they did so with a second factor.
  proved_at  timestamptz not null default now(),
  strong_at  timestamptz,
  address    text,
  user_agent text,
  foreign key (workspace_id, member_id) references member (workspace_id, id) on delete cascade
);
create index session_of_person on session (workspace_id, person_id);

alter table key
  -- The person who made it: when they go, it goes.
  add made_by     uuid,
  -- Where it may do less than its role: these grants and no more.
  add narrowed_to text[];
create index key_made_by on key (workspace_id, made_by);

alter table workspace
  -- What this workspace demands beyond the edition's policy, and from when on.
  add second_factor      text not null default 'policy'
    check (second_factor in ('policy', 'administrators', 'everyone')),
  add second_factor_from timestamptz;

create or replace function key_changed() returns trigger language plpgsql as $$
begin
  if tg_op <> 'UPDATE'
    or (new.role, new.hash, new.expires_at, new.revoked_at, new.narrowed_to) is distinct
      from (old.role, old.hash, old.expires_at, old.revoked_at, old.narrowed_to)
  then
    insert into identity.epoch (workspace_id) values (coalesce(new.workspace_id, old.workspace_id))
      on conflict (workspace_id) do update set n = epoch.n + 1, changed_at = clock_timestamp();
  end if;
  return null;
end $$;

create function rights_changed() returns trigger language plpgsql as $$
begin
  insert into identity.epoch (workspace_id) values (coalesce(new.workspace_id, old.workspace_id))
    on conflict (workspace_id) do update set n = epoch.n + 1, changed_at = clock_timestamp();
  return null;
end $$;
create trigger member_changed after insert or update or delete on member
  for each row execute function rights_changed();
create trigger role_changed after insert or update or delete on role
  for each row execute function rights_changed();
create trigger workspace_changed after update on workspace
  for each row when (old.second_factor is distinct from new.second_factor
    or old.second_factor_from is distinct from new.second_factor_from)
  execute function rights_changed();
-- A sign-in changes nobody's rights, and a rotation neither; an end does.
create trigger session_ended after update on session
  for each row when (old.ended_at is distinct from new.ended_at or old.expires_at is distinct from new.expires_at)
  execute function rights_changed();
create trigger session_removed after delete on session
  for each row when (old.ended_at is null) execute function rights_changed();
