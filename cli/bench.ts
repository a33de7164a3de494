/** Measures what the product costs beside the bare limit, in one run, and says which goals are met. */
import { parseArgs } from 'node:util'
import { FULL, measure, QUICK } from '../bench/measure.ts'
import { tableOf } from '../bench/table.ts'

export const usage = `
Usage: npm run bench [-- --quick] [--json]

  --quick   about a minute, with less data and shorter turns; otherwise about six
  --json    the findings as JSON

The limit is bare Fastify and pg with the same SQL on the same rows, and nothing that protects them. Both run on this
machine in turns; a ratio is the median of the rounds, and beside it stand the lowest and the highest.
`

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean' }, json: { type: 'boolean' } } })
  // npm keeps an option that came without a `--` before it to itself, and leaves it in the environment.
  const quick = values.quick ?? process.env['npm_config_quick'] === 'true'
  const found = await measure(quick ? QUICK : FULL, (what) => console.error(what))
  console.log(values.json ? JSON.stringify(found, null, 2) : tableOf(found))
  return 0
}
