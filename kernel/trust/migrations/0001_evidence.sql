-- What each probe saw and when: about the deployment, never about anybody's data. Rows are added and, by age, thinned;
-- they are never changed, so that a state on the security page cannot be talked round afterwards.
create table evidence (
  id bigint generated always as identity primary key,
  control text not null,
  at timestamptz not null,
  valid_until timestamptz not null,
  -- null: the probe could not run, so it says nothing about the claim.
  holds boolean,
  -- The first moment of the unbroken row of equal verdicts that this one continues.
  since timestamptz not null,
  saw text not null,
  detail jsonb,
  took_ms int not null,
  check (valid_until > at),
  check (since <= at)
);

create index evidence_verdict on evidence (control, id desc) where holds is not null;
create index evidence_history on evidence (control, at);

create function evidence_stays() returns trigger language plpgsql as $$
begin
  raise exception 'evidence is never changed';
end
$$;

create trigger evidence_stays before update on evidence for each row execute function evidence_stays();
create trigger evidence_is_not_emptied before truncate on evidence for each statement execute function evidence_stays();
