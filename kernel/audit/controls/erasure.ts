import { randomBytes } from 'node:crypto'
import { control } from '../../contract/control.ts'
import type { Canary, Live, Told } from '../../contract/control.ts'
import { entriesOf, insistOn, inside, requestOf } from './canaries.ts'
import { soon } from './soon.ts'

export const erasure = control({
  claim:
    'On request the log of a workspace forgets somebody within seconds: who they were and what was said of them is ' +
    'gone from every entry, that something was done, when and to what stays, and an entry tells what was forgotten.',
  enforcedBy: ['kernel/audit/subject.ts', 'kernel/audit/forgetting/erasure.ts', 'kernel/audit/forgetting/halves.ts'],
  every: '1 day',
  async probe(live) {
    const faults = (await Promise.all(live.canaries.map(({ north }) => faultsOf(live, north)))).flat()
    return faults.length
      ? { holds: false, saw: 'somebody was to be forgotten, and the log still told of them', detail: faults }
      : { holds: true, saw: 'a name and what was said of it was gone from the log, and the receipt of it was there' }
  },
  /** As whoever owns the tables could: the one who forgets may not any more. */
  async sabotage({ canaries }) {
    const { catalogue } = canaries[0]!.north
    const [may] = await catalogue(MAY_FORGET)
    const { who, columns } = may as { who: string; columns: string }
    await catalogue(`revoke update (${columns}) on audit.entry from ${who}`)
    return async () => void (await catalogue(`grant update (${columns}) on audit.entry to ${who}`))
  },
})

const MAY_FORGET = `select acl.grantee::regrole::text as who, string_agg(quote_ident(attname), ', ') as columns
  from pg_attribute cross join lateral aclexplode(attacl) acl
  where attrelid = 'audit.entry'::regclass and acl.privilege_type = 'UPDATE' group by acl.grantee`

/** A key with a name that nobody ever had does one thing in it, and is nobody any more. */
async function faultsOf(live: Live, canary: Canary): Promise<string[]> {
  const name = `Xiv${randomBytes(9).toString('hex')}`
  const asked = { name, role: canary.thing('role'), scopes: ['identity.key.revoke'] }
  const made = insistOn(await canary.call('identity.key.create', asked), 'a new key')
  const { id, token } = made.json() as { id: string; token: string }
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const revoking = { method: 'POST', headers, body: JSON.stringify({ id }) }
  const acts = [made, insistOn(await live.http('/v1/identity.key.revoke', revoking), 'the end of a key')]
  const before = await factsOf(canary, acts)
  if (!(await isTold(canary, name))) return ['a name was not in the log before it was to be forgotten']
  const request = await canary.call('audit.subject.erase', { subject: id, reason: 'A probe asked for it' })
  const { id: erasing } = insistOn(request, 'that somebody be forgotten').json() as { id: string }
  if (!(await soon(() => doneWith(canary, id, erasing)))) return [await undone(canary, erasing)]
  const after = await factsOf(canary, acts)
  const wrong = Object.entries({
    'their name is still there': !(await isTold(canary, name)),
    'their name is still shown': !(await shownOf(canary, acts)).includes(name),
    'what was done is not what it was': JSON.stringify(after) === JSON.stringify(before),
    'nothing tells what was forgotten': (await receiptsOf(canary, erasing)) > 0,
  })
  return wrong.flatMap(([what, isRight]) => (isRight ? [] : [what]))
}

/** All that is erasable can be gone, and none of this. */
async function factsOf(canary: Canary, acts: readonly Told[]) {
  const found = (await Promise.all(acts.map((act) => entriesOf(canary, requestOf(act))))).flat()
  return found.map(({ address, user_agent, input, changes, ...facts }) => facts)
}

async function isTold(canary: Canary, name: string): Promise<boolean> {
  const where = `workspace_id = '${canary.workspace}' and at > clock_timestamp() - interval '1 hour'`
  const words = `strpos(e::text, '${name}') > 0`
  return (await inside(canary, `select id from audit.entry e where ${where} and ${words} limit 1`)).length > 0
}

async function doneWith(canary: Canary, subject: string, id: string): Promise<true | undefined> {
  const told = insistOn(await canary.call('audit.subject.erasures', { subject, limit: 1 }), 'who is to be forgotten')
  const [one] = told.json()['data'] as { id: string; state: string }[]
  if (one?.state === 'held') throw new Error('the log of a canary is held, so nothing of it can be forgotten')
  return one?.id === id && one.state === 'done' ? true : undefined
}

/** It goes through the log twice: of one that is long, and is being gone through, nothing is shown yet. */
async function undone(canary: Canary, erasing: string): Promise<string> {
  const here = `workspace_id = '${canary.workspace}' and id = '${erasing}'`
  const place = async () =>
    JSON.stringify(await inside(canary, `select known, epoch, seq from audit.erasure where ${here}`))
  const was = await place()
  if (await soon(async () => ((await place()) === was ? undefined : true), STEP_ms))
    throw new Error('the log is long, and somebody is still being forgotten')
  return 'somebody was not forgotten'
}

/** A step is a thousand entries. */
const STEP_ms = 5_000

/** As whoever may read the log is shown it. */
async function shownOf(canary: Canary, acts: readonly Told[]): Promise<string> {
  const shown = acts.map(async (act) => {
    const told = insistOn(await canary.call('audit.entry.list', { requestId: requestOf(act) }), 'a look at the log')
    const [entry] = told.json()['data'] as { id: string }[]
    if (!entry) throw new Error('an entry that was forgotten in part is gone as a whole')
    return insistOn(await canary.call('audit.entry.get', { id: entry.id }), 'a look at an entry').text
  })
  return (await Promise.all(shown)).join('\n')
}

async function receiptsOf(canary: Canary, target: string): Promise<number> {
  const asked = { action: 'audit.log.forget', target, limit: 1 }
  const told = insistOn(await canary.call('audit.entry.list', asked), 'what was forgotten')
  return (told.json()['data'] as unknown[]).length
}
