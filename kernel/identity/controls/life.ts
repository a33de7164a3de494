import { control } from '../../contract/control.ts'
import type { Breakable, Canary, Careless, Live } from '../../contract/control.ts'
import { notFound } from '../../contract/refusal.ts'
import { endsAtOnce, opens } from './doors.ts'
import { Keys } from './keys.ts'

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

/** Makes a key, replaces it with and without grace, and revokes what is left. */
async function lifeOfKeys(live: Live, canary: Canary): Promise<string[]> {
  await using keys = new Keys(canary)
  const first = await keys.create()
  const faults: string[] = (await opens(live, first.token)) ? [] : ['a new key does not open']
  const second = await keys.replace(first, 1)
  if (!(await opens(live, first.token))) faults.push('a replaced key ended before its time of grace')
  if (!(await opens(live, second.token))) faults.push('the key that replaced it does not open')
  const third = await keys.replace(second, 0)
  if (!(await endsAtOnce(live, second.token))) faults.push('a key that was replaced without grace still opens')
  for (const key of [first, third])
    if (!(await keys.end(key)) || !(await endsAtOnce(live, key.token))) faults.push('a revoked key still opens')
  return faults
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
