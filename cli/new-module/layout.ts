import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { enrol } from './enrol.ts'
import { insistOnNames } from './names.ts'
import type { Asked } from './names.ts'

/** Writes the module and enrols it; answers the paths, relative to the root. */
export function layOut(asked: Asked): string[] {
  insistOnNames(asked)
  const files = [...filesOf(asked), ...enrol(asked.root, asked.edition, asked.name)]
  for (const [path, text] of files) {
    const file = join(asked.root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return files.map(([path]) => path)
}

/** What a new module consists of, and the text that each file starts from. */
const filesOf = (asked: Asked): [path: string, text: string][] => {
  const { name, noun } = asked
  const inside = {
    'module.ts': 'module.ts',
    [`${noun}.ts`]: 'noun.ts',
    'plant.ts': 'plant.ts',
    'tables.ts': 'tables.ts',
    [`migrations/0001_${name}.sql`]: 'migration.sql',
    'locales/en.json': 'en.json',
    'locales/ar.json': 'ar.json',
    [`${name}.test.ts`]: 'test.ts',
  }
  return Object.entries(inside).map(([file, template]) => [`modules/${name}/${file}`, filled(template, asked)])
}

const TEMPLATES = new URL('template/', import.meta.url)

/** `NAME`, `NOUN`, `Noun` and `EDITION` stand for the words that were chosen. */
function filled(template: string, { name, noun, edition }: Asked): string {
  const words: Record<string, string> = { NAME: name, NOUN: noun, Noun: capital(noun), EDITION: edition }
  const text = readFileSync(new URL(`${template}.txt`, TEMPLATES), 'utf8')
  return text.replace(/__(NAME|NOUN|Noun|EDITION)__/g, (_, word: string) => words[word]!)
}

const capital = (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1)
