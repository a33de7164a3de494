/**
 * What must never be found in the books of a workspace, each with the statement that finds it: tests ask them after
 * whatever happened, of what lies in the tables.
 */
export const FAULTS = {
  'an entry is not counted, or its balance is not the sum up to it': `
    select * from (
      select id, n, balance_minor, row_number() over whole as should_n, sum(amount_minor) over whole as should
      from money_entry where workspace_id = current_setting('app.workspace')::uuid
      window whole as (partition by customer_id, currency order by n)
    ) e where n <> should_n or balance_minor <> should
    union all select * from (
      select id, n, balance_mg, row_number() over whole, sum(fine_mg) over whole
      from metal_entry where workspace_id = current_setting('app.workspace')::uuid
      window whole as (partition by customer_id, metal order by n)
    ) e where n <> row_number or balance_mg <> sum`,
  'a ledger is not the sum of its papers, payments and corrections': `
    select c.id, b.balance, x.expected from customer c
    cross join lateral (select coalesce(sum(amount_minor), 0) as balance from money_entry e
      where e.workspace_id = c.workspace_id and e.customer_id = c.id) b
    cross join lateral (select
      coalesce((select sum(case kind when 'invoice' then total_minor else -total_minor end) from invoice i
        where i.workspace_id = c.workspace_id and i.customer_id = c.id and i.status = 'issued'
          and kind in ('invoice', 'credit')), 0)
      + coalesce((select sum(case direction when 'out' then total_minor else -total_minor end) from payment p
        where p.workspace_id = c.workspace_id and p.customer_id = c.id and p.status = 'taken'), 0)
      + coalesce((select sum(amount_minor) from money_entry e where e.workspace_id = c.workspace_id
        and e.customer_id = c.id and e.kind in ('adjustment', 'metal')), 0) as expected) x
    where c.workspace_id = current_setting('app.workspace')::uuid and b.balance <> x.expected`,
  'an invoice or a payment is not the sum of what it was used for': `
    select i.id from invoice i where i.workspace_id = current_setting('app.workspace')::uuid
      and i.settled_minor <> coalesce((select sum(amount_minor) from allocation a
        where a.workspace_id = i.workspace_id and a.invoice_id = i.id), 0)
    union all select p.id from payment p where p.workspace_id = current_setting('app.workspace')::uuid
      and (p.allocated_minor <> coalesce((select sum(amount_minor) from allocation a
        where a.workspace_id = p.workspace_id and a.payment_id = p.id), 0)
      or p.refunded_minor <> coalesce((select sum(total_minor) from payment r
        where r.workspace_id = p.workspace_id and r.refund_of = p.id and r.status = 'taken'), 0))`,
  'an invoice was credited otherwise than its credit notes say': `
    select i.id from invoice i where i.workspace_id = current_setting('app.workspace')::uuid and i.kind = 'invoice'
      and i.credited_minor <> coalesce((select sum(total_minor) from invoice c
        where c.workspace_id = i.workspace_id and c.from_id = i.id and c.kind = 'credit'), 0)`,
}
