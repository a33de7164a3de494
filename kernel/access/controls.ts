import { control } from '../contract/control.ts'
import type { Canary, Live, LiveOperation } from '../contract/control.ts'

export { counted } from './controls/counted.ts'

/** The published roles held against the door: each operation is tried by each role, and by nobody at all. */
export const matrix = control({
  claim: 'Each role may do exactly what its published grants cover, decided by the server for every operation anew.',
  enforcedBy: ['kernel/access/rights.ts', 'kernel/serve/dispatch.ts'],
  every: '5 minutes',
  async probe(live) {
    const faults: string[] = []
    let [admitted, refused] = [0, 0]
    for (const { north } of live.canaries.filter(({ kind }) => kind === 'pool')) {
      for (const [role, grants] of Object.entries(live.roles))
        for (const { name, status } of await tryAll(live, north, role)) {
          const may = grants.some((grant) => covers(grant, name))
          if (may !== isLetIn(status) || (!may && status !== 403)) faults.push(`${role} at ${name}: ${status}`)
          if (may) admitted++
          else refused++
        }
      for (const { name, status } of await tryAll(live, north, 'nobody'))
        if (!NOT_KNOWN.includes(status)) faults.push(`nobody at ${name}: ${status}`)
    }
    const detail = { admitted, refused, faults }
    if (faults.length) return { holds: false, saw: 'a role was let in or kept out against its grants', detail }
    return admitted > 0 && refused > 0
      ? {
          holds: true,
          saw: 'every role was let in where its grants say so and nowhere else, and nobody anywhere',
          detail,
        }
      : { holds: false, saw: 'there was nothing that one role may do and another may not', detail }
  },
  sabotage: async ({ misconfigure }) => misconfigure('no grants'),
})

/** Who has no key meets 401, or 429 where strangers have asked too often. */
const NOT_KNOWN = [401, 429]

/** Rights are decided before the input is read, so a bad input tells who may from who may not, and changes nothing. */
const BAD_INPUT = { 'unknown field': 1 }

/** Kept out is 403; any other thought on the input is the operation's own. A failure or an unknown key is neither. */
const isLetIn = (status: number) => status < 500 && ![401, 403, 429].includes(status)

async function tryAll({ operations }: Live, canary: Canary, as: string) {
  const tried = async ({ name }: LiveOperation) => ({ name, status: (await canary.call(name, BAD_INPUT, as)).status })
  return await Promise.all(operations.filter(({ kind }) => kind !== 'job').map(tried))
}

/** Written down a second time on purpose: one operation, all of a noun, or all of a module. */
function covers(grant: string, name: string): boolean {
  const [module, noun] = name.split('.')
  return [name, `${module}.${noun}.*`, `${module}.*`].includes(grant)
}
