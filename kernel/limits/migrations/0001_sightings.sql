-- Who asked for an address that only scanners ask for: about the network that asked, never about a workspace. Rows are
-- added and, by age, removed; the role that writes them may not change them.
create table sighting (
  id         bigint           generated always as identity primary key,
  at         timestamptz      not null,
  -- An IPv4 address or the /64 of an IPv6 one.
  network    text             not null check (length(network) <= 50),
  path       text             not null check (length(path) <= 100),
  user_agent text             not null check (length(user_agent) <= 200),
  -- Of the network, after this; 0 for this machine itself, which is never suspected.
  score      double precision not null check (score >= 0)
);

create index sighting_at on sighting (at);
