import { setTimeout as sleep } from 'node:timers/promises'
import { control } from '../../contract/control.ts'
import type { Breakable, Canary, Careless, Live } from '../../contract/control.ts'
import { notFound } from '../../contract/refusal.ts'
import { Keys, open } from './keys.ts'
import type { Key } from './keys.ts'

export const revoked = control({
  claim: 'A revoked API key opens nothing one second later, and a replaced one opens until its time of grace is over.',
  enforcedBy: ['kernel/identity/key.ts', 'kernel/identity/epochs.ts', 'kernel/identity/whois.ts'],
  every: '1 hour',
  async probe(live) {
    const faults = (await Promise.all(live.canaries.map(({ north }) => lifeOfKeys(live, north)))).flat()
    return faults.length
      ? { holds: false, saw: 'a key outlived its revocation, or ended before its time', detail: faults }
      : { holds: true, saw: 'revoked keys opened nothing within a second, replaced ones until their grace was over' }
  },
  sabotage: (broken) => Promise.resolve(broken.replace('identity.key.revoke', forgetful(broken))),
})

const AT_ONCE_ms = 1_000

/** Makes a key, replaces it with and without grace, and revokes what is left. */
async function lifeOfKeys(live: Live, canary: Canary): Promise<string[]> {
  await using keys = new Keys(canary)
  const opens = async ({ token }: Key) => (await open(live, token)).status === 200
  const first = await keys.create()
  const faults: string[] = (await opens(first)) ? [] : ['a new key does not open']
  const second = await keys.replace(first, 1)
  if (!(await opens(first))) faults.push('a replaced key ended before its time of grace')
  if (!(await opens(second))) faults.push('the key that replaced it does not open')
  const third = await keys.replace(second, 0)
  if (!(await endsAtOnce(live, second))) faults.push('a key that was replaced without grace still opens')
  for (const key of [first, third])
    if (!(await keys.end(key)) || !(await endsAtOnce(live, key))) faults.push('a revoked key still opens')
  return faults
}

/** A request that sets out a second later must be refused; an earlier one may be. */
async function endsAtOnce(live: Live, { token }: Key): Promise<boolean> {
  const since = performance.now()
  for (;;) {
    const setOut_ms = performance.now() - since
    const { status } = await open(live, token)
    if (status === 401) return true
    if (status !== 200 || setOut_ms > AT_ONCE_ms) return false
    await sleep(Math.min(100, Math.max(1, AT_ONCE_ms + 1 - setOut_ms)))
  }
}

/** A build in which the answer is right and the deed was forgotten. */
const forgetful =
  ({ canaries }: Breakable) =>
  async ({ input, workspace }: Careless) => {
    const here = canaries.flatMap(({ north, south }) => [north, south]).find((one) => one.workspace === workspace)
    const rows = await here?.catalogue(
      `select json_build_object('id', id, 'name', name, 'role', role, 'prefix', prefix, 'createdAt', created_at,
         'scopes', narrowed_to, 'madeBy', made_by, 'expiresAt', expires_at, 'lastUsedAt', last_used_at,
         'revokedAt', now()) as key
       from identity.key where workspace_id = $1 and id = $2`,
      [workspace, input['id']],
    )
    if (!rows?.[0]) throw notFound()
    return rows[0]['key']
  }
