import { posix } from 'node:path'
import type { Tree } from './rule.ts'

/** `names` is `*` where all of a file is taken: `import * as`, `import()`, the `new URL()` of a worker. */
export type Import = { to: string; names: readonly string[]; typeOnly: boolean; again: boolean }

/** The doors, as package.json's `imports` names them. */
export const DOORS: Readonly<Record<string, string>> = {
  '#kernel': 'kernel/index.ts',
  '#kernel/edition': 'kernel/edition.ts',
  '#kernel/testing': 'kernel/testing.ts',
  '#web': 'web/index.ts',
}

/** The formatter writes each import as one statement at the start of a line: patterns are enough. */
const STATEMENT = /^import (?<type>type )?(?:(?<what>[\w*{][^'";]*?) from )?'(?<to>[^']+)'/gm
const AGAIN = /^export (?<type>type )?(?<what>\*(?: as \w+)?|\{[^}]*\}) from '(?<to>[^']+)'/gm
const LAZY = /\b(?:import\(|new URL\()\s*'(?<to>[^']+\.\w+)'/g

export function importsOf(path: string, text: string): Import[] {
  const read = (pattern: RegExp, again: boolean) =>
    [...text.matchAll(pattern)].map(({ groups }) => {
      const names = namesOf(groups!.what ?? '*')
      const typeOnly = !!groups!.type || (names.length > 0 && names.every((name) => name.startsWith('type ')))
      return { to: resolve(path, groups!.to!), names: names.map((name) => name.replace('type ', '')), typeOnly, again }
    })
  return [...read(STATEMENT, false), ...read(AGAIN, true), ...read(LAZY, false)]
}

/** A path from the root for our own files, else the name of a package. */
function resolve(path: string, to: string): string {
  return to.startsWith('.') ? posix.join(posix.dirname(path), to) : to
}

/** `thing, { a, type b as c }` takes `default`, `a` and `type b`. */
function namesOf(what: string): string[] {
  if (what.includes('*')) return ['*']
  const [before = '', inside = ''] = what.replaceAll(/\s+/g, ' ').split(/[{}]/)
  const single = before.replace(',', '').trim()
  const listed = inside.split(',').map((name) => name.trim().replace(/ as .*/, ''))
  return [...(single ? ['default'] : []), ...listed.filter(Boolean)]
}

export const isTest = (path: string) => path.endsWith('.test.ts') || path.startsWith('test/')
const isCode = (path: string) => /\.(ts|tsx|m?js)$/.test(path)

/** Where an import leads, doors included; undefined for packages and Node itself. */
export const target = (to: string): string | undefined => DOORS[to] ?? (isOurs(to) ? to : undefined)
const isOurs = (to: string) => /^(kernel|modules|editions|web|cli|bench|test|bin)\//.test(to)

export const code = (tree: Tree) => [...tree].filter(([path]) => isCode(path))
