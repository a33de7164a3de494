-- What a shop has settled for all its papers, from a day on: who it is, how it rounds, and what is taxed at how much.
-- Like rates these rows are only ever added, so that what was in effect on a day can be asked for ever after.

create table setting (
  like workspace_row including all,
  effective_on             date        not null,
  name                     text        not null,
  address                  text        not null,
  tax_number               text,
  currency                 text        not null,
  -- The month in which numbers begin again at one.
  year_starts_in           integer     not null,
  -- A total is rounded to whole multiples of this; one minor unit is no rounding.
  round_off_minor          minor_units not null,
  prices_include_tax       boolean     not null,
  -- What may be let off without a manager; without a limit where there is none.
  discount_limit_per_mille integer,
  estimate_days            integer     not null,

  constraint setting_currency check (currency ~ '^[A-Z]{3}$'),
  constraint setting_year check (year_starts_in between 1 and 12),
  constraint setting_round_off check (round_off_minor between 1 and 1000000),
  constraint setting_discount_limit check (discount_limit_per_mille between 0 and 1000),
  constraint setting_estimate_days check (estimate_days between 1 and 365)
);
create index setting_in_effect on setting (workspace_id, effective_on desc, created_at desc, id desc);

create table tax (
  like workspace_row including all,
  effective_on date    not null,
  component    text    not null,
  -- Whether the goods stay within the seller's state or country, or go across its border.
  place        text    not null,
  name         text    not null,
  -- What the goods or the work are called by the tax office, an HSN or SAC.
  code         text,
  per_million  integer not null,

  constraint tax_component check (component in ('metal', 'making', 'stones')),
  constraint tax_place check (place in ('within', 'across')),
  constraint tax_rate check (per_million between 0 and 1000000)
);
create index tax_in_effect on tax (workspace_id, component, place, name, effective_on desc, created_at desc, id desc);

-- What each line of a paper owes of each tax.
create table invoice_tax (
  like workspace_row including all,
  invoice_id    uuid        not null,
  line          integer     not null,
  position      integer     not null,
  component     text        not null,
  name          text        not null,
  code          text,
  per_million   integer     not null,
  taxable_minor minor_units not null,
  tax_minor     minor_units not null,

  constraint invoice_tax_invoice foreign key (workspace_id, invoice_id) references invoice (workspace_id, id),
  constraint invoice_tax_line foreign key (workspace_id, invoice_id, line)
    references invoice_line (workspace_id, invoice_id, position),
  constraint invoice_tax_once unique (workspace_id, invoice_id, position),
  constraint invoice_tax_component check (component in ('metal', 'making', 'stones', 'whole')),
  constraint invoice_tax_signs check (per_million between 0 and 1000000 and least(taxable_minor, tax_minor) >= 0)
);

alter table invoice
  add column place text not null default 'within',
  add column round_off_minor minor_units not null default 0,
  drop constraint invoice_amounts,
  add constraint invoice_place check (place in ('within', 'across')),
  add constraint invoice_amounts check (
    least(taxable_minor, tax_minor, total_minor) >= 0 and total_minor = taxable_minor + tax_minor + round_off_minor
  );

-- A line without a tax of its own is taxed by its parts. Where prices include the tax, what is included is not taxable.
alter table invoice_line
  alter column tax_per_mille drop not null,
  add column making_fixed_minor minor_units not null default 0,
  add column making_per_gram_minor minor_units not null default 0,
  add column making_per_mille integer not null default 0,
  add column included_minor minor_units not null default 0,
  drop constraint invoice_line_adds_up,
  add constraint invoice_line_making check (
    least(making_fixed_minor, making_per_gram_minor) >= 0 and making_per_mille between 0 and 1000
  ),
  add constraint invoice_line_adds_up check (
    included_minor in (0, tax_minor)
    and taxable_minor = metal_minor + wastage_minor + making_minor + stones_minor - discount_minor - included_minor
    and total_minor = taxable_minor + tax_minor
  );

create or replace function keep_invoice_sum() returns trigger language plpgsql as $$
declare
  lines record;
  taxes record;
begin
  select count(*) as count, sum(taxable_minor) as taxable, sum(tax_minor) as tax, sum(total_minor) as total
    into lines from shop.invoice_line where workspace_id = new.workspace_id and invoice_id = new.id;
  select count(*) as count, sum(tax_minor) as tax
    into taxes from shop.invoice_tax where workspace_id = new.workspace_id and invoice_id = new.id;
  if lines.count = 0
    or (lines.taxable, lines.tax, lines.total + new.round_off_minor)
      <> (new.taxable_minor, new.tax_minor, new.total_minor)
    or taxes.count > 0 and taxes.tax <> new.tax_minor
  then
    raise check_violation using constraint = 'invoice_does_not_add_up';
  end if;
  return new;
end $$;

-- What a line owes of each tax is as final as its lines.
create function keep_tax_final() returns trigger language plpgsql as $$
declare
  tax shop.invoice_tax;
  state text;
begin
  foreach tax in array array[old, new] loop
    select status into state from shop.invoice
      where workspace_id = tax.workspace_id and id = tax.invoice_id for share;
    if state <> 'draft' then
      raise check_violation using constraint = 'invoice_is_' || state;
    end if;
  end loop;
  return coalesce(new, old);
end $$;

create trigger keep_final before insert or update or delete on invoice_tax for each row
  execute function keep_tax_final();
