-- What was answered to a request that carried an Idempotency-Key, so that asking again changes nothing again.

create table answer (
  like workspace_row including all,
  actor       text not null,
  operation   text not null,
  key         text not null,
  fingerprint text not null,
  body        text not null,
  unique (workspace_id, actor, operation, key)
);
create index answer_created_at on answer (workspace_id, created_at);
