-- The pieces in the trays, one row for each tag, and what was paid for them.

create table piece (
  like workspace_row including all,
  tag                 text        not null,
  description         text        not null,
  metal               text        not null,
  purity              integer     not null,
  gross_mg            integer     not null,
  stone_mg            integer     not null,
  net_mg              integer     not null,
  count               integer     not null,
  hallmark            text,
  location            text        not null,
  -- What is asked for the work: an amount for the piece, so much for each gram, and a share of the metal's price.
  making_minor          minor_units not null,
  making_per_gram_minor minor_units not null,
  making_per_mille      integer     not null,
  wastage_per_mille     integer     not null,
  status              text        not null default 'stock',
  -- The one paper that holds the piece. There is room for one, so no piece is sold twice.
  invoice_id          uuid,
  out_reason          text,

  constraint piece_tag_taken unique (workspace_id, tag),
  constraint piece_invoice foreign key (workspace_id, invoice_id) references invoice (workspace_id, id),
  constraint piece_metal check (metal in ('gold', 'silver', 'platinum')),
  constraint piece_purity check (purity between 1 and 1000),
  constraint piece_count check (count > 0),
  constraint stones_above_gross check (stone_mg between 0 and gross_mg),
  constraint piece_net check (net_mg = gross_mg - stone_mg),
  constraint piece_shares check (
    least(making_minor, making_per_gram_minor) >= 0
    and making_per_mille between 0 and 1000 and wastage_per_mille between 0 and 1000
  ),
  constraint piece_status check (
    status = 'stock' and num_nonnulls(invoice_id, out_reason) = 0
    or status in ('reserved', 'sold') and invoice_id is not null and out_reason is null
    or status = 'out' and invoice_id is null and out_reason is not null
  )
);
create index piece_by_status on piece (workspace_id, status, id);
create index piece_of_invoice on piece (workspace_id, invoice_id) where invoice_id is not null;

create table piece_stone (
  like workspace_row including all,
  piece_id     uuid        not null,
  position     integer     not null,
  description  text        not null,
  count        integer     not null,
  -- Hundredths of a carat, as the trade weighs stones.
  carat_points integer     not null,
  grade        text,
  certificate  text,
  price_minor  minor_units not null,

  constraint piece_stone_piece foreign key (workspace_id, piece_id) references piece (workspace_id, id)
    on delete cascade,
  constraint piece_stone_once unique (workspace_id, piece_id, position),
  constraint piece_stone_signs check (count > 0 and carat_points >= 0 and price_minor >= 0)
);

-- Apart from the piece, so that nothing that shows a piece can show what it cost.
create table piece_cost (
  like workspace_row including all,
  piece_id   uuid        not null,
  currency   text        not null,
  cost_minor minor_units not null,
  note       text,

  constraint piece_cost_piece foreign key (workspace_id, piece_id) references piece (workspace_id, id),
  constraint piece_cost_once unique (workspace_id, piece_id),
  constraint piece_cost_currency check (currency ~ '^[A-Z]{3}$'),
  constraint piece_cost_sign check (cost_minor >= 0)
);
