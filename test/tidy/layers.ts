import { DOORS, importsOf, isTest, target, type Import } from './imports.ts'
import { each, type Rule } from './rule.ts'

/** Bottom to top: a folder of the kernel imports from itself and from those before it, and each has its reason. */
const LAYERS = {
  contract: 'what may be said; it does nothing, so everything may import it',
  base: 'settings, trouble, log, markup: needed by all, and they need nothing',
  postgres: 'a server and a way to talk to it, before there is anything to say',
  vault: 'keys: what is stored is sealed before it is stored',
  tenancy: 'nothing can be stored before there is a workspace to own it',
  audit: 'records what the folders above it do, so it must not need them',
  mail: 'letters to people, asked for by the folders above it and told of none of them',
  limits: 'counts and refuses, and knows a caller only as a word',
  access: 'what a role may do: sets of names that know no people',
  identity: 'how people and programs come in, and who is calling, answered together with what they may do',
  staff: 'people who run the platform: they sign in as nobody of a workspace does, and enter one by its leave',
  transport: 'how a request travels; it knows neither callers nor rows',
  events: 'what happened, told in the same transaction',
  trust: 'runs the controls of all the others',
  serve: 'boot and dispatch: the only folder that knows them all',
} as const

const order = Object.keys(LAYERS)

