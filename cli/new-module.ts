/**
 * Lays out a module that works as it stands: one table, one noun, its words in two languages, a test, and the grants of
 * an edition's first role. Everything is checked and thought out before the first file is written, so a refusal leaves
 * nothing behind.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Trouble } from '../kernel/base/trouble.ts'
import { layOut } from './new-module/layout.ts'
import { singular } from './new-module/names.ts'

export const usage = `
Usage: vouchsafe new-module NAME [--edition EDITION] [--noun NOUN]

Makes modules/NAME with one table and the operations NAME.NOUN.create, get, list and update, and grants it to
the first role of the edition:
  vouchsafe new-module repairs
  vouchsafe new-module stock --noun piece --edition jeweller

  --edition  the edition that gets it (jeweller)
  --noun     what the module keeps, in the singular (repair for repairs)
`

const ROOT = fileURLToPath(new URL('../', import.meta.url))

export async function run(args: string[]): Promise<number> {
  const { name, edition, noun } = read(args)
  const written = layOut({ root: ROOT, name, edition, noun })
  console.log(written.join('\n'))
  console.log(`\nTry it with npm test -- modules/${name}, then make the table and ${noun}.ts your own.`)
  return 0
}

function read(args: string[]) {
  const { values, positionals } = parse(args)
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0)
    throw new Trouble('Say one name, like: vouchsafe new-module repairs', WRONG_USAGE)
  return { name, edition: values.edition ?? 'jeweller', noun: values.noun ?? singular(name) }
}

const WRONG_USAGE = 2

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { edition: { type: 'string' }, noun: { type: 'string' } },
    })
  } catch (error) {
    throw new Trouble(`${(error as Error).message.split('. ')[0]}. See vouchsafe help new-module.`, WRONG_USAGE)
  }
}
