import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Trouble } from '../../kernel/base/trouble.ts'

/**
 * An edition with one more module, granted to the first role, as paths and their new texts. An edition is code that
 * people write, so where it is not laid out as expected nothing is guessed and nothing is written.
 */
export function enrol(root: string, edition: string, name: string): [path: string, text: string][] {
  const file = `editions/${edition}/edition.ts`
  const apart = `editions/${edition}/roles.ts`
  const roles = existsSync(join(root, apart)) ? apart : file
  const texts = new Map([file, roles].map((path) => [path, readFileSync(join(root, path), 'utf8')]))
  const change = (path: string, changed: string | undefined) => {
    if (changed === undefined) throw unexpected(path, name)
    texts.set(path, changed)
  }
  change(file, withModule(texts.get(file)!, name))
  change(roles, withGrant(texts.get(roles)!, name))
  return [...texts]
}

const unexpected = (path: string, name: string) =>
  new Trouble(
    `${path} is not laid out as expected: choose another edition, and bring the module in here by hand ` +
      `(its import, its place among the modules, and '${name}.*' for a role).`,
  )

export function withModule(text: string, name: string): string | undefined {
  const door = /^import .* from '#kernel\/edition'\n/m.exec(text)?.[0]
  const line = `import { ${name} } from '../../modules/${name}/module.ts'\n`
  return door && appended(text, /\n {2}modules: \[([^\]]*)\]/, name)?.replace(door, () => door + line)
}

export const withGrant = (text: string, name: string): string | undefined =>
  appended(text, /\n(?: {2}roles: |export const roles = )\{\s*[\w'-]+: \[([^\]]*)\]/, `'${name}.*'`)

/** The text with one more item at the end of the list that the pattern finds; a list with remarks is left alone. */
function appended(text: string, pattern: RegExp, item: string): string | undefined {
  const [whole, list] = pattern.exec(text) ?? []
  if (whole === undefined || list === undefined || /[/][/*]/.test(list)) return undefined
  const items = list.split(',').map((one) => one.trim())
  const all = [...items.filter((one) => one !== ''), item]
  const indent = /\n( *)\S/.exec(list)?.[1]
  const longer = indent ? `\n${all.map((one) => `${indent}${one},\n`).join('')}${indent.slice(2)}` : all.join(', ')
  return text.replace(whole, () => `${whole.slice(0, -list.length - 2)}[${longer}]`)
}
