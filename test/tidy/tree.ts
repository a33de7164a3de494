import { globSync, readFileSync } from 'node:fs'
import { sep } from 'node:path'
import type { Tree } from './rule.ts'

/** Everything that is written by hand: what machines write, or what is not text, is no matter of style. */
const WRITTEN = [
  '{kernel,modules,editions,web,cli,bench,test,bin,deploy,docs}/**/*.{ts,tsx,js,mjs,json,sql,css,html,md,sh,txt}',
  '*.{md,json,ts}',
  '.ci/*',
  '.oxlintrc.json',
]

export function readTree(): Tree {
  const files = globSync(WRITTEN, { exclude: ['**/node_modules/**', 'package-lock.json'] })
  return new Map(files.sort().map((file) => [file.replaceAll(sep, '/'), readFileSync(file, 'utf8')]))
}
