import { randomUUID } from 'node:crypto'
import type { Origin } from '../audit/record.ts'
import type { Policy } from '../contract/control.ts'
import type { Call } from '../contract/module.ts'
import { linkTo } from '../identity/ticket.ts'
import { ownerTicket } from '../identity/ways/welcome.ts'
import type { Caller } from '../identity/whois.ts'
import { Writing } from '../postgres/work.ts'
import type { Place, RealmKind } from '../tenancy/realms.ts'
import { dispatch } from './dispatch.ts'
import type { Parts } from './parts.ts'

/**
 * Making a workspace, and acting in one from the command line: the same way in as everybody else, with a name of its
 * own.
 */
export type Opened = { place: Place; token: string }

/** A new workspace with its first key, which has the rights of the edition's first role. */
export async function openWorkspace(
  parts: Parts,
  name: string,
  kind: RealmKind,
  canary?: 'north' | 'south',
): Promise<Opened> {
  const place = await openEmptyWorkspace(parts, name, kind, { canary })
  const { token } = await callIn(parts, place)<{ token: string }>('identity.key.create', {
    name: 'First key',
    role: ownerOf(parts),
  })
  return { place, token }
}

/** Makes whoever opens it an owner, once; by it the first one comes in, and one who has lost every other way. */
export async function ownerLink({ deployment, record, publicUrl }: Parts, place: Place): Promise<string> {
  const { realms, names } = deployment
  const { workspace, realm } = place
  const entry = record('identity.workspace.invite-owner', OPERATOR, { requestId: randomUUID() }, {}, workspace)
  const token = await ownerTicket({ realm, pool: realms.open(realm), names }, workspace, [entry])
  return `${publicUrl ?? ''}${linkTo('owner', token)}`
}

/** The same without a key: somebody is about to own it who has just shown who they are. */
export async function openEmptyWorkspace(
  parts: Pick<Parts, 'deployment' | 'catalogue' | 'record'>,
  name: string,
  kind: RealmKind,
  { canary, from = { requestId: randomUUID() } }: { canary?: 'north' | 'south' | undefined; from?: Origin } = {},
): Promise<Place> {
  const place = await parts.deployment.createWorkspace(kind, canary)
  await nameWorkspace(parts, place, name, from)
  return place
}

/** Where an edition puts a new workspace. */
export const kindOf = ({ tenancy }: Policy): RealmKind => (tenancy === 'pool' ? 'pool' : 'database')

/** Calls operations inside a workspace as the operator of this deployment. */
export function callIn(parts: Parts, place: Place): Call {
  const caller = operatorIn(parts, place)
  return async <Out>(name: string, input: unknown) => {
    const served = parts.catalogue.get(name)
    if (!served) throw new Error(`there is no operation ${name}`)
    const origin = { requestId: randomUUID() }
    return JSON.parse(await dispatch(parts, served, caller, { input, origin })) as Out
  }
}

export const ownerOf = ({ edition }: Parts) => Object.keys(edition.roles)[0]!

const OPERATOR = { id: 'operator', kind: 'system', name: 'Operator of this deployment' } as const

function operatorIn(parts: Pick<Parts, 'deployment' | 'catalogue'>, place: Place): Caller {
  return {
    place,
    pool: parts.deployment.realms.open(place.realm),
    actor: OPERATOR,
    // Whoever runs the process can do everything that exists, whatever the edition gives its owners.
    rights: new Uint32Array(Math.ceil(parts.catalogue.size / 32)).fill(0xffff_ffff),
    rank: 'operator',
    heldFrom_ms: Number.POSITIVE_INFINITY,
    provedAt_ms: Number.POSITIVE_INFINITY,
  }
}

/** The one row that no operation makes, since there is nobody in the workspace yet; it is in the log all the same. */
async function nameWorkspace(
  parts: Pick<Parts, 'deployment' | 'catalogue' | 'record'>,
  place: Place,
  name: string,
  from: Origin,
) {
  const { names } = parts.deployment
  const { pool, actor } = operatorIn(parts, place)
  const { workspace } = place
  await using work = new Writing(pool, { role: names.role('identity'), schema: 'identity', workspace })
  await work.run({
    text: 'insert into workspace (id, name) values ($1, $2) on conflict (workspace_id, id) do nothing',
    values: [workspace, name],
  })
  await work.commit({ role: names.recorder, schema: 'audit', workspace }, [
    parts.record('identity.workspace.create', actor, from, { name }, workspace),
  ])
}
