import { control } from '../../contract/control.ts'
import type { Canary, Live } from '../../contract/control.ts'
import { insistOn, inside } from './canaries.ts'
import { soon } from './soon.ts'

export const watched = control({
  claim:
    'Security events stand in the log of the workspace that they concern, failed sign-ins among them, and what is ' +
    'unusual raises an alert within seconds that names the entries it rests on; where the policy says so, the owners ' +
    'are written to, without a word of whom it is about.',
  enforcedBy: [
    'kernel/audit/watching/watch.ts',
    'kernel/audit/watching/rules.ts',
    'kernel/audit/refusals.ts',
    'kernel/identity/alert.ts',
  ],
  every: '1 hour',
  async probe(live) {
    const faults = (await Promise.all(live.canaries.map(({ north }) => faultsOf(live, north)))).flat()
    return faults.length
      ? { holds: false, saw: 'something unusual was done, and nobody would have heard of it', detail: faults }
      : { holds: true, saw: 'a failed sign-in was found in the log, and a key used by a scanner raised an alert' }
  },
  /** As whoever owns the tables could: it is believed that everything was looked at already. */
  async sabotage({ canaries }) {
    const { catalogue } = canaries[0]!.north
    await catalogue(`create function audit.nothing_to_see() returns trigger language plpgsql as $$
        begin return null; end $$;
      create trigger nothing_to_see before insert on audit.alert for each row execute function audit.nothing_to_see()`)
    return async () =>
      void (await catalogue(`drop trigger nothing_to_see on audit.alert; drop function audit.nothing_to_see()`))
  },
})

const faultsOf = async (live: Live, canary: Canary): Promise<string[]> =>
  (await Promise.all([scannerOf(live, canary), guesserOf(live, canary)])).flat()

/** An address that nothing of ours leads to is asked for with a key: somebody has it who should not. */
async function scannerOf(live: Live, canary: Canary): Promise<string[]> {
  const asked = { name: 'Probe of the watch', role: canary.thing('role'), scopes: ['identity.key.revoke'] }
  const made = insistOn(await canary.call('identity.key.create', asked), 'a new key')
  const { id: subject, token } = made.json() as { id: string; token: string }
  const headers = { authorization: `Bearer ${token}` }
  const owner = canary.person('owner').email
  const before = await newestTo(canary, owner)
  insistOn(await live.http('/.env', { headers }), 'what is not there', 404)
  const alert = await soon(() => alertOn(canary, subject))
  const isMailed = live.policy.alerts.includes('decoy')
  const untold = alert && isMailed ? await lettersOf(canary, owner, { before, subject }) : []
  insistOn(await canary.call('identity.key.revoke', { id: subject }), 'the end of a key')
  if (!alert) return ['a key was used by a scanner, and no alert was raised']
  const note = 'A probe did what it was raised for'
  insistOn(await canary.call('audit.alert.acknowledge', { id: alert.id, note }), 'a word on an alert')
  const rests = await Promise.all(alert.entries.map((id) => canary.call('audit.entry.get', { id })))
  const isFound = rests.some(({ status, text }) => status === 200 && text.includes(subject))
  return isFound ? untold : ['an alert does not name what it was raised for', ...untold]
}

/** That there is another letter says the table; what it says, whoever opens it. */
async function lettersOf(canary: Canary, to: string, { before, subject }: { before: unknown; subject: string }) {
  const isFresh = async () => ((await newestTo(canary, to)) === before ? undefined : true)
  if (!(await soon(isFresh))) return ['an alert was raised, and no owner was written to']
  const letters = await canary.letters(to)
  return letters.some((text) => text.includes(subject)) ? ['a letter tells whom an alert is about'] : []
}

async function newestTo(canary: Canary, to: string): Promise<unknown> {
  const here = `workspace_id = '${canary.workspace}' and recipient = '${to}' and template = 'alert'`
  return (
    await inside(canary, `select id from mail.letter where ${here} order by created_at desc, id desc limit 1`)
  )[0]?.['id']
}

async function alertOn(canary: Canary, subject: string): Promise<{ id: string; entries: string[] } | undefined> {
  const told = insistOn(await canary.call('audit.alert.list', { rule: 'decoy', state: 'open', limit: 50 }), 'alerts')
  return (told.json()['data'] as { id: string; subject: string; entries: string[] }[]).find(
    (one) => one.subject === subject,
  )
}

/** Somebody who does not know the password, from wherever. What goes on is counted, and told of once a minute. */
async function guesserOf(live: Live, canary: Canary): Promise<string[]> {
  const { id, email } = canary.person('bare')
  const { status } = await live.http('/auth/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'not the one that it is', workspace: canary.workspace }),
  })
  if (status !== 401 && status !== 429) throw new Error(`a wrong password was answered with ${status}`)
  const entry = await soon(async () => (await failuresOf(canary, id))[0])
  return entry ? [] : ['a failed sign-in was not found in the log']
}

const failuresOf = (canary: Canary, person: string) =>
  inside(
    canary,
    `select id from audit.entry where workspace_id = '${canary.workspace}' and action = 'identity.session.begin'
       and outcome in ('sign-in-failed', 'rate-limited') and target = '${person}'
       and at > clock_timestamp() - interval '75 seconds' limit 1`,
  )
