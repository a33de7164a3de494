-- Estimates, orders and credit notes are papers like invoices: priced, numbered and final in the same way.

alter table invoice
  add column kind text not null default 'invoice',
  -- The estimate or order that this paper follows, or the invoice that a credit note takes back.
  add column from_id uuid,
  add column valid_until date,
  add column promised_on date,
  add column reason text,
  -- What has been paid of an invoice, and what was taken back of it.
  add column settled_minor minor_units not null default 0,
  add column credited_minor minor_units not null default 0,
  -- What the paper would come to without any concession, and how much was let off; both before tax.
  add column asked_minor minor_units not null default 0,
  add column conceded_minor minor_units not null default 0,
  add column by_id text,
  add column by_name text,
  add column voided_by text,
  drop constraint invoice_number_once,
  add constraint invoice_number_once unique (workspace_id, kind, series, year, number),
  add constraint invoice_kind check (
    kind in ('estimate', 'order', 'invoice', 'credit')
    and (kind = 'estimate') = (valid_until is not null)
    and (kind = 'credit') = (reason is not null)
    and (kind <> 'credit' or from_id is not null)
    and (promised_on is null or kind = 'order')
  ),
  add constraint invoice_from foreign key (workspace_id, from_id) references invoice (workspace_id, id),
  add constraint invoice_overpaid check (
    least(settled_minor, credited_minor) >= 0 and settled_minor + credited_minor <= total_minor
  ),
  add constraint invoice_concession check (least(asked_minor, conceded_minor) >= 0);

-- A paper is followed once, whoever is quicker; when what followed is void, it may be followed again.
create unique index paper_is_followed on invoice (workspace_id, from_id) where kind <> 'credit' and status <> 'void';
create index invoice_by_kind on invoice (workspace_id, kind, id);
create index invoice_by_status on invoice (workspace_id, kind, status, id);
create index invoice_of_day on invoice (workspace_id, issued_on, id) where issued_on is not null;
create index invoice_outstanding on invoice (workspace_id, issued_on, id)
  where kind = 'invoice' and status = 'issued' and settled_minor + credited_minor < total_minor;

alter table invoice_series
  add column kind text not null default 'invoice',
  drop constraint invoice_series_once,
  add constraint invoice_series_once unique (workspace_id, kind, series, year);

alter table invoice_line
  add column piece_id uuid,
  -- The line of the invoice that this line of a credit note takes back.
  add column credits_id uuid,
  add constraint invoice_line_piece foreign key (workspace_id, piece_id) references piece (workspace_id, id),
  add constraint invoice_line_credits foreign key (workspace_id, credits_id) references invoice_line (workspace_id, id);
create unique index line_is_credited on invoice_line (workspace_id, credits_id) where credits_id is not null;
create index invoice_line_of_piece on invoice_line (workspace_id, piece_id) where piece_id is not null;

-- Handing over is a row with its day: it happens once and is not undone.
create table delivery (
  like workspace_row including all,
  invoice_id   uuid not null,
  delivered_on date not null,
  received_by  text not null,
  by_id        text not null,
  by_name      text not null,

  constraint delivery_invoice foreign key (workspace_id, invoice_id) references invoice (workspace_id, id),
  constraint invoice_is_delivered unique (workspace_id, invoice_id)
);

-- A manager's leave for what a paper lets off beyond the limit.
create table allowance (
  like workspace_row including all,
  invoice_id     uuid        not null,
  conceded_minor minor_units not null,
  reason         text        not null,
  by_id          text        not null,
  by_name        text        not null,

  constraint allowance_invoice foreign key (workspace_id, invoice_id) references invoice (workspace_id, id)
    on delete cascade,
  constraint discount_is_allowed unique (workspace_id, invoice_id)
);

-- What is written once: nobody changes it, and nobody takes it away.
create function keep_as_written() returns trigger language plpgsql as $$
begin
  raise check_violation using constraint = 'written_once';
end $$;

create trigger keep_as_written before update or delete on delivery for each row execute function keep_as_written();
create trigger keep_as_written before update on allowance for each row execute function keep_as_written();

create or replace function keep_invoice_final() returns trigger language plpgsql as $$
declare
  may_change constant text[] := '{status,voided_on,void_reason,voided_by,settled_minor,credited_minor}';
begin
  if old.status = 'void' then
    raise check_violation using constraint = 'invoice_is_void';
  end if;
  if old.status = 'issued' and (
    tg_op = 'DELETE'
    or new.status not in ('issued', 'void')
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
  -- Money that lies on a paper must lie elsewhere before the paper is void.
  if new.status = 'void' and (new.settled_minor > 0 or new.credited_minor > 0) then
    raise check_violation using constraint = 'invoice_has_money';
  end if;
  return new;
end $$;

-- A paper that sells pieces must be the one that holds them.
create function keep_pieces_held() returns trigger language plpgsql as $$
begin
  if exists (
    select from shop.invoice_line l join shop.piece p on p.workspace_id = l.workspace_id and p.id = l.piece_id
    where l.workspace_id = new.workspace_id and l.invoice_id = new.id and p.invoice_id is distinct from new.id
  ) then
    raise check_violation using constraint = 'piece_taken';
  end if;
  return new;
end $$;

create trigger keep_pieces_held before update on invoice for each row
  when (old.status = 'draft' and new.status = 'issued' and new.kind in ('order', 'invoice'))
  execute function keep_pieces_held();
