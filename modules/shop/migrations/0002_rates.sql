-- What a gram of a metal at a purity costs from a moment on. Rates are only ever added: a correction is a newer row.

create table rate (
  like workspace_row including all,
  metal        text        not null,
  purity       integer     not null,
  currency     text        not null,
  -- Minor units of the currency for one gram of metal at this purity.
  rate_minor   minor_units not null,
  effective_at timestamptz not null,
  source       text        not null,

  constraint rate_metal check (metal in ('gold', 'silver', 'platinum')),
  constraint rate_purity check (purity between 1 and 1000),
  constraint rate_currency check (currency ~ '^[A-Z]{3}$'),
  constraint rate_above_nothing check (rate_minor > 0)
);

-- The rate in effect is the first row of each group; of two rates for one moment the one said last counts.
create index rate_in_effect on rate (workspace_id, currency, metal, purity, effective_at desc, created_at desc);
