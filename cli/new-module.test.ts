import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Trouble } from '../kernel/base/trouble.ts'
import { withGrant, withModule } from './new-module/enrol.ts'
import { layOut } from './new-module/layout.ts'
import { singular } from './new-module/names.ts'
import { run } from './new-module.ts'

const repository = fileURLToPath(new URL('../', import.meta.url))
let root: string

/** A copy to lay out in: what a module stands beside is copied, what it stands on is linked. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vouchsafe-new-module-'))
  for (const part of ['modules', 'editions', 'package.json', 'tsconfig.json'])
    cpSync(join(repository, part), join(root, part), { recursive: true })
  for (const part of ['kernel', 'node_modules', '.oxfmtrc.json']) symlinkSync(join(repository, part), join(root, part))
})
afterEach(() => rmSync(root, { recursive: true }))

const repairs = () => ({ root, name: 'repairs', noun: 'repair', edition: 'jeweller' })
const read = (path: string) => readFileSync(join(root, path), 'utf8')

test('a new module is complete and stands in the edition', () => {
  const written = layOut(repairs())
  assert.deepEqual(written, [
    'modules/repairs/module.ts',
    'modules/repairs/repair.ts',
    'modules/repairs/plant.ts',
    'modules/repairs/tables.ts',
    'modules/repairs/migrations/0001_repairs.sql',
    'modules/repairs/locales/en.json',
    'modules/repairs/locales/ar.json',
    'modules/repairs/repairs.test.ts',
    'editions/jeweller/edition.ts',
  ])
  for (const path of written) assert.doesNotMatch(read(path), /__[A-Za-z]+__/, path)
  const edition = read('editions/jeweller/edition.ts')
  assert.match(edition, /import \{ repairs \} from '..\/..\/modules\/repairs\/module.ts'\n/)
  assert.match(edition, /modules: \[shop, repairs\]/)
  assert.match(edition, /owner: \[.*'repairs\.\*'\]/)
  assert.equal(edition.match(/'repairs\.\*'/g)?.length, 1, 'only the first role is granted it')
})

test('both languages say the same things', () => {
  layOut(repairs())
  const keys = (locale: string) => Object.keys(JSON.parse(read(`modules/repairs/locales/${locale}.json`)) as object)
  assert.deepEqual(keys('ar'), keys('en'))
  assert.deepEqual(
    keys('en'),
    ['create', 'get', 'list', 'update'].map((verb) => `repairs.repair.${verb}`),
  )
})

test('what is written has no fault of type or form, however short or long its names are', () => {
  const written = [
    layOut(repairs()),
    layOut({ root, name: 'x', noun: 'y', edition: 'lettings' }),
    layOut({ root, name: 'a'.repeat(24), noun: 'b'.repeat(24), edition: 'suite' }),
  ].flat()
  const oxfmt = join(repository, 'node_modules/oxfmt/bin/oxfmt')
  const code = written.filter((path) => path.endsWith('.ts'))
  assert.match(execFileSync(process.execPath, [oxfmt, '--check', ...code], { cwd: root, encoding: 'utf8' }), /correct/)
  assert.equal(faultsOfType(), '')
})

/** The editions are checked too: that they still fit is half of what laying out promises. */
function faultsOfType(): string {
  const tsc = join(repository, 'node_modules/typescript/bin/tsc')
  const project = join(root, 'tsconfig.copy.json')
  writeFileSync(project, JSON.stringify({ extends: './tsconfig.json', include: ['modules', 'editions'] }))
  try {
    execFileSync(process.execPath, [tsc, '--noEmit', '-p', project], { cwd: root, encoding: 'utf8', stdio: 'pipe' })
    return ''
  } catch (error) {
    const faults = (error as { stdout: string }).stdout.split('\n')
    return faults.filter((line) => /^(modules|editions)/.test(line)).join('\n')
  }
}

test('the new module serves: its own test passes against a whole deployment', () => {
  layOut(repairs())
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const file = 'modules/repairs/repairs.test.ts'
  const told = execFileSync(process.execPath, ['--test', '--test-reporter=tap', file], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  assert.match(told, /^# pass 1$/m)
  assert.match(told, /^# fail 0$/m)
})

test('a name that cannot be one is refused with a sentence, and nothing is written', () => {
  const before = tree()
  const refused: [part: object, why: RegExp][] = [
    [{ name: 'Repairs' }, /small letters/],
    [{ name: 'repair_jobs' }, /small letters/],
    [{ name: '../repairs' }, /small letters/],
    [{ name: '' }, /small letters/],
    [{ name: 'r'.repeat(25) }, /small letters/],
    [{ noun: 'Repair' }, /small letters/],
    [{ name: 'shop' }, /modules\/shop already/],
    [{ name: 'audit' }, /meaning already/],
    [{ name: 'table' }, /meaning already/],
    [{ name: 'jeweller' }, /meaning already/],
    [{ noun: 'class' }, /meaning already/],
    [{ noun: 'line' }, /meaning already/],
    [{ noun: 'repairs' }, /--noun/],
    [{ edition: 'bakery' }, /helpdesk, jeweller, lettings, suite, treasury/],
    [{ edition: '..' }, /no edition/],
  ]
  for (const [part, why] of refused)
    assert.throws(
      () => layOut({ ...repairs(), ...part }),
      (error) => error instanceof Trouble && error.exit === 2 && why.test(error.message),
      JSON.stringify(part),
    )
  assert.deepEqual(tree(), before)
})

const tree = () => globSync('{modules,editions}/**', { cwd: root }).sort()

test('a second module of the same name is refused and leaves the first alone', () => {
  layOut(repairs())
  const edition = read('editions/jeweller/edition.ts')
  assert.throws(() => layOut(repairs()), /modules\/repairs already/)
  assert.equal(read('editions/jeweller/edition.ts'), edition)
})

test('every edition of ours can take a module in', () => {
  for (const edition of readdirSync(join(root, 'editions'))) layOut({ ...repairs(), name: `for${edition}`, edition })
})

test('an edition of another shape is left as it is', () => {
  assert.equal(withModule('export const odd = {}\n', 'repairs'), undefined)
  assert.equal(withGrant("\n  roles: {\n    owner: ['a', // why\n    ],\n", 'repairs'), undefined)
  assert.equal(withGrant('\n  roles: {\n    owner: [],\n', 'repairs'), "\n  roles: {\n    owner: ['repairs.*'],\n")
})

test('the command says what is missing or unknown', async () => {
  await assert.rejects(run([]), /Say one name/)
  await assert.rejects(run(['one', 'two']), /Say one name/)
  await assert.rejects(run(['repairs', '--editon', 'suite']), { exit: 2 })
})

test('one of several is called what people call it', () => {
  const pairs = {
    repairs: 'repair',
    entries: 'entry',
    boxes: 'box',
    classes: 'class',
    watches: 'watch',
    stock: 'entry',
  }
  for (const [many, one] of Object.entries(pairs)) assert.equal(singular(many), one)
})
