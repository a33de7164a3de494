-- What customers owe and are owed, in money and in fine metal: entries that are only ever added, each with the balance
-- after it. Above nothing the customer owes the shop, below it the shop owes the customer.

create table money_entry (
  like workspace_row including all,
  customer_id   uuid        not null,
  currency      text        not null,
  -- The entries of one ledger count from one, without a gap.
  n             integer     not null default 0,
  kind          text        not null,
  amount_minor  minor_units not null,
  balance_minor minor_units not null default 0,
  invoice_id    uuid,
  payment_id    uuid,
  note          text,
  by_name       text        not null,

  constraint money_entry_customer foreign key (workspace_id, customer_id) references customer (workspace_id, id),
  constraint money_entry_invoice foreign key (workspace_id, invoice_id) references invoice (workspace_id, id),
  constraint money_entry_once unique (workspace_id, customer_id, currency, n),
  constraint money_entry_currency check (currency ~ '^[A-Z]{3}$'),
  constraint money_entry_kind check (
    kind in ('invoice', 'credit', 'payment', 'refund', 'void', 'metal', 'adjustment')
  )
);

create table metal_entry (
  like workspace_row including all,
  customer_id uuid    not null,
  metal       text    not null,
  n           integer not null default 0,
  kind        text    not null,
  fine_mg     bigint  not null,
  balance_mg  bigint  not null default 0,
  old_gold_id uuid,
  note        text,
  by_name     text    not null,

  constraint metal_entry_customer foreign key (workspace_id, customer_id) references customer (workspace_id, id),
  constraint metal_entry_once unique (workspace_id, customer_id, metal, n),
  constraint metal_entry_metal check (metal in ('gold', 'silver', 'platinum')),
  constraint metal_entry_kind check (kind in ('received', 'returned', 'priced')),
  constraint metal_entry_bounds check (abs(balance_mg) <= 1000000000000)
);

-- Whoever writes into a customer's ledger waits for whoever is writing into it already, and goes on from there.
create function count_money() returns trigger language plpgsql as $$
declare
  last record;
begin
  perform from shop.customer where workspace_id = new.workspace_id and id = new.customer_id for no key update;
  select n, balance_minor into last from shop.money_entry
    where workspace_id = new.workspace_id and customer_id = new.customer_id and currency = new.currency
    order by n desc limit 1;
  new.n := coalesce(last.n, 0) + 1;
  new.balance_minor := coalesce(last.balance_minor, 0) + new.amount_minor;
  return new;
end $$;

create function count_metal() returns trigger language plpgsql as $$
declare
  last record;
begin
  perform from shop.customer where workspace_id = new.workspace_id and id = new.customer_id for no key update;
  select n, balance_mg into last from shop.metal_entry
    where workspace_id = new.workspace_id and customer_id = new.customer_id and metal = new.metal
    order by n desc limit 1;
  new.n := coalesce(last.n, 0) + 1;
  new.balance_mg := coalesce(last.balance_mg, 0) + new.fine_mg;
  return new;
end $$;

create trigger count_money before insert on money_entry for each row execute function count_money();
create trigger count_metal before insert on metal_entry for each row execute function count_metal();
create trigger keep_as_written before update or delete on money_entry for each row execute function keep_as_written();
create trigger keep_as_written before update or delete on metal_entry for each row execute function keep_as_written();

create table payment (
  like workspace_row including all,
  customer_id     uuid        not null,
  direction       text        not null,
  series          text        not null,
  year            integer     not null,
  number          integer     not null,
  currency        text        not null,
  total_minor     minor_units not null,
  -- Of what came in: what was used for invoices, and what was given back.
  allocated_minor minor_units not null default 0,
  refunded_minor  minor_units not null default 0,
  paid_on         date        not null,
  status          text        not null default 'taken',
  voided_on       date,
  void_reason     text,
  voided_by       text,
  -- The payment that a refund gives back, and the order that an advance is for.
  refund_of       uuid,
  order_id        uuid,
  note            text,
  by_id           text        not null,
  by_name         text        not null,

  constraint payment_customer foreign key (workspace_id, customer_id) references customer (workspace_id, id),
  constraint payment_original foreign key (workspace_id, refund_of) references payment (workspace_id, id),
  constraint payment_order foreign key (workspace_id, order_id) references invoice (workspace_id, id),
  constraint payment_number_once unique (workspace_id, direction, series, year, number),
  constraint payment_currency check (currency ~ '^[A-Z]{3}$'),
  constraint payment_direction check (
    direction = 'in' and refund_of is null
    or direction = 'out' and refund_of is not null and order_id is null and allocated_minor = 0 and refunded_minor = 0
  ),
  constraint payment_overspent check (
    total_minor > 0 and least(allocated_minor, refunded_minor) >= 0 and allocated_minor + refunded_minor <= total_minor
  ),
  constraint payment_status check (
    status = 'taken' and num_nonnulls(voided_on, void_reason) = 0
    or status = 'void' and num_nulls(voided_on, void_reason) = 0 and allocated_minor = 0 and refunded_minor = 0
  )
);
create index payment_of_customer on payment (workspace_id, customer_id, id);
create index payment_of_day on payment (workspace_id, paid_on, id);
create index payment_of_order on payment (workspace_id, order_id) where order_id is not null;
create index payment_open on payment (workspace_id, customer_id, id)
  where direction = 'in' and status = 'taken' and allocated_minor + refunded_minor < total_minor;

