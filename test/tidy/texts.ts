import { each, found, type Complaint, type Rule, type Tree } from './rule.ts'

/** Enough for a sentence or two on what a folder promises. */
const PARAGRAPH_CHARACTERS = 80
const ARABIC = ['zero', 'one', 'two', 'few', 'many', 'other']
const PLURAL = new RegExp(`_(${ARABIC.join('|')})$`)

export const texts: Rule[] = [
  {
    demands: 'a file of every kernel folder opens with a paragraph of what the folder promises',
    check: (tree) =>
      [...foldersOf(tree, /^kernel\/[^/]+\//)]
        .filter(([, files]) => !files.some(([path, text]) => path.endsWith('.ts') && opensWithParagraph(text)))
        .map(([folder]): Complaint => `${folder}: no file opens with a paragraph`),
    bad: [
      { 'kernel/base/day.ts': 'export const day = 1\n' },
      { 'kernel/base/day.ts': '/** Days. */\nexport const day = 1\n' },
    ],
  },
  {
    demands: 'every file that a control names as its enforcement exists',
    check: (tree) =>
      each(/\.ts$/, (path, text) =>
        /\.test\.ts$|^test\//.test(path)
          ? []
          : found(text, /\benforcedBy: \[([^\]]*)\]/g, (list) => list[1]!)
              .flatMap((list) => [...list.matchAll(/'([^']+)'/g)].map((match) => match[1]!))
              .filter((named) => !tree.has(named))
              .map((named) => `${named} does not exist`),
      )(tree),
    bad: [{ 'kernel/base/controls.ts': "enforcedBy: ['kernel/base/gone.ts'],\n" }],
  },
  {
    demands: 'migrations are numbered from 0001 without holes',
    check: (tree) =>
      [...foldersOf(tree, /^.*\/migrations\//)].flatMap(([folder, files]) =>
        files
          .map(([path]) => path.slice(folder.length))
          .sort()
          .filter((name, at) => !new RegExp(`^${String(at + 1).padStart(4, '0')}_[a-z0-9_-]+\\.sql$`).test(name))
          .map((name): Complaint => `${folder}${name}: out of order`),
      ),
    bad: [
      { 'modules/a/migrations/0002_b.sql': '' },
      { 'modules/a/migrations/0001_b.sql': '', 'modules/a/migrations/0001_c.sql': '' },
    ],
  },
  {
    demands: 'English and Arabic have the same keys and blanks, and Arabic all six forms of a plural',
    check: (tree) =>
      [...foldersOf(tree, /^.*\/locales\//)].flatMap(([folder, files]) => compare(folder, new Map(files))),
    bad: [
      { 'a/locales/en.json': '{ "a": "A" }' },
      { 'a/locales/en.json': '{ "a": "A" }', 'a/locales/ar.json': '{}' },
      { 'a/locales/en.json': '{}', 'a/locales/ar.json': '{ "a": "A" }' },
      { 'a/locales/en.json': '{ "a": "A" }', 'a/locales/ar.json': '{ "a": "" }' },
      { 'a/locales/en.json': '{ "a": "A {{b}}" }', 'a/locales/ar.json': '{ "a": "A" }' },
      { 'a/locales/en.json': '{ "a": { "b": "A" } }', 'a/locales/ar.json': '{ "a": "A" }' },
      {
        'a/locales/en.json': '{ "a_one": "A", "a_other": "B" }',
        'a/locales/ar.json': '{ "a_one": "A", "a_other": "B" }',
      },
    ],
  },
  {
    demands: 'documents name only files and commands that exist',
    check: (tree) =>
      each(/^[A-Z]+\.md$/, (_, text) => [
        ...found(
          text,
          /`((?:kernel|modules|editions|web|cli|bench|test|bin|docs|\.ci)\/[\w./-]*[\w/])`/g,
          (match) => match[1]!,
        )
          .filter(
            (path) => ![...tree.keys()].some((file) => file === path || file.startsWith(path.replace(/\/?$/, '/'))),
          )
          .map((path) => `${path} does not exist`),
        ...found(text, /\bnpm run ([a-z][\w-]*)/g, (match) => match[1]!)
          .filter((script) => !scriptsOf(tree).includes(script))
          .map((script) => `there is no npm run ${script}`),
      ])(tree),
    bad: [
      { 'README.md': 'See `kernel/cellar/`.' },
      { 'README.md': 'Run npm run dance.', 'package.json': '{ "scripts": {} }' },
    ],
  },
]

function foldersOf(tree: Tree, pattern: RegExp): Map<string, [string, string][]> {
  const inside = [...tree].filter(([path]) => pattern.test(path))
  return Map.groupBy(inside, ([path]) => pattern.exec(path)![0])
}

/** Before or right after the imports. */
function opensWithParagraph(text: string): boolean {
  const comment =
    /^(?:(?:#!.*|import[^;]*? from '[^']+'(?: with \{[^}]*\})?|import '[^']+'|)\n)*\/\*\*([\s\S]*?)\*\//.exec(text)
  return (comment?.[1] ?? '').length >= PARAGRAPH_CHARACTERS
}

function compare(folder: string, files: Map<string, string>): Complaint[] {
  const texts = (language: string) => flat(JSON.parse(files.get(`${folder}${language}.json`) ?? '{}') as object)
  const [en, ar] = [texts('en'), texts('ar')]
  const stems = (of: Map<string, string>) => new Set([...of.keys()].map((key) => key.replace(PLURAL, '')))
  const missing = [...stems(en).symmetricDifference(stems(ar))].map(
    (key): Complaint => `${folder}: only one has ${key}`,
  )
  const empty = [...en, ...ar]
    .filter(([, text]) => !text.trim())
    .map(([key]): Complaint => `${folder}: ${key} is empty`)
  const plurals = [...en.keys()].filter((key) => key.endsWith('_one')).map((key) => key.replace(PLURAL, ''))
  const forms = plurals.flatMap((stem) =>
    ARABIC.filter((form) => !ar.has(`${stem}_${form}`)).map((form): Complaint => `${folder}: ar lacks ${stem}_${form}`),
  )
  const blanks = [...en]
    .filter(([key, text]) => ar.has(key) && !PLURAL.test(key) && blanksOf(text) !== blanksOf(ar.get(key)!))
    .map(([key]): Complaint => `${folder}: ${key} has other blanks`)
  return [...missing, ...empty, ...forms, ...blanks]
}

const blanksOf = (text: string) => [...text.matchAll(/\{+[^}]+\}+/g)].map(String).sort().join()

function flat(node: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
      value && typeof value === 'object'
        ? [...flat(value, `${prefix}${key}.`)]
        : [[prefix + key, String(value)] as const],
    ),
  )
}

function scriptsOf(tree: Tree): string[] {
  const { scripts } = JSON.parse(tree.get('package.json') ?? '{}') as { scripts?: object }
  return Object.keys(scripts ?? {})
}
