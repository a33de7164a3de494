/**
 * Two processes of one deployment, and sixty-four requests that use the same link, code, challenge or token at the same
 * moment: whatever works once works once, and those who came too late have left nothing half made behind.
 */
import type { Result, Say, Size } from '../../cli/campaign.ts'
import { authenticator } from '../authenticator.ts'
import { openCrowd, ORIGIN, PASSWORD, someAddress } from '../crowd.ts'
import type { Crowd, Somebody, Told } from '../crowd.ts'
import { shown } from '../visitors.ts'

export const summary =
  'races sixty-four requests in two processes for links, codes, challenges and tokens that work once'

const ROUNDS: Record<Size, number> = { small: 1, full: 20 }
const AT_ONCE: Record<Size, number> = { small: 24, full: 64 }

type Racing = Crowd & { round: number; all: (make: (at: number) => Promise<Told>) => Promise<Told[]> }
/** Answers what is broken, in words. */
type Race = (racing: Racing) => Promise<string[]>

export async function campaign(size: Size, say: Say): Promise<Result> {
  await using crowd = await openCrowd(AT_ONCE[size])
  const all: Racing['all'] = (make) => Promise.all(Array.from({ length: AT_ONCE[size] }, (_, at) => make(at)))
  const counts = { rounds: 0, races: 0, requests: 0, 'broken races': 0 }
  for (let round = 0; round < ROUNDS[size]; round++) {
    for (const [name, race] of Object.entries(races)) {
      const broken = await race({ ...crowd, round, all })
      for (const what of broken) say(`round ${round}, ${name}: ${what}`)
      counts.races++
      counts['broken races'] += broken.length
    }
    counts.rounds++
    if (counts.rounds % 5 === 0) say(`${counts.rounds} rounds`)
  }
  counts.requests = crowd.requests()
  return { counts, ok: counts['broken races'] === 0 }
}

