import { each, found, type Rule } from './rule.ts'

/** If it has no noun, it is not understood yet. */
const NOT_NOUNS = 'common|helper|helpers|lib|libs|misc|service|services|shared|type|types|util|utils'
/** An edition's or a module's door to its screens; elsewhere a file has a name of its own. */
const INDEXES = /^(kernel|web)\/index\.ts$|\/screens\/index\.ts$|\.html$/

/** A number of what? */
const UNITLESS = /\b(?:const|let) (\w*(?:timeout|interval|delay|duration|period)) ?= ?\d/gi

export const names: Rule[] = [
  {
    demands: 'folders and files are named by what they are',
    check: each(/./, (path) => {
      const vague = new RegExp(`(?:^|/)(?:${NOT_NOUNS})(?:/|\\.[^/]+$)`).exec(path)
      return vague ? [`${vague[0]} is no noun of ours`] : []
    }),
    bad: [{ 'kernel/utils/day.ts': '' }, { 'kernel/base/helpers.ts': '' }, { 'web/lib/a.tsx': '' }],
  },
  {
    demands: 'names are lower case with hyphens, components aside',
    check: each(/\.(ts|m?js|sql|json|css)$/, (path) =>
      /[^a-z0-9._/-]/.test(path) && !path.endsWith('.tsx') ? ['is not lower case with hyphens'] : [],
    ),
    bad: [{ 'kernel/base/rateClass.ts': '' }, { 'modules/shop/migrations/0001_Add Things.sql': '' }],
  },
  {
    demands: 'a file is called index only where it is a door',
    check: each(/(^|\/)index\.\w+$/, (path) => (INDEXES.test(path) ? [] : ['say what it is'])),
    bad: [{ 'kernel/base/index.ts': '' }],
  },
  {
    demands: 'a module is a folder of its own name',
    check: each(/^modules\/[^/]+\/module\.ts$/, (path, text) => {
      const folder = path.split('/')[1]!
      const named = /\bmodule\(\s*'([^']+)'/.exec(text)?.[1]
      return named === folder ? [] : [`calls itself ${named ?? 'nothing'}`]
    }),
    bad: [{ 'modules/shop/module.ts': "export const shop = module('store', import.meta.url, {})\n" }],
  },
  {
    demands: 'an edition is a folder of its own name',
    check: each(/^editions\/[^/]+\/edition\.ts$/, (path, text) => {
      const folder = path.split('/')[1]!
      return text.includes(`name: '${folder}'`) ? [] : [`does not say name: '${folder}'`]
    }),
    bad: [{ 'editions/suite/edition.ts': "edition({ name: 'sweet' })\n" }],
  },
  {
    demands: 'units come last in names: timeout_ms',
    check: each(/\.(ts|m?js)$/, (_, text) => found(text, UNITLESS, (match) => `${match[1]} has no unit`)),
    bad: [
      { 'kernel/base/clock.ts': 'const ' + 'timeout = 500\n' },
      { 'kernel/base/a.ts': 'const POLL_' + 'DELAY = 9\n' },
    ],
  },
]
