-- Letters to people, written in the transaction of the change that causes them: a letter leaves if and only if that
-- transaction committed. What it says lies sealed, since it may hold a link that opens something, and goes once it was
-- sent.

create table letter (
  like workspace_row including all,
  -- One address and nothing else: no line, list, name or quotation that a mail server could read as more than that.
  recipient   text not null
    check (length(recipient) <= 254 and recipient ~ '^[^@]+@[^@]+$'
      and recipient !~ '[[:space:][:cntrl:]<>()\[\]\\,;:"]'),
  template    text not null check (template ~ '^[a-z][a-z-]{0,40}$'),
  locale      text not null check (locale in ('en', 'ar')),
  content     text,
  -- How often it was taken; who took it last is who may say what became of it.
  attempts    integer not null default 0,
  -- Nobody takes it before then: it is in somebody's hands, or was put off.
  taken_until timestamptz not null default now(),
  sent_at     timestamptz,
  last_error  text,
  check ((sent_at is null) = (content is not null))
);
create index letter_due on letter (workspace_id, taken_until) where sent_at is null;