/** What each top folder may take from the others, with its reason; tests may take anything. */
const TOPS: Record<string, { may: RegExp; why: string }> = {
  kernel: { may: /^kernel\//, why: 'the kernel runs products and knows none' },
  editions: {
    may: /^kernel\/edition\.ts$|^modules\/[^/]+\/(module|controls)\.ts$/,
    why: 'an edition chooses modules and binds sentences to controls; it takes #kernel/edition and nothing deeper',
  },
  web: { may: /^web\//, why: 'only types of the server may reach the browser' },
  cli: { may: /^(cli|kernel|editions|bench|web|test\/campaigns)\//, why: 'a command starts things' },
  bench: { may: /^(bench|kernel|modules|editions|cli)\//, why: 'the bench measures the product as it is' },
}

/** Packages that a module may use: a schema, a statement. What reaches the network or the disk is not among them. */
/** What a module's screens are made of. */
const SCREEN_PACKAGES = /^(react|react-i18next|@tanstack\/[a-z-]+|@base-ui\/react|recharts)(\/|$)/
const MODULE_PACKAGES = /^(zod|kysely)(\/|$)/
/** A probe must not trust the code it checks. */
const PROBE_PACKAGES = /^(zod|node:.+)$/

const rule = (
  demands: string,
  files: RegExp,
  allows: (path: string, one: Import) => string | undefined,
  bad: Rule['bad'],
): Rule => ({
  demands,
  check: each(files, (path, text) =>
    isTest(path) ? [] : importsOf(path, text).flatMap((one) => allows(path, one) ?? []),
  ),
  bad,
})

export const layers: Rule[] = [
  {
    demands: 'every layer that is listed exists',
    check: (tree) =>
      order
        .filter((layer) => ![...tree.keys()].some((path) => path.startsWith(`kernel/${layer}/`)))
        .map((layer) => `kernel/${layer}: is gone; take it out of the list` as const),
    bad: [Object.fromEntries(order.slice(1).map((layer) => [`kernel/${layer}/a.ts`, '']))],
  },
  rule(
    'a folder of the kernel imports only itself and the layers below it',
    /^kernel\/[^/]+\//,
    (path, { to }) => {
      const mine = path.split('/')[1]!
      const other = /^kernel\/([^/]+)\//.exec(to)?.[1]
      if (!order.includes(mine)) return `${mine} is in no layer: add it to test/tidy/layers.ts with its reason`
      if (to in DOORS || Object.values(DOORS).includes(to)) return `${to} is for those outside`
      if (other && order.indexOf(other) > order.indexOf(mine)) return `${mine} may not know ${to}`
      return undefined
    },
    [
      { 'kernel/base/a.ts': "import { b } from '../serve/b.ts'\n" },
      { 'kernel/audit/a.ts': "import type { B } from '../identity/b.ts'\n" },
      { 'kernel/audit/a.ts': 'const b = await import' + "('../identity/b.ts')\n" },
      { 'kernel/serve/a.ts': "import { module } from '#kernel'\n" },
      { 'kernel/cellar/a.ts': "import { a } from './b.ts'\n" },
    ],
  ),
  rule(
    'a control imports only the contract, since a probe that shares code with the enforcement shares its bugs',
    /^(kernel|modules)\/[^/]+\/controls(\.ts$|\/)/,
    (path, { to, typeOnly }) => {
      const own = to.startsWith(path.replace(/controls(\.ts|\/.*)$/, 'controls/'))
      const said = path.startsWith('kernel/') ? to.startsWith('kernel/contract/') : to === '#kernel'
      return own || said || PROBE_PACKAGES.test(to) || (typeOnly && !target(to))
        ? undefined
        : `${to} is not the contract`
    },
    [
      { 'kernel/tenancy/controls.ts': "import { seal } from './seal.ts'\n" },
      { 'kernel/tenancy/controls/rows.ts': "import { seal } from '../seal.ts'\n" },
      { 'kernel/tenancy/controls.ts': "import { Pool } from 'pg'\n" },
      { 'modules/shop/controls.ts': "import { total } from './price.ts'\n" },
    ],
  ),
  rule(
    "a module knows '#kernel' and itself, so that its folder can be deleted",
    /^modules\//,
    (path, { to, typeOnly }) => {
      const home = path.split('/').slice(0, 2).join('/') + '/'
      const inside = to.startsWith(home) && (!path.includes('/screens/') || to.includes('/screens/') || typeOnly)
      const typeOfModule = typeOnly && to.startsWith('modules/')
      const door = to === '#kernel' || (to === '#web' && path.includes('/screens/'))
      const drawn = path.includes('/screens/') && SCREEN_PACKAGES.test(to)
      return inside || typeOfModule || door || drawn || MODULE_PACKAGES.test(to)
        ? undefined
        : `${to} is outside; use '#kernel'`
    },
    [
      { 'modules/shop/customer.ts': "import { open } from '../../kernel/postgres/pool.ts'\n" },
      { 'modules/shop/customer.ts': "import { entry } from '../cash/entry.ts'\n" },
      { 'modules/shop/customer.ts': "import { get } from 'node:http'\n" },
      { 'modules/shop/customer.ts': "import { world } from '#kernel/testing'\n" },
      { 'modules/shop/screens/list.tsx': "import { create } from '../customer.ts'\n" },
    ],
  ),
  rule(
    'each top folder takes from the others only what its reason allows',
    /^(kernel|editions|web|cli|bench)\//,
    (path, { to, typeOnly }) => {
      const top = path.split('/')[0]!
      const leads = target(to)
      const own = path.split('/').slice(0, 2).join('/') + '/'
      if (!leads || TOPS[top]!.may.test(leads) || (top === 'editions' && leads.startsWith(own))) return undefined
      if (top === 'web' && typeOnly && /^(kernel|modules)\//.test(leads)) return undefined
      return `may not know ${leads}: ${TOPS[top]!.why}`
    },
    [
      { 'kernel/serve/boot.ts': "import { jeweller } from '../../editions/jeweller/edition.ts'\n" },
      { 'editions/suite/page.ts': "import { seal } from '../../kernel/tenancy/seal.ts'\n" },
      { 'editions/suite/page.ts': "import { page } from '../jeweller/page.ts'\n" },
      { 'web/trust/a.ts': "import { dispatch } from '../../kernel/serve/dispatch.ts'\n" },
      { 'web/trust/a.ts': "import { customer } from '../../modules/shop/customer.ts'\n" },
      { 'cli/start.ts': "import { customer } from '../modules/shop/customer.ts'\n" },
      { 'bench/list.ts': "import { readTree } from '../test/tidy/tree.ts'\n" },
    ],
  ),
]
