-- In which language a workspace writes to a member: as the person has chosen it, since from a workspace nobody sees them.

alter table member add column locale text not null default 'en' check (locale in ('en', 'ar'));
