-- What happened, once, in the same transaction. Deliveries to whoever listens are made from here.

create table outbox (
  like workspace_row including all,
  event   text  not null,
  subject text,
  payload jsonb not null
);
