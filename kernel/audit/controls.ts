import { hash } from 'node:crypto'
import { control } from '../contract/control.ts'
import type { Canary, Live, Told } from '../contract/control.ts'

/** Whether the log tells of what was done as it was done, and whether it can be made to tell anything else. */

export const entries = control({
  claim:
    'Every change leaves one entry: its time in UTC, who made it, to what, and the address and program it came from.',
  enforcedBy: ['kernel/audit/record.ts', 'kernel/serve/dispatch.ts', 'kernel/transport/client.ts'],
  every: '5 minutes',
  async probe(live) {
    const faults = (await Promise.all(everyCanary(live).map(faultsOf))).flat()
    return faults.length
      ? { holds: false, saw: 'a change was not found in the log as it was made', detail: faults }
      : { holds: true, saw: 'a change left one entry with time, actor, target and true origin, and a look left none' }
  },
  sabotage: async ({ misconfigure }) => misconfigure('no audit'),
})

export const insertonly = control({
  claim: 'The application can add entries to the audit log and can neither change, remove nor replace them.',
  enforcedBy: ['kernel/tenancy/seal.ts', 'kernel/audit/migrations/0001_entries.sql'],
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

const everyCanary = ({ canaries }: Live) => canaries.flatMap(({ north, south }) => [north, south])

const USER_AGENT = 'probe of the audit log'

/** What a client may type to be taken for another. The last is no address, so that no proxy vouches for the first. */
const FORGED = '203.0.113.77'
const FORGED_HEADERS = { 'x-forwarded-for': `${FORGED}, nowhere`, 'x-real-ip': FORGED, 'user-agent': USER_AGENT }

/** The probe asks from this machine, so that is where the request came from. */
const OURSELVES = /^(127(\.\d{1,3}){3}|::1|(0:){7}1)$/

/** A probe asks with any of the keys of its role, which are numbered. */
const keysLike = (key: string) => `select one.id from identity.key one, identity.key first
  where first.hash = '${hash('sha256', key)}' and one.role = first.role
    and one.name ~ ('^' || replace(replace(first.name, '(', '\\('), ')', '( [0-9]+)?\\)$'))`

async function faultsOf(canary: Canary): Promise<string[]> {
  const target = canary.thing('oldKey')
  const before = await now(canary)
  // Revoking it again changes nothing but the log.
  const changed = await canary.call('identity.key.revoke', { id: target }, undefined, FORGED_HEADERS)
  const after = await now(canary)
  const looked = await canary.call('identity.workspace.get', {})
  if (changed.status !== 200 || looked.status !== 200) throw new Error('the request that was to be logged was refused')
  const [entry, ...more] = await entriesOf(canary, changed)
  if (!entry || more.length) return [`a change left ${entry ? more.length + 1 : 'no'} entries`]
  const keys = (await inside(canary, keysLike(canary.key))).map(({ id }) => id)
  const wrong = Object.entries({
    time:
      before <= Number(entry['at']) && Number(entry['at']) <= after && Math.abs(after - Date.now()) < A_FEW_SECONDS_ms,
    'time in UTC': await isShownInUtc(canary, changed),
    actor: entry['actor_kind'] === 'key' && keys.includes(entry['actor_id']),
    action: entry['action'] === 'identity.key.revoke' && entry['outcome'] === 'done',
    target: entry['target'] === target,
    address: OURSELVES.test(String(entry['address'])),
    program: entry['user_agent'] === USER_AGENT,
  }).flatMap(([what, isRight]) => (isRight ? [] : [`${what}: ${JSON.stringify(entry)}`]))
  return (await entriesOf(canary, looked)).length ? [...wrong, 'a look left an entry'] : wrong
}

/** Two machines' clocks may differ by this much before times in the log are of no use. */
const A_FEW_SECONDS_ms = 30_000

async function now({ catalogue }: Canary): Promise<number> {
  const [row] = await catalogue('select extract(epoch from clock_timestamp()) * 1000 as ms')
  return Number(row!['ms'])
}

const requestOf = ({ headers }: Told) => headers.get('x-request-id') ?? ''

function entriesOf(canary: Canary, told: Told) {
  return inside(
    canary,
    `select extract(epoch from at) * 1000 as at, action, outcome, actor_kind, actor_id, target, address, user_agent
     from audit.entry where workspace_id = '${canary.workspace}' and request_id = '${safe(requestOf(told))}'`,
  )
}

/** Whoever is no superuser sees rows from inside a workspace only; both statements are one transaction. */
const inside = ({ catalogue, workspace }: Canary, statement: string) =>
  catalogue(`set local app.workspace = '${workspace}'; ${statement}`)

/** It came over the network, even if from ourselves. */
const safe = (requestId: string) => (/^[0-9a-f-]{36}$/.test(requestId) ? requestId : 'none')

/** As the owner is shown it: a time that says of itself that it is UTC. */
async function isShownInUtc(canary: Canary, told: Told): Promise<boolean> {
  const list = await canary.call('audit.entry.list', { requestId: requestOf(told) })
  const [shown] = list.status === 200 ? (list.json()['data'] as { at: string }[]) : []
  return /(Z|\+00:00)$/.test(shown?.at ?? '')
}

/** What the login may become; a role that it cannot become cannot be used by whoever breaks into the application. */
const ROLES = `select r.rolname as name from pg_auth_members m join pg_roles r on r.oid = m.roleid
  join pg_roles me on me.oid = m.member where me.rolname = current_user`

const ATTEMPTS = {
  add: `insert into audit.entry (action, actor_kind, actor_id, actor_name, request_id, input)
    values ('probe', 'system', 'probe', 'Probe', 'probe', '{}')`,
  change: `update audit.entry set action = 'nothing'`,
  'change one column': `update audit.entry set at = at`,
  remove: 'delete from audit.entry',
  'remove all': 'truncate audit.entry',
  'take the wall away': 'alter table audit.entry no force row level security',
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
