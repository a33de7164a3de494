import { each, found, lineOf, type Rule } from './rule.ts'

/** Half of the files we admire are under eighty lines, and none that we enjoyed reading was over three hundred. */
const FILE_LINES = 300
/** A stranger is handed one file that needs no other, and reads it from top to bottom once. */
const HANDED_LINES = 420
/** A function is read whole or not at all; the linter counts the same (`max-lines-per-function`). */
const FUNCTION_LINES = 60
/** Two files side by side on one screen. */
const LINE_CHARACTERS = 120
/** A table of contents. */
const MODULE_LINES = 40
/** As much as a listing shows at once. */
const FOLDER_FILES = 30

const written = /\.(ts|tsx|m?js|sql|css|sh)$|^\.ci\//
const generated = /\/tables\.ts$/
const handed = /\/verifier\.mjs$/
/** Sentences of a page stay on one line, so that two languages can be compared; so do rows of tables in tests. */
const sentences = /^editions\/[^/]+\/page|\/locales\//

export const sizes: Rule[] = [
  {
    demands: `a file has at most ${FILE_LINES} lines: else split it by noun`,
    check: each(written, (path, text) => {
      const lines = text.split('\n').length - 1
      return lines > (handed.test(path) ? HANDED_LINES : FILE_LINES) && !generated.test(path) ? [`${lines} lines`] : []
    }),
    bad: [
      { 'kernel/base/long.ts': 'x\n'.repeat(FILE_LINES + 1) },
      { 'kernel/base/verifier.mjs': 'x\n'.repeat(HANDED_LINES + 1) },
    ],
  },
  {
    demands: `a function has at most ${FUNCTION_LINES} lines: else name its pieces`,
    check: each(/\.(ts|tsx|m?js)$/, (_, text) => longFunctions(text)),
    bad: [
      { 'a.ts': `function long(): void {\n${'  x()\n'.repeat(FUNCTION_LINES)}}\n` },
      { 'a.ts': `export const long = async (x: number): Promise<void> => {\n${'  x()\n'.repeat(FUNCTION_LINES)}}\n` },
      { 'a.ts': `class A {\n  async long() {\n${'    x()\n'.repeat(FUNCTION_LINES)}  }\n}\n` },
      { 'a.ts': `function long(\n  x: number,\n): void {\n${'  x()\n'.repeat(FUNCTION_LINES)}}\n` },
      { 'a.ts': `const a = {\n  long: (x) => {\n${'    x()\n'.repeat(FUNCTION_LINES)}  },\n}\n` },
    ],
  },
  {
    demands: `a line has at most ${LINE_CHARACTERS} characters`,
    check: each(written, (path, text) => {
      const isTable = (line: string) => path.endsWith('.test.ts') && /^\s*[[{'"`]/.test(line)
      return text
        .split('\n')
        .map((line, at) => ({ line, at }))
        .filter(({ line }) => line.length > LINE_CHARACTERS && !sentences.test(path) && !isTable(line))
        .map(({ line, at }) => `line ${at + 1} has ${line.length} characters`)
    }),
    bad: [{ 'kernel/base/wide.ts': `// ${'x'.repeat(LINE_CHARACTERS)}\n` }],
  },
  {
    demands: `module.ts is a table of contents of at most ${MODULE_LINES} lines that opens with a paragraph`,
    check: each(/^modules\/[^/]+\/module\.ts$/, (_, text) => [
      ...(text.split('\n').length - 1 > MODULE_LINES ? ['too long'] : []),
      ...(/^\/\*\*[^/]{80,}\*\//m.test(text) ? [] : ['no paragraph']),
    ]),
    bad: [
      { 'modules/a/module.ts': `/** ${'word '.repeat(30)} */\n${'x\n'.repeat(MODULE_LINES)}` },
      { 'modules/a/module.ts': `export const a = module('a')\n` },
    ],
  },
  {
    demands: `a folder has at most ${FOLDER_FILES} files, tests aside: else it holds two things`,
    check: (tree) => {
      const counts = Map.groupBy(
        [...tree.keys()].filter((path) => path.includes('/') && !path.includes('.test.')),
        (path) => path.slice(0, path.lastIndexOf('/')),
      )
      return [...counts]
        .filter(([, files]) => files.length > FOLDER_FILES)
        .map(([folder, files]) => `${folder}: ${files.length} files` as const)
    },
    bad: [Object.fromEntries(Array.from({ length: FOLDER_FILES + 1 }, (_, at) => [`kernel/base/n${at}.ts`, '']))],
  },
]

/**
 * As the formatter indents: a function opens on a line that ends with `{` and closes at the next line that starts with
 * `}` at the same depth.
 */
function longFunctions(text: string): string[] {
  const head = /(?:.*\bfunction\b.*\)|.*=>|\).*|(?:async |static |get |set |\*)*#?\w+\(.*\)).*/.source
  const opens = new RegExp(`^(?<indent> *)(?<head>${head}) ?\\{$`, 'gm')
  const lines = text.split('\n')
  return found(text, opens, ({ index, groups }) => {
    const first = lineOf(text, index)
    const rest = lines.slice(first)
    const length = rest.findIndex((line) => line.startsWith(`${groups!.indent}}`)) + 2
    const isControl = /^(?:\} )?(?:if|for|while|switch|else|try|catch|do|return)\b/.test(groups!.head!)
    return length > FUNCTION_LINES && !isControl ? `the function on line ${first} has ${length} lines` : ''
  }).filter(Boolean)
}
