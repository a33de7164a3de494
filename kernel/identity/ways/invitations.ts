import { z } from 'zod'
import { Refusal } from '../../contract/refusal.ts'
import { Line, Moment, oneOf } from '../../contract/values.ts'
import { Writing } from '../../postgres/work.ts'
import { acceptInvitation, invitedBy, joined } from './invited.ts'
import { newPerson } from '../members/joining.ts'
import { identityScope, placeIn, recorderScope } from '../lobby.ts'
import { insistOnPassword } from '../passwords/rules.ts'
import { actorOf, findPerson } from '../person.ts'
import { ticketHash, ticketOver } from '../ticket.ts'
import { arrive, begin, done, issue, Keep, Next, signInFailed } from './arrive.ts'
import { way } from './way.ts'

/**
 * What the link of an invitation leads to. It names one workspace and stands for one address: whoever has none here
 * becomes a person, whoever is known proves who they are, and nobody says in a request who they are or as what they
 * come.
 */
export const invitationShow = way({
  name: 'invitation-show',
  summary: 'Show what an invitation is for, to whoever holds its link',
  who: 'anyone',
  input: z.strictObject({ ticket: z.string().max(200) }),
  output: z.strictObject({
    workspace: z.string(),
    inviter: z.string(),
    email: z.string(),
    expiresAt: Moment,
    /** Whether to ask for their password, or for a new one. */
    hasAccount: z.boolean(),
  }),
  example: { ticket: 'vst_…' },
  tries: 'identity.member.join',
  as: ({ ticket }) => ({ ticket }),
  async run(house, { input }) {
    const invited = await invitedBy(house, input.ticket)
    if (!invited) throw ticketOver()
    const { workspaceName: workspace, inviter, email, expiresAt, lobby, key } = invited
    const hasAccount = (await findPerson(lobby, key)) !== undefined
    return { body: { workspace, inviter, email, expiresAt, hasAccount } }
  },
})

export const invitationAccept = way({
  name: 'invitation-accept',
  summary: 'Accept an invitation as somebody who has no account yet',
  who: 'anyone',
  input: z.strictObject({
    ticket: z.string().max(200),
    name: Line,
    password: z.string().max(1_000),
    locale: oneOf('en', 'ar').default('en'),
    keep: Keep,
  }),
  output: Next,
  example: { ticket: 'vst_…', name: 'Asha', password: 'a long and unusual sentence' },
  refuses: ['address-taken'],
  tries: 'identity.member.join',
  as: ({ ticket }) => ({ ticket }),
  async run(house, { input: { ticket, name, locale, keep, ...typed }, from }) {
    const invited = await invitedBy(house, ticket)
    if (!invited) throw ticketOver()
    const { workspace, workspaceName, email, lobby, key } = invited
    // A link that is not used up by it would have passwords hashed without end.
    if (await findPerson(lobby, key)) throw new Refusal(409, 'address-taken')
    const context = [house.title.en, house.title.ar, workspaceName, name, email]
    insistOnPassword(typed.password, { hasSecondFactor: false, context })
    const password = await house.hashing.hash(typed.password)
    await using work = new Writing(lobby.pool, identityScope(lobby.names, workspace))
    const person = await newPerson(work, lobby, { name, email, locale, password })
    const joining = { workspace, person, name, hasFactor: false }
    const accepted = await acceptInvitation(work, lobby, ticketHash(ticket), joining)
    if (!accepted) throw ticketOver()
    const begun = await begin(house, work, person, ['link'], from)
    const actor = actorOf({ id: person, name })
    await work.commit(recorderScope(lobby.names, workspace), [
      joined(house, actor, accepted, from),
      house.record('identity.session.begin', actor, from, { proofs: ['link'] }, begun.session),
    ])
    house.whois.changed(placeIn(lobby, workspace))
    return done(await issue(house, { ...begun, person, workspace, generation: 0 }), keep)
  },
})

/** Who has a second factor shows it before they are a member: an invitation is a way in for nobody. */
export const invitationJoin = way({
  name: 'invitation-join',
  summary: 'Accept an invitation as somebody who has an account, with its password',
  who: 'anyone',
  input: z.strictObject({ ticket: z.string().max(200), password: z.string().min(1).max(1_000), keep: Keep }),
  output: Next,
  example: { ticket: 'vst_…', password: 'a long and unusual sentence' },
  refuses: ['already-a-member'],
  tries: 'identity.member.join',
  as: ({ ticket }) => ({ ticket }),
  async run(house, { input: { ticket, password, keep }, from }) {
    const invited = await invitedBy(house, ticket)
    if (!invited) throw ticketOver()
    const { workspace, lobby, key } = invited
    await house.attempt('sign-in', from.network, key)
    const person = await findPerson(lobby, key)
    const { ok } = await house.hashing.check(password, person?.password)
    if (!ok || !person || person.isDisabled) throw signInFailed()
    await house.forgive('sign-in', from.network, key)
    const { id, passwordAt } = person
    const arriving = { person: id, proofs: ['password' as const], passwordAt, workspace, keep }
    return await arrive(house, lobby, { ...arriving, invitation: ticketHash(ticket) }, from)
  },
})
