import { randomUUID } from 'node:crypto'
import { asAdmin } from '../kernel/tenancy/cluster.ts'
import type { Finding } from './finding.ts'
import type { World } from './world.ts'

/** What it costs to know who asks, on a request like the one before it: of a key, and of somebody who signed in. */
const REQUESTS = 50_000

export async function measureWhois(world: World): Promise<Finding[]> {
  const [first] = world.workspaces
  return [
    { what: 'who asks, by key', measured: await costOf(world, first!.key), unit: 'ns' },
    { what: 'who asks, by session', measured: await costOf(world, await sessionIn(world, first!.id)), unit: 'ns' },
  ]
}

async function costOf({ parts: { whois } }: World, token: string): Promise<number> {
  const ask = async () => {
    if (!(await whois.of(token))) throw new Error('a good token was not believed, so nothing was measured')
  }
  for (let request = 0; request < REQUESTS / 10; request++) await ask()
  const started = process.hrtime.bigint()
  for (let request = 0; request < REQUESTS; request++) await ask()
  return Number(process.hrtime.bigint() - started) / REQUESTS
}

/** Somebody who is in already: how they came in is measured elsewhere. */
async function sessionIn({ admin, parts }: World, workspace: string): Promise<string> {
  const [person, member, session] = [randomUUID(), randomUUID(), randomUUID()]
  const [owner] = parts.roles.keys()
  await asAdmin(admin, admin.database, async (client) => {
    await client.query(MEMBER, [workspace, member, person, [owner]])
    await client.query(SESSION, [workspace, session, person, member])
  })
  return await parts.house.tokens.make({ person, session, workspace })
}

const MEMBER = `insert into identity.member (workspace_id, id, person_id, name, email, roles)
  values ($1, $2, $3, 'Somebody', 'somebody@example.com', $4)`
const SESSION = `insert into identity.session (workspace_id, id, person_id, member_id, expires_at, proofs)
  values ($1, $2, $3, $4, now() + interval '1 hour', '{password}')`
