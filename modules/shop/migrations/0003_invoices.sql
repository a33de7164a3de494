-- Invoices and their lines. The rules that an auditor asks for are kept here, under every program that may write.

-- One row for each series and year holds the last number given: whoever issues locks it until commit, so a number is
-- given once, and one that is rolled back is given again.
create table invoice_series (
  like workspace_row including all,
  series      text    not null,
  year        integer not null,
  last_number integer not null,

  constraint invoice_series_once unique (workspace_id, series, year),
  constraint invoice_series_counts check (last_number > 0)
);

create table invoice (
  like workspace_row including all,
  customer_id   uuid        not null,
  -- As it stood when the invoice was issued: a customer who marries does not change last year's papers.
  customer_name text        not null,
  currency      text        not null,
  series        text        not null,
  status        text        not null,
  year          integer,
  number        integer,
  issued_on     date,
  voided_on     date,
  void_reason   text,
  note          text,
  taxable_minor minor_units not null,
  tax_minor     minor_units not null,
  total_minor   minor_units not null,

  constraint invoice_customer foreign key (workspace_id, customer_id) references customer (workspace_id, id),
  constraint invoice_number_once unique (workspace_id, series, year, number),
  constraint invoice_currency check (currency ~ '^[A-Z]{3}$'),
  constraint invoice_series_name check (series ~ '^[A-Z0-9]{1,8}$'),
  constraint invoice_amounts check (
    taxable_minor >= 0 and tax_minor >= 0 and total_minor = taxable_minor + tax_minor
  ),
  -- A draft has no number; a void invoice keeps its own and says why.
  constraint invoice_status check (
    status = 'draft' and num_nonnulls(year, number, issued_on, voided_on, void_reason) = 0
    or status = 'issued' and num_nulls(year, number, issued_on) = 0 and num_nonnulls(voided_on, void_reason) = 0
    or status = 'void' and num_nulls(year, number, issued_on, voided_on, void_reason) = 0
  )
);
create index invoice_of_customer on invoice (workspace_id, customer_id, id);

create table invoice_line (
  like workspace_row including all,
  invoice_id         uuid        not null,
  position           integer     not null,
  description        text        not null,
  metal              text        not null,
  purity             integer     not null,
  weight_mg          integer     not null,
  -- Copied from the rate of the moment, so that tomorrow's rate says nothing about today's papers.
  rate_minor         minor_units not null,
  wastage_per_mille  integer     not null,
  making_minor       minor_units not null,
  stones_minor       minor_units not null,
  discount_minor     minor_units not null,
  tax_per_mille      integer     not null,
  metal_minor        minor_units not null,
  wastage_minor      minor_units not null,
  taxable_minor      minor_units not null,
  tax_minor          minor_units not null,
  total_minor        minor_units not null,

  constraint invoice_line_invoice foreign key (workspace_id, invoice_id) references invoice (workspace_id, id),
  constraint invoice_line_once unique (workspace_id, invoice_id, position),
  constraint invoice_line_position check (position between 1 and 100),
  constraint invoice_line_metal check (metal in ('gold', 'silver', 'platinum')),
  constraint invoice_line_purity check (purity between 1 and 1000),
  constraint invoice_line_weight check (weight_mg >= 0),
  constraint invoice_line_shares check (wastage_per_mille between 0 and 1000 and tax_per_mille between 0 and 1000),
  constraint invoice_line_signs check (
    least(rate_minor, making_minor, stones_minor, discount_minor) >= 0
    and least(metal_minor, wastage_minor, taxable_minor, tax_minor) >= 0
  ),
  constraint invoice_line_adds_up check (
    taxable_minor = metal_minor + wastage_minor + making_minor + stones_minor - discount_minor
    and total_minor = taxable_minor + tax_minor
  )
);
