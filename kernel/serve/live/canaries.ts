import { randomBytes } from 'node:crypto'
import { newToken } from '../../identity/token.ts'
import { changing } from '../../postgres/work.ts'
import { alone, asAdmin } from '../../tenancy/cluster.ts'
import type { Place, RealmKind } from '../../tenancy/realms.ts'
import type { Parts } from '../parts.ts'
import { hashesOfPeople, plantPeople } from './people.ts'
import type { Hashes } from './people.ts'
import { callIn, openWorkspace, ownerOf } from '../workspaces.ts'

/**
 * Two permanent workspaces in every kind of realm, north and south, with a row of everything the examples name.
 * Probes attack one from the other, in production too, so that no customer's workspace ever has to be touched to
 * prove anything.
 */
export type Planted = { kind: RealmKind; side: 'north' | 'south'; place: Place; things: Map<string, string> }

const SIDES = ['north', 'south'] as const
const KINDS = ['pool', 'database'] as const

export const ensureCanaries = (parts: Parts): Promise<Planted[]> =>
  alone(parts.deployment.admin, () => plantMissing(parts))

async function plantMissing(parts: Parts): Promise<Planted[]> {
  const known = await readCanaries(parts)
  const all: Planted[] = []
  let hashes: Promise<Hashes> | undefined
  for (const kind of KINDS)
    for (const side of SIDES) {
      const one = known.find((canary) => canary.kind === kind && canary.side === side)
      const planted = one?.things.has('marker')
        ? await kept(parts, one)
        : await plantCanary(parts, kind, side, one?.place)
      all.push(
        planted.things.get('people') === parts.vault.ring().current
          ? planted
          : await peopled(parts, planted, await (hashes ??= hashesOfPeople(parts))),
      )
    }
  await renewCanaries(parts, all)
  return all
}

/** What the log forgets by itself is planted anew long before it does, in a process that runs for weeks too. */
export async function renewCanaries(parts: Parts, canaries: readonly Planted[]): Promise<void> {
  const log = parts.modules.find(({ name }) => name === 'audit')!
  for (const { place, things } of canaries) {
    if (Date.now() - momentOf(things.get('entry')!) < A_DAY_ms) continue
    const fresh = await log.plant(callIn(parts, place), things.get('marker')!, ownerOf(parts))
    await writeThings(parts, place.workspace, fresh)
    for (const [thing, value] of Object.entries(fresh)) things.set(thing, value)
  }
}

export const A_DAY_ms = 24 * 3_600_000
/** When a row was made stands in its number. */
const momentOf = (id: string) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)

/** With its people, who are planted anew when what they know has changed. */
async function peopled(parts: Parts, planted: Planted, hashes: Hashes): Promise<Planted> {
  const people = await plantPeople(parts, planted, hashes)
  await writeThings(parts, planted.place.workspace, people)
  return { ...planted, things: new Map([...planted.things, ...Object.entries(people)]) }
}

/**
 * A key for a role of a canary: derived, not stored, so that every process of the deployment has it and no file does.
 */
export async function canaryKey(parts: Parts, { place }: Planted, role: string, name = role): Promise<string> {
  const secret = parts.vault.mac('canary', `${place.workspace} ${name}`)
  const { token, prefix, hash } = newToken(place.workspace, secret)
  const scope = { role: parts.deployment.names.role('identity'), schema: 'identity', workspace: place.workspace }
  await changing(parts.deployment.realms.open(place.realm), scope).run({
    text: `insert into key (name, role, prefix, hash) values ($1, $2, $3, $4)
      on conflict (workspace_id, hash) do nothing`,
    values: [`Probe (${name})`, role, prefix, hash],
  })
  return token
}

async function plantCanary(parts: Parts, kind: RealmKind, side: 'north' | 'south', begun?: Place): Promise<Planted> {
  const marker = `canary-${side}-${randomBytes(8).toString('hex')}`
  const place = begun ?? (await openWorkspace(parts, `Canary ${side}`, kind, side)).place
  const things = await plantThings(parts, place, marker)
  // Last, in one statement: a planting that was cut off has no marker and is begun again.
  await writeThings(parts, place.workspace, { ...things, marker })
  return { kind, side, place, things: new Map(Object.entries({ ...things, marker })) }
}

async function plantThings(parts: Parts, place: Place, marker: string): Promise<Record<string, string>> {
  const things: Record<string, string> = { role: ownerOf(parts) }
  for (const module of parts.modules)
    Object.assign(things, await module.plant(callIn(parts, place), marker, ownerOf(parts)))
  return things
}

/** What was planted by an older version lacks what examples have learnt to ask for. */
async function kept(parts: Parts, planted: Planted): Promise<Planted> {
  const asked = new Set<string>()
  for (const { operation } of parts.catalogue.values())
    operation.example((thing) => {
      asked.add(thing)
      return planted.things.get(thing) ?? planted.place.workspace
    })
  if (asked.isSubsetOf(new Set(planted.things.keys()))) return planted
  const marker = `${planted.things.get('marker')}-${randomBytes(8).toString('hex')}`
  const things = await plantThings(parts, planted.place, marker)
  await writeThings(parts, planted.place.workspace, things)
  return { ...planted, things: new Map([...planted.things, ...Object.entries(things)]) }
}

async function writeThings({ deployment }: Parts, workspace: string, things: Record<string, string>) {
  await asAdmin(deployment.admin, deployment.names.deployment, (client) =>
    client.query(PLANTED, [workspace, Object.keys(things), Object.values(things)]),
  )
}

const PLANTED = `insert into directory.planted select $1, * from unnest($2::text[], $3::text[])
  on conflict (workspace_id, thing) do update set value = excluded.value`

type Row = { workspace: string; side: 'north' | 'south'; things: Record<string, string> | null }

async function readCanaries({ deployment }: Parts): Promise<Planted[]> {
  const rows = await asAdmin(deployment.admin, deployment.names.deployment, async (client) => {
    const found = await client.query<Row>(
      `select w.id as workspace, w.canary as side, 
         json_object_agg(p.thing, p.value) filter (where p.thing is not null) as things
       from directory.workspace w left join directory.planted p on p.workspace_id = w.id
       where w.canary is not null group by w.id order by w.created_at`,
    )
    return found.rows
  })
  return await Promise.all(
    rows.map(async ({ workspace, side, things }) => {
      const place = await deployment.realms.place(workspace)
      if (!place) throw new Error('a canary has lost its realm')
      return { kind: place.realm.kind, side, place, things: new Map(Object.entries(things ?? {})) }
    }),
  )
}
