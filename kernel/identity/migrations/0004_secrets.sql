-- What opens something has a type that says so: what the tables note of a change leaves it out.

alter table key alter column hash type tenancy.secret;
alter table invitation alter column hash type tenancy.secret;
alter table ticket alter column hash type tenancy.secret;
alter table recovery_code alter column hash type tenancy.secret;
alter table factor alter column secret type tenancy.secret;
alter table person alter column password type tenancy.secret;
