/** The five products that this code can be, by name. Each is read only when it is asked for. */
import { Trouble } from '../kernel/base/trouble.ts'
import type { Edition } from '../kernel/contract/edition.ts'
import { nearest } from './nearest.ts'

const load: Record<string, () => Promise<Edition>> = {
  lettings: async () => (await import('../editions/lettings/edition.ts')).lettings,
  helpdesk: async () => (await import('../editions/helpdesk/edition.ts')).helpdesk,
  treasury: async () => (await import('../editions/treasury/edition.ts')).treasury,
  suite: async () => (await import('../editions/suite/edition.ts')).suite,
  jeweller: async () => (await import('../editions/jeweller/edition.ts')).jeweller,
}

export const editionNames = Object.keys(load)

export async function editionCalled(name: string): Promise<Edition> {
  const found = Object.hasOwn(load, name) ? load[name] : undefined
  if (found) return await found()
  const close = nearest(name, editionNames)
  const hint = close ? `Did you mean ${close}?` : `There are: ${editionNames.join(', ')}.`
  throw new Trouble(`There is no edition ${JSON.stringify(name)}. ${hint}`, 2)
}