const races: Record<string, Race> = {
  async 'an owner’s link makes one owner'({ all, post, ownerLink, sql, workspace, round }) {
    const ticket = await ownerLink()
    const sign = `owner-${round}-`
    const newcomer = (at: number) => ({ name: 'Racer', email: `${sign}${at}@races.invalid`, password: PASSWORD })
    const told = await all((at) => post(at, 'welcome', { ticket, ...newcomer(at) }))
    return [...oneOf(told, 'ticket-over'), ...(await madeOnce(sql, workspace, `${sign}%`))]
  },

  async 'a link lets in once'({ all, post, mailed, sql, somebody, workspace }) {
    const { id, email } = await somebody()
    const { claim } = (await post(0, 'link-send', { email, workspace })).body
    const ticket = await mailed(email)
    const told = await all((at) => post(at, 'link-use', { ticket, claim }))
    return [...oneOf(told, 'ticket-over'), ...(await sessions(sql, id, 2))]
  },

  async 'a link sets one password'({ all, post, mailed, sql, somebody, workspace }) {
    const { id, email } = await somebody()
    await post(0, 'reset-send', { email, workspace })
    const ticket = await mailed(email)
    const password = (at: number) => `${PASSWORD}, number ${at}`
    const told = await all((at) => post(at, 'reset-use', { ticket, password: password(at) }))
    const winner = told.findIndex(({ status }) => status === 200)
    const after = await post(1, 'sign-in', { email, password: password(winner), workspace })
    const letters = await count(sql, `mail.letter where recipient = $1 and template = 'credential-changed'`, email)
    return [
      ...oneOf(told, 'ticket-over'),
      ...broken('the winner’s password does not open', after.status !== 200),
      ...broken('more or less than one letter told of it', letters !== 1),
      ...(await sessions(sql, id, 2)),
    ]
  },

  async 'an invitation lets in one'({ all, post, call, mailed, sql, somebody, workspace }) {
    const { token } = await somebody()
    const email = someAddress()
    await call(0, 'identity.invitation.create', { email, roles: ['viewer'] }, token)
    const ticket = await mailed(email)
    const accept = { ticket, name: 'Racer', password: PASSWORD }
    const told = await all((at) => post(at, 'invitation-accept', accept))
    return [...oneOf(told, 'ticket-over', 'address-taken'), ...(await madeOnce(sql, workspace, email))]
  },

  async 'a link opens one workspace'({ all, post, mailed, sql, round }) {
    const email = someAddress()
    await post(0, 'sign-up', { email })
    const ticket = await mailed(email)
    const workspaceName = `Opened in round ${round}`
    const finish = { ticket, name: 'Racer', password: PASSWORD, workspaceName }
    const told = await all((at) => post(at, 'sign-up-finish', finish))
    const opened = await count(sql, 'identity.workspace where name = $1', workspaceName)
    const people = await count(sql, 'identity.person where email_key = $1', email)
    return [
      ...oneOf(told, 'ticket-over', 'address-taken'),
      ...broken(`${opened} workspaces and ${people} people were made`, opened !== 1 || people !== 1),
    ]
  },

  async 'an address changes once'({ all, post, mailed, sql, somebody }) {
    const { id, email: before, token } = await somebody()
    const email = someAddress()
    await post(0, 'address-change', { email }, token)
    const ticket = await mailed(email)
    const told = await all((at) => post(at, 'address-confirm', { ticket }, token))
    const moved = await count(sql, 'identity.person where id = $1 and email_key = $2', id, email)
    const letters = await count(sql, `mail.letter where recipient = $1 and template = 'address-changed'`, before)
    return [...oneOf(told, 'ticket-over'), ...broken('it is not told as it is', moved !== 1 || letters !== 1)]
  },

  async 'a code of the app works once'(racing) {
    const { all, post, sql, somebody } = racing
    const { me, secret } = await enrolled(racing, await somebody())
    const tickets = await all((at) => half(racing, me, at))
    const code = shown(secret)
    const told = await all((at) => post(at, 'factor', { ticket: tickets[at]!.body.ticket, method: 'totp', code }))
    return [...oneOf(told, 'wrong-code'), ...(await sessions(sql, me.id, 2))]
  },

  async 'a code on paper works once'(racing) {
    const { all, post, sql, somebody } = racing
    const { me, codes } = await enrolled(racing, await somebody())
    const tickets = await all((at) => half(racing, me, at))
    const [code] = codes
    const told = await all((at) => post(at, 'factor', { ticket: tickets[at]!.body.ticket, method: 'recovery', code }))
    return [...oneOf(told, 'wrong-code'), ...(await sessions(sql, me.id, 2))]
  },

  async 'a half-done sign-in is finished once, with one code'(racing) {
    const { all, post, sql, somebody } = racing
    const { me, codes } = await enrolled(racing, await somebody())
    const { ticket } = (await half(racing, me, 0)).body
    const code = (at: number) => codes[at % codes.length]
    const told = await all((at) => post(at, 'factor', { ticket, method: 'recovery', code: code(at) }))
    const used = await count(sql, 'identity.recovery_code where person_id = $1 and used_at is not null', me.id)
    return [
      ...oneOf(told, 'ticket-over'),
      ...broken(`${used} codes were used up`, used !== 1),
      ...(await sessions(sql, me.id, 2)),
    ]
  },

  async 'a passkey answers a challenge once'({ all, post, sql, somebody, workspace, round }) {
    const { id, token } = await somebody()
    const key = authenticator(-7, { counts: round % 2 === 0 })
    const begun = (await post(0, 'passkey-add-begin', {}, token)).body
    const response = key.create(begun.options, { origin: ORIGIN })
    const added = await post(0, 'passkey-add', { ticket: begun.ticket, name: 'Raced', response }, token)
    const { ticket, options } = (await post(1, 'passkey-begin', { workspace })).body
    const shows = key.get(options, { origin: ORIGIN })
    const told = await all((at) => post(at, 'passkey-finish', { ticket, response: shows }))
    return [
      ...broken('no passkey could be added', added.status !== 200),
      ...oneOf(told, 'ticket-over'),
      ...(await sessions(sql, id, 2)),
    ]
  },

  /** Nobody holds a connection while they wait for the next, or those who come at once would wait for each other. */
  async 'all who have a challenge of their own come in'({ all, post, sql, somebody, workspace }) {
    const { id, token } = await somebody()
    const key = authenticator(-7, { counts: false })
    const begun = (await post(0, 'passkey-add-begin', {}, token)).body
    const response = key.create(begun.options, { origin: ORIGIN })
    await post(0, 'passkey-add', { ticket: begun.ticket, name: 'Raced', response }, token)
    const asked = await all((at) => post(at, 'passkey-begin', { workspace }))
    const told = await all((at) => {
      const { ticket, options } = asked[at]!.body
      return post(at, 'passkey-finish', { ticket, response: key.get(options, { origin: ORIGIN }) })
    })
    const refused = told.filter(({ status }) => status !== 200)
    return [
      ...broken(`${refused.length} did not come in: ${refused[0]?.text}`, refused.length > 0),
      ...(await sessions(sql, id, 1 + told.length)),
    ]
  },

  /** Tabs that ask at once all get the one successor; whoever brings the old token back later ends the session. */
  async 'a refresh token has one successor'({ all, post, sql, somebody }) {
    const { id, refresh } = await somebody()
    const told = await all((at) => post(at, 'refresh', { refreshToken: refresh }))
    const successors = new Set(told.map(({ body }) => body.refreshToken as string))
    const generation = await count(sql, 'identity.session where person_id = $1 and generation = 1', id)
    await sql(`update identity.session set rotated_at = rotated_at - interval '1 hour' where person_id = $1`, [id])
    const late = await all((at) => post(at, 'refresh', { refreshToken: refresh }))
    const ended = await count(sql, 'identity.session where person_id = $1 and ended_at is not null', id)
    const letters = await count(sql, `audit.entry where action = 'identity.session.replay' and actor_id = $1`, id)
    return [
      ...broken(
        'a tab was refused',
        told.some(({ status }) => status !== 200),
      ),
      ...broken(`there were ${successors.size} successors`, successors.size !== 1 || generation !== 1),
      ...broken(
        'an old token was taken',
        late.some(({ status }) => status !== 401),
      ),
      ...broken(`the session ended ${ended} times and ${letters} entries tell of it`, ended !== 1 || letters !== 1),
    ]
  },
}

