-- A kept answer may hold what is shown once.
alter table answer alter column body type tenancy.secret;
