/** Counts the claims of each edition by state: how far the pages have come true. */
import { parseArgs } from 'node:util'
import { Trouble } from '../kernel/base/trouble.ts'
import { editionCalled, editionNames } from './editions.ts'
import { proveInPrivate } from './prove.ts'

export const usage = `
Usage: npx vouchsafe claims [--json] [--edition NAME]

Boots each edition in private, runs every probe and counts.
`

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { json: { type: 'boolean' }, edition: { type: 'string' } } })
  const counts: Record<string, Record<string, number>> = {}
  for (const name of values.edition ? [values.edition] : editionNames) {
    const { document } = await proveInPrivate(await editionCalled(name), () => undefined)
    counts[name] = document.counts
  }
  if (Object.keys(counts).length === 0) throw new Trouble('There is no edition to count.')
  if (values.json) console.log(JSON.stringify(counts))
  else console.table(counts)
  return 0
}
