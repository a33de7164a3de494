-- The password of the login that keeps the audit logs of all realms, sealed by the vault.
alter table deployment add column keeper text;
