import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Trouble } from '../../kernel/base/trouble.ts'

/** A module's name becomes a schema and a role of Postgres, a folder, an identifier and the start of public names. */
export type Asked = { root: string; name: string; noun: string; edition: string }

export function insistOnNames({ root, name, noun, edition }: Asked): void {
  insistOnWord(name, 'A module')
  insistOnWord(noun, 'The thing that a module keeps')
  if (name === noun)
    throw wrong(`The module and what it keeps are both called ${name}: name the thing with --noun, like --noun piece.`)
  for (const word of [name, noun])
    if (isTaken(root, word)) throw wrong(`The word ${word} has a meaning already, here or in SQL: choose another.`)
  if (existsSync(join(root, 'modules', name))) throw wrong(`There is a modules/${name} already: choose another name.`)
  const editions = readdirSync(join(root, 'editions'))
  if (!editions.includes(edition))
    throw wrong(`There is no edition ${JSON.stringify(edition)}: choose one of ${editions.sort().join(', ')}.`)
}

/** What one of them is called; where the name does not tell, the newcomer will know better. */
export function singular(name: string): string {
  if (name.endsWith('ies')) return name.replace(/ies$/, 'y')
  if (/(ss|x|ch|sh)es$/.test(name)) return name.replace(/es$/, '')
  if (/[^s]s$/.test(name)) return name.replace(/s$/, '')
  return 'entry'
}

/** Postgres cuts names at 63 bytes, and a role's name starts with the deployment's. */
const LONGEST = 24
/** Whatever a person typed is shown back, but not a page of it. */
const MOST_SHOWN = 60

function insistOnWord(word: string, what: string) {
  if (/^[a-z]+$/.test(word) && word.length <= LONGEST) return
  const shown = JSON.stringify(word.slice(0, MOST_SHOWN))
  throw wrong(`${what} is called by one word of up to ${LONGEST} small letters, a to z, not ${shown}.`)
}

/** Kernel folders are schemas too, and the files of a module and of its edition have names of their own. */
const isTaken = (root: string, word: string) =>
  RESERVED.has(word) || ['kernel', 'editions'].some((folder) => existsSync(join(root, folder, word)))

const wrong = (sentence: string) => new Trouble(sentence, 2)

const SQL = `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
  collation column concurrently constraint create cross default deferrable desc distinct do else end except false fetch
  for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading
  left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing
  primary references returning right select similar some symmetric table tablesample then to trailing true union unique
  user using variadic verbose when where window with public`

const TYPESCRIPT = `arguments await break case catch class const continue debugger delete enum eval export extends
  finally function if implements import instanceof interface let new package private protected return static super
  switch this throw try typeof undefined var void while yield`

const OURS = `columns constructor controls directory edition fill id line locales migrations module moment page plant
  policy screens tables text`

const RESERVED = new Set(`${SQL} ${TYPESCRIPT} ${OURS}`.split(/\s+/))
