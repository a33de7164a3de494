-- What a letter says may open something.
alter table letter alter column content type tenancy.secret;
