-- Work that was asked for in a transaction and is done after it: the row is there if and only if that transaction
-- committed, and it goes in the transaction in which the work is done, so a job takes effect once however often it is
-- tried.

create table job (
  like workspace_row including all,
  name        text        not null,
  input       jsonb       not null,
  request_id  text        not null,
  asked_by    text        not null,
  run_at      timestamptz not null default now(),
  attempts    integer     not null default 0,
  last_error  text
);
create index job_due on job (workspace_id, run_at);
