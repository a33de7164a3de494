import { each, found, lineOf, type Rule } from './rule.ts'

/** Words that must not appear; written in pieces, so that this file may say them. */
type Banned = { demands: string; files: RegExp; word: RegExp; bad: readonly string[] }

const code = /\.(ts|tsx|m?js)$/
const anything = /./

const banned: Banned[] = [
  {
    demands: 'nothing is left for later in the code: do it, or say so in an issue',
    files: anything,
    word: /\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/g,
    bad: ['// TO' + 'DO: later', '-- FIX' + 'ME'],
  },
  {
    demands: 'the types are not climbed over',
    files: code,
    word: /\bas an[y]\b|: an[y]\b|<an[y]>|@ts-(?:[i]gnore|[n]ocheck|[e]xpect-error)|(?:oxlint|eslint)-[d]isable/g,
    bad: ['const a = b as an' + 'y', '// @ts-' + 'ignore', 'const a: an' + 'y = 1', '// oxlint-' + 'disable-next-line'],
  },
  {
    demands: 'no test is skipped for good, and none hides the others',
    files: /\.test\.ts$/,
    word: /\b(?:test|it|describe|suite)\.(?:skip|only|todo)\b|\b(?:only|todo|skip): tru[e]\b/g,
    bad: ['test' + ".skip('a')", "test('a', { only: tru" + 'e })'],
  },
  {
    demands: 'no error is swallowed',
    files: code,
    word: /catch *(?:\([^)]*\))? *\{\s*\}|\.catch\(\(\w*\) => \{\s*\}\)/g,
    bad: ['try { a() } catch ' + '{}', 'try { a() } catch (error) {\n}', 'a().catch(() => {' + '})'],
  },
  {
    demands: 'no path or host of the machine it was written on',
    files: anything,
    word: /\/(?:ho[m]e|User[s])\/\w+|\/wor[k]\/|\/roo[t]\/|\/tm[p]\/\w+\/node_modules|registry\.npm[j]s/g,
    bad: ["const a = '/ho" + "me/sam/x'", '/wor' + 'k/main', 'https://registry.npm' + 'js.org'],
  },
  {
    demands: 'a string is never thrown',
    files: code,
    word: /\bthrow ['"`]/g,
    bad: ['thr' + "ow 'no'"],
  },
]

export const words: Rule[] = banned.map(({ demands, files, word, bad }) => ({
  demands,
  check: each(files, (_, text) =>
    found(text, word, (match) => `line ${lineOf(text, match.index)}: ${match[0].trim()}`),
  ),
  bad: bad.map((text) => ({ 'kernel/base/a.test.ts': text + '\n' })),
}))
