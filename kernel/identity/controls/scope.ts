import { hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { control } from '../../contract/control.ts'
import type { Canary, Live } from '../../contract/control.ts'
import { open, partsOf } from './keys.ts'

export const scoped = control({
  claim: 'An API key opens the one workspace that it was made in, whatever else a request may claim.',
  enforcedBy: ['kernel/identity/whois.ts', 'kernel/identity/token.ts'],
  every: '5 minutes',
  async probe(live) {
    const ways = live.canaries.flatMap(({ north, south }) => [[north, south] as const, [south, north] as const])
    const faults = (await Promise.all(ways.map(([mine, other]) => faultsOf(live, mine, other)))).flat()
    return faults.length
      ? { holds: false, saw: 'a key opened something besides its own workspace', detail: faults }
      : { holds: true, saw: 'each key opened its own workspace, and no claim or forgery led it into another' }
  },
  /** The one row that would make a forged key good: somebody has written its hash into the other workspace. */
  async sabotage({ canaries }) {
    const { north, south } = canaries[0]!
    const forgedHash = hash('sha256', forged(north.key, south.workspace))
    await south.catalogue(
      `insert into identity.key (workspace_id, name, role, prefix, hash)
       select workspace_id, 'Forged', role, prefix, $2 from identity.key where workspace_id = $1 limit 1`,
      [south.workspace, forgedHash],
    )
    return async () => {
      // Ended before it is removed, since a change is what the processes hear of, within a second.
      await south.catalogue('update identity.key set revoked_at = now() where hash = $1', [forgedHash])
      await south.catalogue('delete from identity.key where hash = $1', [forgedHash])
      await sleep(1_000)
    }
  },
})

async function faultsOf(live: Live, mine: Canary, other: Canary): Promise<string[]> {
  const faults: string[] = []
  const get = (input: object, headers = {}) => mine.call('identity.workspace.get', input, undefined, headers)
  const plain = await get({})
  if (plain.status !== 200 || plain.json()['id'] !== mine.workspace) faults.push('a key did not open its own workspace')
  for (const told of [await get({}, claiming(other)), await get({ workspace: other.workspace })])
    if (told.text.includes(other.workspace)) faults.push('a key opened the workspace that was asked for')
  for (const token of forgeries(mine, other))
    if ((await open(live, token)).status !== 401) faults.push('a forged key opened')
  const foreign = await mine.call('identity.key.revoke', { id: other.thing('oldKey') })
  if (foreign.status !== 404) faults.push('a key of another workspace was found')
  return faults
}

/** Headers by which somebody's gateway might choose a workspace. */
const claiming = ({ workspace }: Canary) => ({
  'x-workspace': workspace,
  'x-workspace-id': workspace,
  'x-tenant-id': workspace,
})

/** Our key under the other's name, the other's key with our secret, and our key with its last letter changed. */
const forgeries = (mine: Canary, other: Canary) => [
  forged(mine.key, other.workspace),
  other.key.replace(partsOf(other.key).secret, partsOf(mine.key).secret),
  mine.key.replace(/.$/, (letter) => (letter === 'A' ? 'B' : 'A')),
]

const forged = (key: string, workspace: string) =>
  key.replace(partsOf(key).workspace, Buffer.from(workspace.replaceAll('-', ''), 'hex').toString('base64url'))
