import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { editionCalled, editionNames } from '../cli/editions.ts'
import { FRESH_FOR_MS } from '../kernel/identity/assurance.ts'
import { WAYS } from '../kernel/identity/ways.ts'
import { QUOTAS } from '../kernel/limits/limits.ts'
import { STAFF_WAYS } from '../kernel/staff/ways.ts'

/** What docs/security.md and docs/data.md say, held against the code: numbers, names, files and policies. */
const page = readFileSync('docs/security.md', 'utf8')
const flat = page.replaceAll(/\s+/g, ' ')
const section = (title: string) => page.split(/^## /m).find((one) => one.startsWith(`${title}\n`))!
const rowsIn = (text: string) =>
  [...text.matchAll(/^\| (.+) \|$/gm)]
    .map(([, row = '']) => row.split(/ +\| +/).map((cell) => cell.trim()))
    .filter(([first = '']) => !/^-+$/.test(first))
const code = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, said = '']) => said)

test('each edition’s ways in, sessions and encryption are as its policy has them (ASVS 6.1.3, 7.1.1)', async () => {
  const [, ...rows] = rowsIn(section('Ways in'))
  assert.deepEqual(
    rows.map(([name]) => name),
    editionNames.toSorted(),
  )
  for (const [name = '', ...said] of rows) {
    const { policy } = await editionCalled(name)
    const { access_minutes, idle_hours, absolute_hours } = policy.session
    assert.deepEqual(said, [
      policy.signIn.join(', '),
      policy.secondFactor,
      policy.signUp,
      policy.passwordHash,
      `${access_minutes} min`,
      `${idle_hours} h`,
      `${absolute_hours} h`,
      policy.tls,
    ])
  }
})

test('what an edition’s policy leaves out of a standard is said of that edition', async () => {
  const policies = await Promise.all(
    editionNames.map(async (name) => ({ name, ...(await editionCalled(name)).policy })),
  )
  const named = (of: (policy: (typeof policies)[number]) => boolean) => policies.filter(of).map(({ name }) => name)
  const said = (words: string) => code(new RegExp(`${words}([^.;]*)[.;]`).exec(flat)?.[1] ?? '')
  const factors = {
    'for everybody \\(ASVS 6\\.3\\.3\\): ': 'everyone',
    'for administrators: ': 'administrators',
    'where a workspace asks for it: ': 'optional',
    'in no way: ': 'not offered',
  }
  for (const [words, factor] of Object.entries(factors))
    assert.deepEqual(said(words), named(({ secondFactor }) => secondFactor === factor).sort(), words)
  const links = named(({ signIn }) => signIn.includes('link'))
  assert.deepEqual(said('6\\.3\\.6 would not have\\): '), links.sort())
})

test('all ways in are listed, and none that is not there (ASVS 6.1.3)', () => {
  const listed = /These are all the ways(.+?)There is no other/.exec(flat)?.[1] ?? ''
  const open = [...WAYS, ...STAFF_WAYS].filter(({ who }) => who === 'anyone').map(({ name }) => name)
  assert.deepEqual(code(listed).sort(), open.sort())
})

test('how warm a proof must be, and how many sessions one may have, is said (ASVS 7.1.1, 7.1.2)', () => {
  assert.ok(flat.includes(`A proof is warm for ${FRESH_FOR_MS / 60_000} min`))
  assert.match(flat, /Anybody may have any number of sessions at once/)
})

test('functions, rows and fields: who may do what is written down (ASVS 8.1.1, 8.1.2)', () => {
  const said = section('Who may do what')
  for (const word of ['Functions', 'Rows', 'Fields']) assert.ok(said.includes(`**${word}**`), word)
  for (const name of ['identity.right.explain', '/openapi.json']) assert.ok(code(said).includes(name), name)
})

