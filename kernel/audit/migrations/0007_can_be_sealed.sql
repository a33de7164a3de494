-- Whoever seals reads an entry as text, and Postgres makes no text of more than a gigabyte: an entry that cannot be
-- read would hold up all that come after it. A character may take six in text, and a number of a few bytes thousands,
-- so what counts is the text; of what is short it is never long. No act comes near this, and those that are there were
-- read.
alter table entry add constraint entry_can_be_sealed check (
  (input is null or pg_column_size(input) <= 2000 or octet_length(input::text) <= 100000000)
  and (changes is null or pg_column_size(changes) <= 2000 or octet_length(changes::text) <= 100000000)
  and octet_length(action) + octet_length(outcome) + octet_length(actor_id) + octet_length(request_id)
    + coalesce(octet_length(actor_name), 0) + coalesce(octet_length(address), 0)
    + coalesce(octet_length(user_agent), 0) + coalesce(octet_length(target), 0) <= 100000
) not valid;
