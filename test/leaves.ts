import assert from 'node:assert/strict'
import { Forgetting } from '../kernel/audit/forgetting/forgetting.ts'
import type { Sealer } from '../kernel/audit/sealing/sealer.ts'
import type { Place } from '../kernel/tenancy/realms.ts'
import type { World } from '../kernel/testing.ts'
import { sql } from './people.ts'
import { exportOf, sealAll, verified } from './sealed.ts'

/** For tests of what is forgotten: a world in which the test alone seals and forgets, and what its logs then hold. */
export async function takeOver({ served }: World): Promise<void> {
  await (served.parts.sealer as Sealer)[Symbol.asyncDispose]()
}

export const sealed = ({ served, north }: World) => sealAll(served.parts, north.place.realm)

/** What another process of the deployment would do: answers whether there may be more. */
export function forgettingIn({ served, north }: World): () => Promise<boolean> {
  const { deployment, edition } = served.parts
  const { realm } = north.place
  const one = new Forgetting(deployment.names.keeper, edition.policy)
  return () => one.forgetDue(realm.id, deployment.keeper.open(realm))
}

/** Everything that is due, sealed in between. */
export async function settle(here: World): Promise<void> {
  const forgetDue = forgettingIn(here)
  do await sealed(here)
  while (await forgetDue())
}

/** An entry and its leaf, as the one who owns the tables sees them. */
export type Kept = {
  id: string
  epoch: number
  seq: number
  hash: Buffer
  at: string
  action: string
  actorId: string
  target: string | null
  actorName: string | null
  address: string | null
  userAgent: string | null
  input: string | null
  changes: string | null
  hasWho: boolean
  hasWhat: boolean
}

export const keptIn = async (here: World, workspace: string): Promise<Kept[]> =>
  (await sql(here)(KEPT, [workspace])) as unknown as Kept[]

const KEPT = `select e.id, l.epoch, l.seq::int as seq, l.hash,
    to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, e.action, e.actor_id as "actorId",
    e.target,
    e.actor_name as "actorName", e.address, e.user_agent as "userAgent", e.input::text as input,
    e.changes::text as changes, l.who_salt is not null as "hasWho", l.what_salt is not null as "hasWhat"
  from audit.leaf l join audit.entry e on e.workspace_id = l.workspace_id and e.id = l.id
  where l.workspace_id = $1 order by l.epoch, l.seq`

/** A stranger says so: what is left is what was sealed, and of what is not there any more a later entry tells. */
export async function insistOnWhole(here: World, place: Place): Promise<void> {
  const { status, said } = await verified(await exportOf(here.served.parts, place))
  assert.equal(status, 0, said)
}

export const numbersIn = (ranges: string): number[] =>
  ranges
    .split(',')
    .filter(Boolean)
    .flatMap((range) => {
      const [from, to = from] = range.split('-').map(Number) as [number, number?]
      return Array.from({ length: to - from + 1 }, (_, at) => from + at)
    })