test('the inventory of cryptography names every file that has any, and no other (ASVS 11.1.1, 11.1.2, 11.1.4)', () => {
  const said = section('Cryptography')
  const listed = rowsIn(said).flatMap((cells) => code(cells[3] ?? ''))
  const packages = ['node:crypto', 'jose', '@node-rs/bcrypt', '@peculiar/x509', '@simplewebauthn/server']
  const uses = new RegExp(`^import (?!type\\b).* from '(?:${packages.join('|')})'$`, 'm')
  const only = /import \{ randomUUID \} from 'node:crypto'/
  const using = globSync('{kernel,modules,editions,cli}/**/*.ts')
    .filter((path) => !/\.test\.ts$|\/controls(\.ts$|\/)|^kernel\/testing\.ts$/.test(path))
    .filter((path) => {
      const text = readFileSync(path, 'utf8').replace(only, '')
      return uses.test(text)
    })
  assert.deepEqual(listed.sort(), using.sort())
  assert.match(said, /Against quantum computers: TLS agrees on keys with X25519MLKEM768 first/)
  assert.match(readFileSync('kernel/transport/tls.ts', 'utf8'), /GROUPS = \['X25519MLKEM768'/)
  for (const word of ['Where keys may be used', 'Their life', 'When it must change'])
    assert.ok(said.includes(word), word)
})

test('whom the product talks to is what can be set, and nothing else (ASVS 13.1.1)', () => {
  const said = code(section('What it talks to').split('\n|')[0]!)
  const settings = [...readFileSync('kernel/base/config.ts', 'utf8').matchAll(/^ {2}([A-Z_]+): /gm)].map(
    (one) => one[1]!,
  )
  const addresses = settings.filter((name) => name.endsWith('_URL') && name !== 'PUBLIC_URL')
  assert.deepEqual(said.sort(), addresses.sort())
})

test('limits, pauses and patience are those of the code (ASVS 13.1.2, 13.1.3)', () => {
  const rows = [...rowsIn(section('What it talks to')), ...rowsIn(readFileSync('docs/data.md', 'utf8'))]
  const checked = rows.filter(([, value = '', where = '']) => {
    const [, file = '', name = ''] = /^`(\S+\.ts) (\w+)`$/.exec(where) ?? []
    if (file) assert.equal(inCode(file, name), plain(value, name), `${where}: ${value}`)
    return file !== ''
  })
  assert.ok(checked.length > 20)
  const budgets = Object.entries(QUOTAS).map(([name, { quota, window_s }]) => [name, quota, window_s])
  for (const [name, quota, window_s] of budgets) {
    assert.ok(new RegExp(`\`${name}\` ${quota}\\b`).test(flat), String(name))
    assert.equal(window_s, 60)
  }
})

test('each secret has its turn, and what works once its time (ASVS 13.1.4)', () => {
  const said = section('Secrets and their turns').replaceAll(/\s+/g, ' ')
  const lives = /LIVES_S = \{([^}]+)\}/.exec(readFileSync('kernel/identity/ticket.ts', 'utf8'))?.[1] ?? ''
  const all = [...lives.matchAll(/^ +'?([\w-]+)'?: ([\d_]+),/gm)]
  assert.ok(all.length > 6)
  for (const [, name = '', life = ''] of all)
    assert.ok(
      new RegExp(`\\b${Number(life.replaceAll('_', ''))} s [^\`;.]*(?:\`[^\`]+\`\\) or [^\`]*)?\\(\`${name}\`\\)`).test(
        said,
      ),
      name,
    )
  assert.match(
    said,
    new RegExp(`counts in its step of ${inCode('kernel/identity/factors/totp.ts', 'STEP_MS')} and the next`),
  )
  assert.match(
    said,
    new RegExp(`${inCode('kernel/transport/certificate.ts', 'RENEW_BEFORE_days')} before its end, while`),
  )
  assert.match(said, new RegExp(`tells ${inCode('kernel/transport/renewal.ts', 'SOON_days')} before its end`))
  assert.match(said, new RegExp(`at most ${inCode('kernel/identity/key.ts', 'MOST_GRACE_H')}`))
})

test('what is linked to is there (ASVS 14.1.1, 14.1.2)', () => {
  for (const path of code(page).filter((one) => /^(?:docs|kernel|test)\/\S+\.\w+$/.test(one)))
    assert.ok(globSync(path).length === 1, path)
  const data = readFileSync('docs/data.md', 'utf8')
  for (const word of ['secret', 'personal', 'business', 'internal']) assert.ok(data.includes(`- **${word}**: `), word)
})

/** A constant as it is written, in its unit: `const WAIT_MS = 5_000` is 5 s. */
function inCode(file: string, name: string): string {
  const found = new RegExp(`\\b${name}'?(?: =|:|,) (?:\\{ days: )?('[^']+'|[\\d_]+(?: \\* [\\d_]+)*)`)
  const [, value = ''] = found.exec(readFileSync(file, 'utf8')) ?? []
  assert.ok(value, `${file} has no ${name}`)
  if (value.startsWith("'")) return value.slice(1, -1).replace(/^(\d+)s$/, '$1 s')
  const number = value.split(' * ').reduce((product, factor) => product * Number(factor.replaceAll('_', '')), 1)
  if (/_MS$/i.test(name)) return `${number / 1_000} s`
  if (/_S$/i.test(name)) return `${number} s`
  if (/_H$/i.test(name)) return `${number} h`
  return /_days$|^KEPT$/.test(name) ? `${number} days` : String(number)
}

/** What is no time is a number of whatever the name says. */
const plain = (value: string, name: string) =>
  /_(?:MS|S|H|days)$|timeout$|^KEPT/i.test(name) ? value : value.replace(/ .*$/, '')