create table old_gold (
  like workspace_row including all,
  customer_id  uuid        not null,
  purpose      text        not null,
  metal        text        not null,
  gross_mg     integer     not null,
  deduction_mg integer     not null,
  net_mg       integer     not null,
  purity       integer     not null,
  fine_mg      integer     not null,
  currency     text,
  -- For one gram as it was tested.
  rate_minor   minor_units,
  value_minor  minor_units,
  -- The payment that it is part of.
  payment_id   uuid,
  note         text,
  by_name      text        not null,

  constraint old_gold_customer foreign key (workspace_id, customer_id) references customer (workspace_id, id),
  constraint old_gold_payment foreign key (workspace_id, payment_id) references payment (workspace_id, id),
  constraint old_gold_metal check (metal in ('gold', 'silver', 'platinum')),
  constraint old_gold_purity check (purity between 1 and 1000),
  constraint deduction_above_gross check (deduction_mg between 0 and gross_mg),
  constraint old_gold_net check (net_mg = gross_mg - deduction_mg and fine_mg between 0 and net_mg),
  constraint old_gold_purpose check (
    purpose in ('exchange', 'purchase') and num_nulls(currency, rate_minor, value_minor) = 0
    or purpose = 'deposit' and num_nonnulls(currency, rate_minor, value_minor, payment_id) = 0
  )
);
create index old_gold_of_customer on old_gold (workspace_id, customer_id, id);

create table payment_part (
  like workspace_row including all,
  payment_id   uuid        not null,
  position     integer     not null,
  way          text        not null,
  amount_minor minor_units not null,
  reference    text,
  old_gold_id  uuid,

  constraint payment_part_payment foreign key (workspace_id, payment_id) references payment (workspace_id, id),
  constraint payment_part_old_gold foreign key (workspace_id, old_gold_id) references old_gold (workspace_id, id),
  constraint payment_part_once unique (workspace_id, payment_id, position),
  constraint payment_part_way check (
    way in ('cash', 'card', 'bank', 'upi', 'old_gold') and (way = 'old_gold') = (old_gold_id is not null)
  ),
  constraint payment_part_amount check (amount_minor > 0)
);

-- What a payment does for an invoice; what it does no more is a row below nothing.
create table allocation (
  like workspace_row including all,
  payment_id   uuid        not null,
  invoice_id   uuid        not null,
  amount_minor minor_units not null,

  constraint allocation_payment foreign key (workspace_id, payment_id) references payment (workspace_id, id),
  constraint allocation_invoice foreign key (workspace_id, invoice_id) references invoice (workspace_id, id)
);
create index allocation_of_payment on allocation (workspace_id, payment_id, id);
create index allocation_of_invoice on allocation (workspace_id, invoice_id, id);

create trigger keep_as_written before update or delete on payment_part for each row execute function keep_as_written();
create trigger keep_as_written before update or delete on allocation for each row execute function keep_as_written();

alter table money_entry
  add constraint money_entry_payment foreign key (workspace_id, payment_id) references payment (workspace_id, id);
alter table metal_entry
  add constraint metal_entry_old_gold foreign key (workspace_id, old_gold_id) references old_gold (workspace_id, id);

create function keep_payment_final() returns trigger language plpgsql as $$
declare
  may_change constant text[] := '{status,voided_on,void_reason,voided_by,allocated_minor,refunded_minor}';
begin
  if old.status = 'void' then
    raise check_violation using constraint = 'payment_is_void';
  end if;
  if tg_op = 'DELETE' or to_jsonb(new) - may_change <> to_jsonb(old) - may_change then
    raise check_violation using constraint = 'written_once';
  end if;
  return new;
end $$;

create trigger keep_final before update or delete on payment for each row execute function keep_payment_final();

-- When all is written, the parts must make the whole.
create function keep_parts_sum() returns trigger language plpgsql as $$
begin
  if new.total_minor is distinct from (
    select sum(amount_minor) from shop.payment_part where workspace_id = new.workspace_id and payment_id = new.id
  ) then
    raise check_violation using constraint = 'payment_does_not_add_up';
  end if;
  return null;
end $$;

create constraint trigger keep_parts_sum after insert on payment deferrable initially deferred
  for each row execute function keep_parts_sum();
