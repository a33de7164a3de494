import { randomBytes } from 'node:crypto'
import { control } from '../../contract/control.ts'
import type { Canary, Live, Told } from '../../contract/control.ts'
import { undoing } from './careless.ts'
import { addressIn, anyCanary, enrol, guestIn, inside, isAbsent, LOBBY, patiently, post } from './guest.ts'
import type { Guest } from './guest.ts'
import { open } from './keys.ts'

export const links = control({
  claim:
    'A link that was mailed to sign in with works once, for a few minutes, in the browser that asked for it, and ' +
    'after it the second factor is asked for as ever; to look at it changes nothing. Where no links are offered ' +
    'there are none.',
  enforcedBy: ['kernel/identity/ways/link.ts', 'kernel/identity/ways/mailed.ts', 'kernel/identity/ticket.ts'],
  every: '1 hour',
  async probe(live) {
    const isOffered = live.policy.signIn.includes('link')
    const faults = isOffered ? await linkFaults(live, anyCanary(live)) : await linksThere(live)
    if (faults.length)
      return { holds: false, saw: 'a link to sign in with was not what it is said to be', detail: faults }
    return isOffered
      ? { holds: true, saw: 'a link let in whoever asked for it, once, and nobody who only looked at it' }
      : { holds: true, saw: 'no way sent or took a link to sign in with' }
  },
  async sabotage(broken) {
    if (!broken.policy.signIn.includes('link')) return broken.misconfigure('links offered')
    return await undoing(broken, 'ticket', 'update', forgets('link'))
  },
})

export const reset = control({
  claim:
    'Who forgot their password gets a link that works once: it opens nothing by itself, ends every session, and ' +
    'skips no second factor. To ask for one is counted, and answered alike whether or not there is such an account.',
  enforcedBy: [
    'kernel/identity/ways/reset.ts',
    'kernel/identity/ways/mailed.ts',
    'kernel/identity/ticket.ts',
    'kernel/limits/attempts.ts',
  ],
  every: '1 hour',
  async probe(live) {
    const canary = anyCanary(live)
    await using guest = await guestIn(live, canary, 'least')
    const nobody = addressIn(canary)
    const faults = [...(await askedAlike(live, canary, guest, nobody)), ...(await countedAlike(live, guest, nobody))]
    faults.push(...(await resetFaults(live, canary, guest)))
    return faults.length
      ? { holds: false, saw: 'a link for a forgotten password told or opened too much', detail: faults }
      : {
          holds: true,
          saw: 'asking told nobody who has an account, and the link set a password once and opened nothing',
        }
  },
  sabotage: (broken) => undoing(broken, 'ticket', 'update', forgets('reset')),
})

const forgets = (purpose: string) => `if new.purpose = '${purpose}' then new.used_at := null; end if`

async function linksThere(live: Live): Promise<string[]> {
  const asked = await post(live, 'link-send', { email: 'guest-nobody@canaries.invalid' })
  const used = await post(live, 'link-use', { ticket: 'none', claim: 'none' })
  return isAbsent(asked) && isAbsent(used) ? [] : ['a way of signing in is there that nobody offers']
}

async function linkFaults(live: Live, canary: Canary): Promise<string[]> {
  await using guest = await guestIn(live, canary, 'least')
  const hasApp = live.policy.secondFactor !== 'not offered'
  if (hasApp) await enrol(canary, guest, await guest.token())
  const faults: string[] = []
  const note = (isFault: boolean, fault: string) => void (isFault && faults.push(fault))
  const known = await send(live, 'link', canary, guest.email)
  const nobody = addressIn(canary)
  const unknown = await send(live, 'link', canary, nobody)
  if (known.status !== 200) return [`to ask for a link was answered ${known.status}`]
  faults.push(...differences(known, unknown).map((one) => `an account that is not there has another ${one}`))
  note((await canary.letters(nobody)).length > 0, 'a letter was written to an account that is not there')
  const ticket = await guest.mailed('link')
  const [claim, another] = [known, unknown].map((told) => told.json()['claim'])
  const use = (of: unknown) => guest.post('link-use', { ticket, claim: of })
  faults.push(...(await lookedAt(live, ticket)))
  note((await use(another)).status !== 401, 'a link opened in another browser than the one that asked')
  note(!((await lifeOf(canary, guest)) <= LONGEST_S), 'a link lives for too long')
  note(nextOf(await use(claim)) !== (hasApp ? 'factor' : 'done'), 'a link did not lead to where a password does')
  note((await use(claim)).status !== 401, 'a link worked twice')
  await expire(canary, guest)
  note((await use(claim)).status !== 401, 'a link worked after its end')
  return faults
}

/** Fetched ahead, as scanners of mail do, with all that a link says. */
async function lookedAt({ http }: Live, ticket: string): Promise<string[]> {
  const faults: string[] = []
  for (const method of ['GET', 'HEAD']) {
    const { status, headers } = await patiently(() => http(`/auth/link-use?ticket=${ticket}`, { method }))
    if (status < 400 || headers.has('set-cookie')) faults.push(`to look at a link (${method}) was answered ${status}`)
  }
  return faults
}

