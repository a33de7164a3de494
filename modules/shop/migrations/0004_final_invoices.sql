-- An issued invoice is final: its lines stay as they are, and its only further change is to become void, for good.

-- The constraint that a refusal names is its public code, as with any check or unique key.
create function keep_invoice_final() returns trigger language plpgsql as $$
declare
  may_change constant text[] := '{status,voided_on,void_reason}';
begin
  if old.status = 'void' then
    raise check_violation using constraint = 'invoice_is_void';
  end if;
  if old.status = 'issued' and (
    tg_op = 'DELETE'
    or new.status <> 'void'
    or to_jsonb(new) - may_change <> to_jsonb(old) - may_change
  ) then
    raise check_violation using constraint = 'invoice_is_issued';
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  if old.status = 'draft' and new.status = 'void' then
    raise check_violation using constraint = 'invoice_is_draft';
  end if;
  return new;
end $$;

create trigger keep_final before update or delete on invoice for each row execute function keep_invoice_final();

-- Born a draft: a number is earned by issuing, never brought along.
create function keep_invoice_born() returns trigger language plpgsql as $$
begin
  if new.status <> 'draft' then
    raise check_violation using constraint = 'invoice_is_not_draft';
  end if;
  return new;
end $$;

create trigger keep_born before insert on invoice for each row execute function keep_invoice_born();

-- Becoming issued, it must be the sum of its lines; checked by Postgres over what is stored, not over what was meant.
create function keep_invoice_sum() returns trigger language plpgsql as $$
declare
  lines record;
begin
  select count(*) as count, sum(taxable_minor) as taxable, sum(tax_minor) as tax, sum(total_minor) as total
    into lines from shop.invoice_line where workspace_id = new.workspace_id and invoice_id = new.id;
  if lines.count = 0
    or (lines.taxable, lines.tax, lines.total) <> (new.taxable_minor, new.tax_minor, new.total_minor)
  then
    raise check_violation using constraint = 'invoice_does_not_add_up';
  end if;
  return new;
end $$;

create trigger keep_sum before update on invoice for each row
  when (old.status = 'draft' and new.status = 'issued') execute function keep_invoice_sum();

-- The share lock waits for whoever is issuing the invoice at this moment, and then sees what it became.
create function keep_line_final() returns trigger language plpgsql as $$
declare
  line shop.invoice_line;
  state text;
begin
  foreach line in array array[old, new] loop
    select status into state from shop.invoice
      where workspace_id = line.workspace_id and id = line.invoice_id for share;
    if state <> 'draft' then
      raise check_violation using constraint = 'invoice_is_' || state;
    end if;
  end loop;
  return coalesce(new, old);
end $$;

create trigger keep_final before insert or update or delete on invoice_line for each row
  execute function keep_line_final();
