-- In which language a workspace writes to a member: as the person has chosen it, whom nobody sees from a workspace.

alter table member add column locale text not null default 'en' check (locale in ('en', 'ar'));
