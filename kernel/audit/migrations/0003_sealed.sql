-- What a change did to which rows, and the log that strangers can verify.

-- An entry is complete when it is written, but for what may have to be forgotten: who somebody was, and what was said.
alter table entry add column changes jsonb;
alter table entry drop column created_at;
alter table entry alter column actor_name drop not null;
alter table entry alter column input drop not null;
create index entry_by_actor on entry (workspace_id, actor_id, id desc);
-- In the order in which a reader can know that nothing is missing: by transaction, each of which is over.
create index entry_in_order on entry (xid, id);

-- One log for each realm, and a new one when what was written has been lost: it lies, like its tiles, under the id that
-- no workspace has. The private key is sealed by the vault.
create table log (
  like workspace_row including all,
  epoch      integer     not null check (epoch > 0),
  origin     text        not null,
  public_key text        not null,
  secret     tenancy.secret not null,
  size       bigint      not null default 0 check (size >= 0),
  root       bytea       not null,
  -- The last entry that is in it.
  xid        xid8        not null default '0',
  entry_id   uuid        not null default '00000000-0000-0000-0000-000000000000',
  -- The head, signed by the log and whoever else vouches for it.
  checkpoint text,
  signed_at  timestamptz,
  -- Why nothing more is signed, in a sentence for whoever runs this; until it is put right, or the next is opened.
  refused    text,
  closed_at  timestamptz,
  unique (workspace_id, epoch)
);
create unique index log_open on log (workspace_id) where closed_at is null;

-- Hashes of the tree, up to 256 of one level in a row (C2SP tlog-tiles); the last of each level grows.
create table tile (
  like workspace_row including all,
  epoch  integer not null,
  level  integer not null check (level >= 0),
  n      bigint  not null check (n >= 0),
  hashes bytea   not null check (octet_length(hashes) between 32 and 8192 and octet_length(hashes) % 32 = 0),
  unique (workspace_id, epoch, level, n)
);

-- The place of an entry in its workspace's sequence and in the tree, under the entry's own id, and what keeps it
-- provable once what it said is forgotten: with a salt each half of it is as good as unknown without its text.
create table leaf (
  like workspace_row including all,
  epoch     integer not null,
  seq       bigint  not null check (seq > 0),
  index     bigint  not null check (index >= 0),
  hash      bytea   not null check (octet_length(hash) = 32),
  who       bytea   not null check (octet_length(who) = 32),
  what      bytea   not null check (octet_length(what) = 32),
  who_salt  bytea   check (octet_length(who_salt) = 32),
  what_salt bytea   check (octet_length(what_salt) = 32),
  unique (workspace_id, epoch, seq)
);
alter table log drop column created_at;
alter table tile drop column created_at;
alter table leaf drop column created_at;
