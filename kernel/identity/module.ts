import { module } from '../contract/module.ts'
import * as alert from './alert.ts'
import * as invitation from './invitation.ts'
import * as key from './key.ts'
import * as member from './member.ts'
import * as right from './right.ts'
import * as role from './role.ts'
import * as support from './support.ts'
import { tables } from './tables.ts'
import * as workspace from './workspace.ts'

/**
 * Who may come in, as what, and until when. What a workspace decides (members, roles, invitations, keys, help from
 * staff) are its operations, in the files beside this one; what is a person's own, and every way in and out, stands in
 * `ways/`. To follow somebody in: `lobby.ts` is where people stand before they are in a workspace, `ways/arrive.ts` is
 * where a session begins, `whois.ts` is how each request after that is known, and `giving.ts` is what they may hand on.
 */
export const identity = module('identity', import.meta.url, {
  nouns: { alert, invitation, key, member, right, role, support, workspace },
  tables,
  async plant(call, marker, owner) {
    const make = async (verb: string, input: object) => (await call(`identity.${verb}`, input)).id
    const key = (name: string) => make('key.create', { name: `${name} ${marker}`, role: owner })
    const member = (name: string) => make('member.plant', { name: `${name} ${marker}` })
    const invitation = (name: string) => make('invitation.plant', { name: `${name} ${marker}` })
    const role = (name: string) =>
      make('role.create', {
        key: `${name}-${marker.slice(-8)}`,
        title: `${name} ${marker}`,
        grants: ['identity.workspace.get'],
      })
    // A canary lets nobody in, but for a probe that asks it to.
    const ended = (id: string) => make('support.revoke', { id })
    return {
      key: await key('key'),
      spareKey: await key('spare key'),
      oldKey: await key('old key'),
      member: await member('member'),
      spareMember: await member('spare member'),
      oldMember: await member('old member'),
      invitation: await invitation('invitation'),
      oldInvitation: await invitation('old invitation'),
      ownRole: await role('own'),
      oldRole: await role('old'),
      supportGrant: await ended(await make('support.grant', { role: owner, note: `note ${marker}`, hours: 1 })),
    }
  },
})
