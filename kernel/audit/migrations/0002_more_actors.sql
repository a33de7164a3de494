-- Staff of the platform act in a workspace by its leave, and somebody who is not signed in yet acts as nobody.

alter table entry drop constraint entry_actor_kind_check;
alter table entry add constraint entry_actor_kind_check
  check (actor_kind in ('key', 'person', 'job', 'system', 'staff', 'nobody'));
