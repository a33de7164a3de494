import type { Canary, Heal, Live } from '../../contract/control.ts'

/**
 * For drills: a trigger that undoes what the code does to rows of a table, in the database of every canary. What it
 * returns takes it away again.
 */
export async function undoing({ canaries }: Live, table: string, when: string, deed: string): Promise<Heal> {
  const all: Canary[] = canaries.flatMap(({ north, south }) => [north, south])
  for (const { catalogue } of all)
    await catalogue(`
      create or replace function identity.careless_${table}() returns trigger language plpgsql as $$
        begin ${deed}; return new; end $$;
      revoke all on function identity.careless_${table}() from public;
      create or replace trigger careless_${table} before ${when} on identity.${table}
        for each row execute function identity.careless_${table}();`)
  return async () => {
    for (const { catalogue } of all) await catalogue(`drop function if exists identity.careless_${table}() cascade`)
  }
}
