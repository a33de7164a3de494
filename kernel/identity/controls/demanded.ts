import { hash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { control } from '../../contract/control.ts'
import type { Breakable, Canary, Live } from '../../contract/control.ts'
import { accessOf, anyCanary, codeOf, enrol, guestIn, harmless, inside, sampleOf } from './guest.ts'
import type { Guest } from './guest.ts'
import { open } from './keys.ts'

export const demanded = control({
  claim:
    'Whoever owes a second factor, by the policy of the edition or by the wish of the workspace, reaches nothing but ' +
    'setting one up, whichever way they came: with a password, a link or a key that they made. Where none is ' +
    'offered, none can be demanded.',
  enforcedBy: [
    'kernel/identity/assurance.ts',
    'kernel/identity/reading.ts',
    'kernel/serve/assurance.ts',
    'kernel/identity/ways/account.ts',
    'kernel/identity/workspace.ts',
  ],
  every: '1 hour',
  async probe(live) {
    const faults = await (live.policy.secondFactor === 'not offered' ? undemandable(live) : reach(live))
    return faults.length
      ? { holds: false, saw: 'a second factor that was owed was not insisted on', detail: faults }
      : {
          holds: true,
          saw: 'whoever owed a second factor reached nothing else; where there is none, none was demanded',
        }
  },
  sabotage: (broken) =>
    Promise.resolve(
      broken.policy.secondFactor === 'not offered'
        ? broken.replace('identity.workspace.update', promising(broken))
        : broken.misconfigure('no second factor'),
    ),
})

async function undemandable(live: Live): Promise<string[]> {
  const canary = anyCanary(live)
  const told = await canary.call('identity.workspace.update', { name: 'Canary', secondFactor: 'everyone' })
  return codeOf(told) === 'second_factor_not_offered'
    ? []
    : [`to demand what is not offered was answered ${told.status}`]
}

/** A build in which a workspace may wish for what nobody can have. */
const promising =
  ({ canaries }: Breakable) =>
  async ({ workspace }: { workspace: string }) => {
    const here = canaries.flatMap(({ north, south }) => [north, south]).find((one) => one.workspace === workspace)!
    const [row] = await here.catalogue(
      `select json_build_object('id', id, 'name', name, 'createdAt', created_at, 'secondFactor', 'everyone',
         'secondFactorFrom', null) as told from identity.workspace where workspace_id = $1`,
      [workspace],
    )
    return row!['told']
  }

/** Where the policy demands it of nobody, a workspace does for a moment: one that other probes leave alone. */
async function reach(live: Live): Promise<string[]> {
  const { secondFactor } = live.policy
  if (secondFactor !== 'optional') {
    const canary = anyCanary(live)
    await using guest = await guestIn(live, canary, secondFactor === 'administrators' ? 'owner' : 'least')
    return await reachOf(live, canary, guest, await waysInto(live, canary, guest))
  }
  const canary = live.canaries.find(({ kind }) => kind === 'database')!.south
  await using guest = await guestIn(live, canary, 'least')
  const tokens = await waysInto(live, canary, guest)
  const early = await opened(live, tokens)
  await using demand = await demandIn(canary)
  const faults = await reachOf(live, canary, guest, tokens)
  return (await demand.isOurs())
    ? [...early.map((way) => `${way} was refused before anybody asked`), ...faults]
    : unsure()
}

const unsure = () => {
  throw new Error('another probe changed what the workspace demands in the meantime')
}

/** One token for each way in: a session by password, one by link where there are links, and a key. */
async function waysInto(live: Live, canary: Canary, guest: Guest): Promise<Record<string, string>> {
  const tokens: Record<string, string> = { password: await guest.token(), key: await keyOf(canary, guest) }
  if (!live.policy.signIn.includes('link')) return tokens
  const asked = await guest.post('link-send', { email: guest.email, workspace: canary.workspace })
  const { claim } = asked.status === 200 ? asked.json() : {}
  return { ...tokens, link: accessOf(await guest.post('link-use', { ticket: await guest.mailed('link'), claim })) }
}

/** Made as if by them; written down a second time on purpose: a sign, the workspace, 8 letters, 32 that nobody sees. */
async function keyOf({ workspace, catalogue }: Canary, { id }: Guest): Promise<string> {
  const place = Buffer.from(workspace.replaceAll('-', ''), 'hex').toString('base64url')
  const [prefix, secret] = [randomBytes(6).toString('base64url'), randomBytes(24).toString('base64url')]
  const token = `vsk_${place}${prefix}${secret}`
  await catalogue(`${inside(workspace)}
    insert into identity.key (workspace_id, name, role, prefix, hash, made_by)
      select workspace_id, 'Key of a guest', roles[1], '${prefix}', '${hash('sha256', token)}', person_id
      from identity.member where workspace_id = '${workspace}' and person_id = '${id}'`)
  return token
}

const OWED = 'second-factor-required'
const TRIED = 3
/** Ways of those who are settled, and ways that lead out of owing. */
const CLOSED = ['sessions', 'sessions-end-others']

async function reachOf(live: Live, canary: Canary, guest: Guest, tokens: Record<string, string>): Promise<string[]> {
  const faults: string[] = []
  for (const [way, token] of Object.entries(tokens)) {
    if (!(await soon(async () => codeOf(await open(live, token)) === OWED))) faults.push(`${way} opened the workspace`)
    for (const one of sampleOf(live.operations, TRIED).filter(({ kind }) => kind !== 'job')) {
      const told = await canary.call(one.name, harmless(one, canary), 'nobody', { authorization: `Bearer ${token}` })
      if (told.status !== 403) faults.push(`${way} opened ${one.name}: ${told.status}`)
    }
  }
  const { password } = tokens
  for (const way of CLOSED) {
    const told = await guest.post(way, {}, password)
    if (codeOf(told) !== OWED) faults.push(`${way} was answered ${told.status}`)
  }
  const { secondFactor } = (await guest.post('me', {}, password)).json() as { secondFactor?: { isRequired: boolean } }
  if (!secondFactor?.isRequired) faults.push('nobody told them what they owe')
  await enrol(canary, guest, password!)
  for (const way of ['password', 'key'])
    if (!(await soon(async () => (await open(live, tokens[way]!)).status === 200))) faults.push(`${way} stayed closed`)
  return faults
}

/** Refused with the same word by whoever asks: nobody, before a second factor was asked for. */
async function opened(live: Live, tokens: Record<string, string>): Promise<string[]> {
  const told = await Promise.all(
    Object.entries(tokens).map(async ([way, token]) => ({ way, status: (await open(live, token)).status })),
  )
  return told.filter(({ status }) => status !== 200).map(({ way }) => way)
}

/** What one process changes every other knows within a second. */
const WITHIN_MS = 2_000

export async function soon(is: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + WITHIN_MS
  for (;;) {
    if (await is()) return true
    if (performance.now() > deadline) return false
    await sleep(100)
  }
}

/** The moment since when it is demanded says whose demand it is, and one of long ago was left by a probe cut off. */
type Demand = AsyncDisposable & { isOurs: () => Promise<boolean> }
const LEFT_BEHIND_MS = 60_000

async function demandIn(canary: Canary): Promise<Demand> {
  const { name, secondFactor, secondFactorFrom } = await standing(canary)
  const age_ms = Date.now() - Date.parse(secondFactorFrom ?? '')
  if (secondFactor !== 'policy' && age_ms < LEFT_BEHIND_MS) throw new Error('another probe is at it')
  const since = new Date(Date.now() - Math.ceil(Math.random() * 1_000)).toISOString()
  const set = async (demand: object) => {
    const told = await canary.call('identity.workspace.update', { name, ...demand }, 'invitations')
    if (told.status !== 200) throw new Error(`the workspace could not say what it demands: ${told.status}`)
  }
  const isOurs = async () => Date.parse((await standing(canary)).secondFactorFrom ?? '') === Date.parse(since)
  await set({ secondFactor: 'everyone', secondFactorFrom: since })
  return { isOurs, [Symbol.asyncDispose]: () => set({ secondFactor: 'policy' }) }
}

type Standing = { name: string; secondFactor: string; secondFactorFrom: string | null }
const standing = async (canary: Canary) => (await canary.call('identity.workspace.get', {})).json() as Standing