const nextOf = (told: Told) => (told.status === 200 ? told.json()['next'] : undefined)

/** Ten minutes, and the moment between a transaction's beginning and the statement in it. */
const LONGEST_S = 601

const MINE = ({ id }: Guest) => `workspace_id = '${LOBBY}' and person_id = '${id}' and purpose = 'link'`

async function lifeOf({ catalogue }: Canary, guest: Guest): Promise<number> {
  const rows = await catalogue(`${inside(LOBBY)}
    select max(extract(epoch from expires_at - created_at))::float as lives_s from identity.ticket
    where ${MINE(guest)}`)
  return Number(rows[0]!['lives_s'] ?? Number.NaN)
}

/** As it would be if nobody had used it in time. */
const expire = async ({ catalogue }: Canary, guest: Guest): Promise<void> =>
  void (await catalogue(`${inside(LOBBY)}
    update identity.ticket set used_at = null, expires_at = clock_timestamp() where ${MINE(guest)}`))

const send = (live: Live, what: 'link' | 'reset', { workspace }: Canary, email: string) =>
  post(live, `${what}-send`, { email, workspace })

async function askedAlike(live: Live, canary: Canary, { email }: Guest, nobody: string): Promise<string[]> {
  const known = await send(live, 'reset', canary, email)
  const unknown = await send(live, 'reset', canary, nobody)
  const faults = differences(known, unknown).map((one) => `an account that is not there has another ${one}`)
  if (known.status !== 200) faults.push(`to ask for a link was answered ${known.status}`)
  if ((await canary.letters(nobody)).length > 0) faults.push('a letter was written to an account that is not there')
  return faults
}

/** Status, form and every header, but for those that differ between any two answers. */
function differences(one: Told, other: Told): string[] {
  const [facts, others] = [factsOf(one), factsOf(other)]
  return [...new Set([...facts.keys(), ...others.keys()])].filter((fact) => facts.get(fact) !== others.get(fact))
}

function factsOf({ status, headers, text }: Told): Map<string, string> {
  const own = [...headers].filter(([name]) => !/^(date|x-request-id|ratelimit.*)$/.test(name))
  return new Map([
    ...own,
    ['status', String(status)],
    ['body', text.replaceAll(/[\w-]{20,}/g, (word) => `${word.length}`)],
  ])
}

/** More than one person gets of letters that others asked for, from networks that somebody made up. */
const LETTERS = 10

async function countedAlike(live: Live, { email }: Guest, nobody: string): Promise<string[]> {
  const told: Told[] = []
  for (const account of [email, nobody]) {
    const network = `${randomBytes(9).toString('hex')} of a probe`
    for (let letter = 0; letter < LETTERS; letter++) await live.attempt('reset', { network, account })
    told.push(await post(live, 'reset-send', { email: account }))
  }
  const isSlowed = ({ status, headers }: Told) => status === 429 && Number(headers.get('retry-after')) > 0
  const faults = told.every(isSlowed) ? [] : ['letters to one address had no end']
  return (await endsForOneNetwork(live)) ? faults : [...faults, 'letters from one network had no end']
}

/** More letters than a network may cause, each to another address. */
const FROM_ONE = 32

async function endsForOneNetwork(live: Live): Promise<boolean> {
  const network = `${randomBytes(9).toString('hex')} of a probe`
  const asked = Array.from({ length: FROM_ONE }, (_, at) =>
    live.attempt('reset', { network, account: `${at} ${network}` }),
  )
  return (await Promise.all(asked)).some(({ allowed }) => !allowed)
}

async function resetFaults(live: Live, canary: Canary, guest: Guest): Promise<string[]> {
  const faults: string[] = []
  const ticket = await guest.mailed('reset')
  const session = await guest.token()
  const hasApp = live.policy.secondFactor !== 'not offered'
  if (hasApp) await enrol(canary, guest, session)
  const password = randomBytes(30).toString('base64url')
  const used = await guest.post('reset-use', { ticket, password })
  if (used.status !== 200) return [`the link for a password was answered ${used.status}`]
  if (/token|session"|ticket/i.test(used.text)) faults.push('a link for a password opened something by itself')
  if ((await open(live, session)).status !== 401) faults.push('a session outlived the password that it began with')
  const again = await guest.post('reset-use', { ticket, password: randomBytes(30).toString('base64url') })
  if (again.status !== 401) faults.push('a link for a password worked twice')
  if (again.status === 200) return faults
  const { email } = guest
  const next = nextOf(await guest.post('sign-in', { email, password, workspace: canary.workspace }))
  return next === (hasApp ? 'factor' : 'done') ? faults : [...faults, 'the new password led past the second factor']
}