const broken = (what: string, is: boolean) => (is ? [what] : [])

/** One came in; every other was refused, and for one of these reasons. */
function oneOf(told: readonly Told[], ...codes: string[]): string[] {
  const winners = told.filter(({ status }) => status === 200).length
  const odd = told.find(({ status, body }) => status !== 200 && !codes.includes(body.code))
  return [...broken(`${winners} got it`, winners !== 1), ...broken(`somebody was answered ${odd?.text}`, !!odd)]
}

async function count(sql: Crowd['sql'], what: string, ...values: unknown[]): Promise<number> {
  const [row] = await sql(`select count(*)::int as n from ${what}`, values)
  return Number(row!['n'])
}

async function sessions(sql: Crowd['sql'], person: string, expected: number): Promise<string[]> {
  const made = await count(sql, 'identity.session where person_id = $1', person)
  return broken(`${made} sessions were begun`, made !== expected)
}

/** One person, who is one member, belongs once and has one session. */
async function madeOnce(sql: Crowd['sql'], workspace: string, email: string): Promise<string[]> {
  const people = 'select id from identity.person where email_key like $1'
  const made = [
    await count(sql, `(${people}) people`, email),
    await count(sql, 'identity.member where workspace_id = $2 and email like $1', email, workspace),
    await count(sql, `identity.belonging where person_id in (${people})`, email),
    await count(sql, `identity.session where person_id in (${people})`, email),
  ]
  return broken(
    `people, members, belongings and sessions: ${made.join(', ')}`,
    made.some((one) => one !== 1),
  )
}

/** With an app, whose last code is forgotten, and codes on paper. */
async function enrolled(
  { post, sql }: Crowd,
  me: Somebody,
): Promise<{ me: Somebody; secret: string; codes: string[] }> {
  const begun = (await post(0, 'app-begin', {}, me.token)).body as { ticket: string; secret: string; codes: string[] }
  const { ticket, secret, codes } = begun
  const kept = codes[0]
  const confirmed = await post(0, 'app-confirm', { ticket, code: shown(secret), kept }, me.token)
  if (confirmed.status !== 200) throw new Error(confirmed.text)
  await sql('update identity.factor set last_step = 0 where person_id = $1', [me.id])
  return { me, secret, codes }
}

const half = ({ post, workspace }: Crowd, { email }: Somebody, at: number) =>
  post(at, 'sign-in', { email, password: PASSWORD, workspace })
