import { control } from '../../contract/control.ts'
import type { Canary, Careless, Live } from '../../contract/control.ts'

export const counted = control({
  claim: 'The list of permissions is the true one: one for each operation, with exactly the roles that have it.',
  enforcedBy: ['kernel/identity/right.ts', 'kernel/access/rights.ts', 'kernel/serve/catalogue.ts'],
  every: '1 hour',
  async probe(live) {
    const faults: string[] = []
    const operations = live.operations.filter(({ kind }) => kind !== 'job').map(({ name }) => name)
    for (const { north } of live.canaries) faults.push(...(await faultsOf(live, north, operations)))
    const detail = { permissions: operations.length, roles: Object.keys(live.roles).length, faults }
    return faults.length
      ? { holds: false, saw: 'the list of permissions was not what there is to be allowed', detail }
      : { holds: true, saw: 'the list named every operation once, with the roles that have it', detail }
  },
  /** A build that makes the number look better than it is. */
  sabotage: ({ replace }) => Promise.resolve(replace('identity.right.list', padded)),
})

type Listed = { permissions: number; data: { name: string; roles: string[] }[] }

async function faultsOf(live: Live, canary: Canary, operations: readonly string[]): Promise<string[]> {
  const told = await canary.call('identity.right.list', {})
  if (told.status !== 200) return [`the list was not told: ${told.status}`]
  const { permissions, data } = told.json() as Listed
  const faults: string[] = []
  if (permissions !== operations.length) faults.push(`${permissions} are counted and ${operations.length} are there`)
  if (JSON.stringify(data.map(({ name }) => name).toSorted()) !== JSON.stringify(operations.toSorted()))
    faults.push('the names are not those of the operations')
  for (const { name, roles } of data)
    for (const [role, grants] of Object.entries(live.roles))
      if (roles.includes(role) !== covers(grants, name)) faults.push(`${role} at ${name}`)
  return faults
}

/** Written down a third time on purpose: neither the decision nor the other probe is trusted. */
const covers = (grants: readonly string[], name: string) =>
  grants.some((grant) => grant === name || (grant.endsWith('.*') && name.startsWith(grant.slice(0, -1))))

async function padded({ proceed }: Careless) {
  const told = (await proceed()) as Listed
  const more = told.data.map((one) => ({ ...one, name: `${one.name}.all` }))
  return { ...told, permissions: 2 * told.permissions, data: [...told.data, ...more] }
}
