import { z } from 'zod'
import { granted } from '../../access/rights.ts'
import { Id, Line, Moment, oneOf } from '../../contract/values.ts'
import { changingLobby, commitLobby } from '../lobby.ts'
import { hasFactor } from '../person.ts'
import { openTo } from './arrive.ts'
import { changedEverywhere, everywhere } from './everywhere.ts'
import { self, settledSelf } from './self.ts'
import { way } from './way.ts'

export const me = way({
  name: 'me',
  summary: 'Show who one is, where one may work, and whether a second factor is asked for',
  who: 'person',
  input: z.strictObject({}),
  output: z.strictObject({
    id: Id,
    name: z.string(),
    email: z.string(),
    locale: oneOf('en', 'ar'),
    workspace: Id,
    roles: z.array(z.string()),
    /** The permissions that these come to, by name: what a page offers them. */
    may: z.array(z.string()),
    /** What the product has at all: nobody is told of what they might be let do elsewhere. */
    modules: z.array(z.string()),
    workspaces: z.array(z.strictObject({ id: Id, name: z.string() })),
    secondFactor: z.strictObject({
      isOffered: z.boolean(),
      hasOne: z.boolean(),
      hasApp: z.boolean(),
      passkeys: z.int(),
      /** How many codes on paper are left. */
      codes: z.int(),
      /** Nothing else is open until there is one. */
      isRequired: z.boolean(),
      /** Where that day is still to come. */
      requiredFrom: Moment.nullable(),
    }),
    /** When they last proved who they are; null where they have a second factor and did not show it. */
    provedAt: Moment.nullable(),
  }),
  example: {},
  async run(house, { caller }) {
    const { lobby, person } = await self(house, caller)
    const { id, name, email, locale, hasApp, passkeys, codes } = person
    const { heldFrom_ms, provedAt_ms, place, session } = caller
    const isRequired = heldFrom_ms <= Date.now()
    const secondFactor = {
      isOffered: house.policy.secondFactor !== 'not offered',
      hasOne: hasFactor(person),
      hasApp,
      passkeys,
      codes,
      isRequired,
      requiredFrom: isRequired ? null : momentOf(heldFrom_ms),
    }
    const modules = [...new Set(house.permissions.map((name) => name.split('.')[0]!))]
    const { workspace } = place
    const roles = [...session!.roles]
    const workspaces = await openTo(lobby, person)
    const may = house.permissions.filter((_, index) => granted(caller.rights, index))
    return {
      body: {
        id,
        name,
        email,
        locale,
        workspace,
        roles,
        may,
        modules,
        workspaces,
        secondFactor,
        provedAt: momentOf(provedAt_ms),
      },
    }
  },
})

const momentOf = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString() : null)

export const profileChange = way({
  name: 'profile-change',
  summary: 'Change one’s own name and language',
  who: 'person',
  input: z.strictObject({ name: Line, locale: oneOf('en', 'ar') }),
  output: z.strictObject({ id: Id, name: z.string(), locale: z.string() }),
  example: { name: 'Asha', locale: 'ar' },
  async run(house, { input: { name, locale }, caller, from }) {
    const { lobby, person } = await settledSelf(house, caller)
    await using work = changingLobby(lobby)
    const { id } = person
    await work.run({
      text: 'update identity.person set name = $2, locale = $3 where id = $1',
      name: 'change profile',
      values: [id, name, locale],
    })
    const rename = {
      text: 'update identity.member set name = $2, locale = $4 where person_id = $1 and state <> $3',
      name: 'rename member',
      values: [id, name, 'removed', locale],
    }
    const entry = house.record('identity.person.changeProfile', caller.actor, from, { name, locale }, id)
    await everywhere(work, lobby, person, rename, entry)
    await commitLobby(work, lobby)
    changedEverywhere(house, lobby, person)
    return { body: { id, name, locale } }
  },
})
