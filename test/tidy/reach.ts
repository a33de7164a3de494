import { code, DOORS, importsOf, target } from './imports.ts'
import { each, found, type Complaint, type Rule, type Tree } from './rule.ts'

/** Where reading starts: Node, npm, the test runner or a person opens these by name. */
const ENTRIES = [
  /^bin\/[^/]+\.js$/,
  /\.test\.ts$/,
  /^editions\/[^/]+\/edition\.ts$/,
  /^modules\/[^/]+\/module\.ts$/,
  /^test\/campaigns\/[^/]+\.ts$/,
  /^[^/]+\.(config\.)?ts$/,
  /^cli\/suite\/reporter\.ts$/,
  /^web\/dashboard\/(main\.tsx|public\/.+)$/,
  /^modules\/[^/]+\/screens\/index\.ts$/,
]
const isEntry = (path: string) => ENTRIES.some((entry) => entry.test(path)) || Object.values(DOORS).includes(path)

/** Who may hand on what another file exports: the doors, and a folder's claims that are kept in more than one file. */
const HANDS_ON = /^kernel\/(index|edition|testing)\.ts$|^web\/index\.ts$|\/controls\.ts$/

export const reach: Rule[] = [
  {
    demands: 'every import leads somewhere, with its ending',
    check: (tree) =>
      code(tree).flatMap(([path, text]) =>
        importsOf(path, text)
          .map(({ to }) => target(to))
          .filter((to) => to && !to.endsWith('/') && !tree.has(to))
          .map((to): Complaint => `${path}: ${to} does not exist`),
      ),
    bad: [
      { 'kernel/base/a.ts': "import { b } from './b.ts'\n" },
      { 'cli/a.ts': "import { b } from './b'\n", 'cli/b.ts': '' },
    ],
  },
  {
    demands: 'no file is dead: something that is opened leads to it',
    check: (tree) => {
      const alive = reachable(tree)
      return code(tree).flatMap(([path]) => (alive.has(path) ? [] : [`${path}: nothing imports it` as const]))
    },
    bad: [
      { 'kernel/base/dead.ts': 'export const dead = 1\n' },
      { 'kernel/base/a.ts': "import './b.ts'\n", 'kernel/base/b.ts': "import './a.ts'\n" },
    ],
  },
  {
    demands: 'no export is dead: another file takes it',
    check: (tree) => {
      const taken = takenNames(tree)
      return code(tree)
        .filter(([path]) => !isEntry(path) && !path.endsWith('/tables.ts'))
        .flatMap(([path, text]) =>
          exportsOf(text)
            .filter((name) => !taken.get(path)?.has(name) && !taken.get(path)?.has('*'))
            .map((name): Complaint => `${path}: nobody takes ${name}`),
        )
    },
    bad: [
      { 'kernel/base/a.ts': 'export function dead() {}\n', 'kernel/base/b.ts': "import { b } from './a.ts'\n" },
      { 'kernel/base/a.ts': 'export const { b, dead } = both()\n', 'kernel/base/b.ts': "import { b } from './a.ts'\n" },
      { 'kernel/base/a.ts': 'const dead = 1\nexport { dead }\n' },
    ],
  },
  {
    demands: 'no barrels: only doors hand on what another file exports',
    check: each(/\.tsx?$/, (path, text) =>
      HANDS_ON.test(path)
        ? []
        : importsOf(path, text)
            .filter(({ again }) => again)
            .map(({ to }) => `hands on ${to}`),
    ),
    bad: [
      { 'kernel/base/all.ts': "export * from './day.ts'\n" },
      { 'kernel/base/all.ts': "export { day } from './day.ts'\n" },
      { 'kernel/base/all.ts': "export type { Day } from './day.ts'\n" },
    ],
  },
  {
    demands: 'no default exports, except where Node knows no other way',
    check: each(/\.(ts|m?js)$/, (path, text) =>
      path === 'cli/suite/reporter.ts' || /^[^/]+\.config\.ts$/.test(path)
        ? []
        : found(text, /^export (default\b|\{[^}]*\bas default\b)/gm, () => 'exports a default'),
    ),
    bad: [
      { 'kernel/base/a.ts': 'export default 1\n' },
      { 'kernel/base/a.ts': 'const a = 1\nexport { a as default }\n' },
    ],
  },
  {
    demands: 'every test file contains a test',
    check: each(/\.test\.ts$/, (_, text) => (/^\s*(?:void )?(?:test|it)\(/m.test(text) ? [] : ['tests nothing'])),
    bad: [{ 'kernel/base/a.test.ts': "import { test } from 'node:test'\n" }],
  },
]

function reachable(tree: Tree): Set<string> {
  const alive = new Set<string>()
  const open = [...tree.keys()].filter(isEntry)
  for (let path = open.pop(); path; path = open.pop()) {
    if (alive.has(path) || !tree.has(path)) continue
    alive.add(path)
    open.push(...importsOf(path, tree.get(path)!).flatMap(({ to }) => target(to) ?? []))
  }
  return alive
}

function takenNames(tree: Tree): Map<string, Set<string>> {
  const taken = new Map<string, Set<string>>()
  for (const [path, text] of code(tree))
    for (const { to, names } of importsOf(path, text)) {
      const from = target(to)
      if (from) taken.set(from, new Set([...(taken.get(from) ?? []), ...names]))
    }
  return taken
}

/** Values only: a type beside the function that speaks it is part of what the function says. */
function exportsOf(text: string): string[] {
  const single = /^export (?:async )?(?:function\*?|const|let|class|abstract class) (\w+)/gm
  const many = /^export (?:const )?\{([^}]*)\}(?! from)/gm
  return [
    ...[...text.matchAll(single)].map((match) => match[1]!),
    ...[...text.matchAll(many)].flatMap((match) =>
      match[1]!.split(',').map((name) => name.replace(/.* as |.*: /, '').trim()),
    ),
  ].filter((name) => name && !name.startsWith('type '))
}
