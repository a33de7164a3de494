import { control } from '../../contract/control.ts'
import type { Canary } from '../../contract/control.ts'
import { everyCanary } from './canaries.ts'

export const insertonly = control({
  claim:
    'The application can add entries to the audit log and can neither change, remove nor replace them, nor touch ' +
    'what seals them.',
  enforcedBy: ['kernel/tenancy/seal.ts', 'kernel/tenancy/keeper.ts', 'kernel/audit/migrations/0003_sealed.sql'],
  every: '1 minute',
  async probe(live) {
    const tried = await Promise.all(everyCanary(live).map(tampering))
    const allowed = tried.flat().filter(({ what }) => what !== 'add')
    const adding = tried.map((found) => found.filter(({ what }) => what === 'add'))
    const detail = { allowed, adding }
    if (allowed.length) return { holds: false, saw: 'the application could change what the log says', detail }
    if (adding.some(({ length }) => length === 0))
      return { holds: false, saw: 'the application could not add to the log, so nothing is shown by the rest', detail }
    return adding.some(({ length }) => length > 1)
      ? { holds: false, saw: 'more of the application than its recorder could add to the log', detail }
      : { holds: true, saw: 'one part of the application could add an entry, and no part could change or remove one' }
  },
  async sabotage({ canaries }) {
    const { app, catalogue } = canaries[0]!.north
    const [reader] = (await app(ROLES)).map(({ name }) => String(name)).filter((name) => name.endsWith('_audit'))
    await catalogue(`grant update on audit.entry to ${reader}`)
    return async () => void (await catalogue(`revoke update on audit.entry from ${reader}`))
  },
})

/** What the login may become; a role that it cannot become cannot be used by whoever breaks into the application. */
const ROLES = `select r.rolname as name from pg_auth_members m join pg_roles r on r.oid = m.roleid
  join pg_roles me on me.oid = m.member where me.rolname = current_user`

const ATTEMPTS = {
  add: `insert into audit.entry (action, actor_kind, actor_id, actor_name, request_id, input)
    values ('probe', 'system', 'probe', 'Probe', 'probe', '{}')`,
  'date back': `insert into audit.entry (at, action, actor_kind, actor_id, actor_name, request_id, input)
    values (now() - interval '1 day', 'probe', 'system', 'probe', 'Probe', 'probe', '{}')`,
  ...Object.fromEntries(
    ['forget', 'thin', 'reopen'].map((said) => [
      `say ${said}`,
      `insert into audit.entry (action, actor_kind, actor_id, actor_name, request_id, input)
        values ('audit.log.${said}', 'system', 'keeper', 'Probe', 'probe', '{}')`,
    ]),
  ),
  change: `update audit.entry set action = 'nothing'`,
  'change one column': `update audit.entry set at = at`,
  remove: 'delete from audit.entry',
  'remove all': 'truncate audit.entry',
  'take the wall away': 'alter table audit.entry no force row level security',
  'change a seal': 'update audit.leaf set hash = hash',
  'remove seals': 'delete from audit.leaf',
  'change the tree': 'update audit.tile set hashes = hashes',
  'sign another head': 'update audit.log set size = size',
  'see the key that signs': 'select secret from audit.log',
}

type Attempt = { role: string; what: string }

/**
 * Everything is really tried, as each role and as the bare login, inside the workspace, and undone at once; that it
 * worked is remembered outside of what is undone. A refusal for lack of rights is hoped for; any other error is not.
 */
async function tampering({ app, workspace }: Canary): Promise<Attempt[]> {
  const rows = await app(`
    do $probe$
    declare
      who text; what text; attempt text; worked jsonb := '[]';
    begin
      perform set_config('app.workspace', '${workspace}', true);
      for who in ${ROLES} union all select current_user loop
        for what, attempt in select * from json_each_text($list$${JSON.stringify(ATTEMPTS)}$list$) loop
          begin
            execute format('set local role %I', who);
            execute attempt;
            raise exception 'undone' using errcode = 'UNDON';
          exception
            when insufficient_privilege then null;
            when sqlstate 'UNDON' then worked := worked || jsonb_build_object('role', who, 'what', what);
          end;
        end loop;
      end loop;
      perform set_config('probe.worked', worked::text, false);
    end $probe$;
    select current_setting('probe.worked') as worked`)
  return JSON.parse(String(rows[0]?.['worked'])) as Attempt[]
}
