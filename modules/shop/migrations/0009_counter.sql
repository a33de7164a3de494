-- A counter's day: what lay in the drawer, what went in and out, what was counted. And the stock, counted by its tags.

create table till_day (
  like workspace_row including all,
  counter          text        not null,
  currency         text        not null,
  opened_on        date        not null,
  float_minor      minor_units not null,
  opened_by        text        not null,
  closed_at        timestamptz,
  expected_minor   minor_units,
  counted_minor    minor_units,
  difference_minor minor_units,
  note             text,
  closed_by        text,

  constraint till_day_currency check (currency ~ '^[A-Z]{3}$'),
  constraint till_day_float check (float_minor >= 0 and counted_minor >= 0),
  constraint till_day_closed check (
    num_nonnulls(closed_at, expected_minor, counted_minor, difference_minor, closed_by) = 0
    or num_nulls(closed_at, expected_minor, counted_minor, difference_minor, closed_by) = 0
      and difference_minor = counted_minor - expected_minor
  )
);
-- A counter has one open day: of two who open it, one is told so.
create unique index till_is_open on till_day (workspace_id, counter) where closed_at is null;
create index till_day_by_day on till_day (workspace_id, opened_on, id);

create table till_count (
  like workspace_row including all,
  till_day_id        uuid        not null,
  denomination_minor minor_units not null,
  pieces             integer     not null,

  constraint till_count_day foreign key (workspace_id, till_day_id) references till_day (workspace_id, id),
  constraint till_count_once unique (workspace_id, till_day_id, denomination_minor),
  constraint till_count_signs check (denomination_minor > 0 and pieces >= 0)
);
create trigger keep_as_written before update or delete on till_count for each row execute function keep_as_written();

create function keep_day_closed() returns trigger language plpgsql as $$
begin
  if old.closed_at is not null or tg_op = 'DELETE' then
    raise check_violation using constraint = 'till_is_closed';
  end if;
  return new;
end $$;
create trigger keep_day_closed before update or delete on till_day for each row execute function keep_day_closed();

alter table payment
  add column till_day_id uuid,
  add constraint payment_till_day foreign key (workspace_id, till_day_id) references till_day (workspace_id, id);
create index payment_of_till_day on payment (workspace_id, till_day_id) where till_day_id is not null;

create table stock_take (
  like workspace_row including all,
  location    text,
  status      text not null default 'open',
  begun_by    text not null,
  approved_by text,
  approved_at timestamptz,
  note        text,

  constraint stock_take_status check (
    status = 'open' and num_nonnulls(approved_by, approved_at) = 0
    or status = 'approved' and num_nulls(approved_by, approved_at) = 0
  )
);
-- One at a time of each place: two would each miss what the other found.
create unique index stock_take_is_open on stock_take (workspace_id, (coalesce(location, ''))) where status = 'open';

create table stock_take_tag (
  like workspace_row including all,
  stock_take_id uuid not null,
  tag           text not null,
  by_name       text not null,

  constraint stock_take_tag_of foreign key (workspace_id, stock_take_id) references stock_take (workspace_id, id),
  constraint stock_take_tag_once unique (workspace_id, stock_take_id, tag)
);

-- What an approved one came to, kept as it was seen.
create table stock_take_variance (
  like workspace_row including all,
  stock_take_id uuid not null,
  tag           text not null,
  variance      text not null,
  piece_id      uuid,

  constraint stock_take_variance_of foreign key (workspace_id, stock_take_id) references stock_take (workspace_id, id),
  constraint stock_take_variance_piece foreign key (workspace_id, piece_id) references piece (workspace_id, id),
  constraint stock_take_variance_once unique (workspace_id, stock_take_id, tag),
  constraint stock_take_variance_word check (variance in ('missing', 'unknown', 'elsewhere', 'sold', 'out'))
);
create trigger keep_as_written before update or delete on stock_take_variance for each row
  execute function keep_as_written();

create function keep_stock_take_closed() returns trigger language plpgsql as $$
begin
  if old.status = 'approved' or tg_op = 'DELETE' then
    raise check_violation using constraint = 'stock_take_is_over';
  end if;
  return new;
end $$;
create trigger keep_stock_take_closed before update or delete on stock_take for each row
  execute function keep_stock_take_closed();
