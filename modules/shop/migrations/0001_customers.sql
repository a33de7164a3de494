-- The people and firms that a shop sells to.

create table customer (
  like workspace_row including all,
  name       text not null,
  phone      text,
  email      text,
  tax_number text,
  address    text,
  note       text,

  -- With country code and without spaces, so that equal numbers are equal texts.
  constraint customer_phone_is_international check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  -- At the counter a customer is found by the phone: two cards for one number would split a ledger.
  constraint customer_phone_taken unique (workspace_id, phone)
);
