import { hash, randomBytes } from 'node:crypto'
import { control } from '../../contract/control.ts'
import type { Canary, Live, Told } from '../../contract/control.ts'
import { undoing } from './careless.ts'
import { addressIn, anyCanary, codeOf, inside, isAbsent, post, sendAway } from './guest.ts'
import { open } from './keys.ts'
import { placesOf } from './stored.ts'

export const invitations = control({
  claim:
    'A link of an invitation lets in one person, by the address that it was sent to and with the roles that were ' +
    'written in it, once; after its end, or when it was revoked, nobody. Where strangers may open nothing, no other ' +
    'way in makes an account.',
  enforcedBy: [
    'kernel/identity/invitation.ts',
    'kernel/identity/ways/invited.ts',
    'kernel/identity/ways/invitations.ts',
    'kernel/identity/ways/sign-up.ts',
    'kernel/identity/ticket.ts',
  ],
  every: '1 hour',
  async probe(live) {
    const faults = await lifeOfInvitations(live, anyCanary(live))
    return faults.length
      ? { holds: false, saw: 'an invitation let in more than the one whom it was for', detail: faults }
      : { holds: true, saw: 'an invitation let in the one whom it was for, once, and nobody when it was over' }
  },
  sabotage: (broken) => undoing(broken, 'invitation', 'update', 'new.accepted_at := null'),
})

async function lifeOfInvitations(live: Live, canary: Canary): Promise<string[]> {
  await using mailbox = mailboxIn(canary)
  const { address } = mailbox
  const faults: string[] = []
  const note = (isFault: boolean, fault: string) => void (isFault && faults.push(fault))
  const revoked = await invite(live, canary, address)
  note(!(await shows(live, revoked, address)), 'a link did not show what it is for')
  await call(canary, 'revoke', { id: revoked.id })
  // There is no other to be had for the address while that one counts.
  if (await isOpen(live, revoked)) return [...faults, 'a revoked invitation is open']
  const late = await invite(live, canary, address)
  await canary.catalogue(`${inside(canary.workspace)}
    update identity.invitation set expires_at = clock_timestamp() where id = '${late.id}'`)
  note(await isOpen(live, late), 'an invitation is open after its end')
  const good = await invite(live, canary, address)
  const [kept, hashes] = await Promise.all(
    [good.ticket, hash('sha256', good.ticket)].map((word) => placesOf(canary.catalogue, canary.workspace, [word])),
  )
  note(kept!.length > 0 || hashes!.join() !== 'identity.invitation', 'more of an invitation is stored than its hash')
  for (const { ticket } of [revoked, late])
    note((await accept(live, ticket)).status !== 401, 'one that was over let in')
  const claimed = await accept(live, good.ticket, { email: canary.person('owner').email })
  note(claimed.status !== 400, 'somebody said themselves which address they have')
  return [...faults, ...(await used(live, canary, good, address))]
}

/** Exactly one comes in, as who they were invited. */
async function used(live: Live, canary: Canary, { id, ticket }: Invited, address: string): Promise<string[]> {
  const faults: string[] = []
  const told = await accept(live, ticket)
  const { accessToken } = (told.status === 200 ? (told.json()['session'] ?? {}) : {}) as { accessToken?: string }
  if (!accessToken) return [`the one whom it was for was answered ${told.status}`]
  const { email, workspace, roles } = (await post(live, 'me', {}, accessToken)).json()
  if (email !== address || workspace !== canary.workspace || String(roles) !== leastOf(live))
    faults.push('somebody came in otherwise than they were invited')
  const { status } = await open(live, accessToken)
  if (status !== 200 && status !== 403) faults.push(`whoever came in was answered ${status}`)
  if ((await accept(live, ticket)).status !== 401 || (await isOpen(live, { id, ticket })))
    faults.push('an invitation worked twice')
  return [...faults, ...(await uninvited(live, ticket))]
}

/** Ways by which strangers come, where there are any, make nobody a member of a workspace that exists. */
async function uninvited(live: Live, ticket: string): Promise<string[]> {
  const finish = { ticket, name: 'Guest', password: randomBytes(24).toString('base64url'), workspaceName: 'Nowhere' }
  const finished = await post(live, 'sign-up-finish', finish)
  if (live.policy.signUp === 'open')
    return finished.status === 401 ? [] : [`to open a workspace with it was answered ${finished.status}`]
  const begun = await post(live, 'sign-up', { email: 'guest-nobody@canaries.invalid' })
  return isAbsent(begun) && isAbsent(finished) ? [] : ['strangers may open something']
}

const leastOf = ({ roles }: Live) => Object.keys(roles).at(-1)!

type Invited = { id: string; ticket: string }

/** As its owner does; the link is read where it was sent. */
async function invite(live: Live, canary: Canary, email: string): Promise<Invited> {
  const { id } = await call(canary, 'create', { email, roles: [leastOf(live)] })
  const [newest] = await canary.letters(email)
  const ticket = /\/enter#invitation=([\w-]+)/.exec(newest ?? '')?.[1]
  if (!ticket) throw new Error('an invitation was made, and its letter is not there')
  return { id, ticket }
}

async function call(canary: Canary, verb: 'create' | 'revoke', input: object): Promise<{ id: string }> {
  const told = await canary.call(`identity.invitation.${verb}`, input, 'invitations')
  if (told.status !== 200) throw new Error(`no invitation to look at: ${told.status} ${codeOf(told) ?? ''}`)
  return told.json() as { id: string }
}

const shown = (live: Live, { ticket }: Invited) => post(live, 'invitation-show', { ticket })

async function shows(live: Live, invited: Invited, address: string): Promise<boolean> {
  const told = await shown(live, invited)
  return told.status === 200 && told.json()['email'] === address
}

const isOpen = async (live: Live, invited: Invited) => (await shown(live, invited)).status !== 401

const accept = (live: Live, ticket: string, more: object = {}): Promise<Told> =>
  post(live, 'invitation-accept', { ticket, name: 'Guest', password: randomBytes(24).toString('base64url'), ...more })

/** An address of nobody, and whoever came by it goes when the probe has seen enough. */
function mailboxIn(canary: Canary): AsyncDisposable & { address: string } {
  const address = addressIn(canary)
  return { address, [Symbol.asyncDispose]: () => sendAway(canary, address) }
}
