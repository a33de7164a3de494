import { hostname } from 'node:os'
import type { Live, Told } from '../../contract/control.ts'

/** Provokes one public answer of each kind and names what in them tells of the inside. */
export async function findLeaks(live: Live): Promise<string[]> {
  const blind = Object.entries(LEAKS).filter(([kind, { sample }]) => !leaksIn(sample, live).includes(kind))
  if (blind.length > 0) throw new Error(`The probe would not notice: ${blind.map(([kind]) => kind).join(', ')}`)
  const told = await answers(live)
  return told.flatMap(({ from, answer }) => leaksOf(answer, live).map((leak) => `${from}: ${leak}`))
}

/** One answer of each kind that a stranger can provoke; a probe that did not provoke it has not looked. */
async function answers(live: Live): Promise<{ from: string; answer: Told }[]> {
  const north = live.canaries[0]?.north
  const action = live.operations.find(({ kind }) => kind === 'action')
  if (north === undefined || action === undefined) throw new Error('There is no canary, or nothing that it could do')
  const body = { method: 'POST', headers: { 'content-type': 'application/json' } }
  const told = {
    '/security.json 200': await live.http('/security.json'),
    '/security 200': await live.http('/security'),
    '/livez 200': await live.http('/livez'),
    'unknown path 404': await live.http('/v1/no.such.thing'),
    'no key 401': await live.http(`/v1/${action.name}`, { ...body, body: '{}' }),
    'bad json 400': await live.http(`/v1/${action.name}`, keyed(body, north.key, '{"a":')),
    'bad input 400': await north.call(action.name, { unasked: "'; select 1 --" }),
  }
  for (const [from, { status }] of Object.entries(told))
    if (!from.endsWith(` ${status}`)) throw new Error(`${from} was answered ${status}`)
  return Object.entries(told).map(([from, answer]) => ({ from, answer }))
}

const keyed = <Init extends { headers: Record<string, string> }>(init: Init, key: string, body: string) => ({
  ...init,
  headers: { ...init.headers, authorization: `Bearer ${key}` },
  body,
})

const BANNERS = ['server', 'x-powered-by', 'via', 'x-runtime', 'x-served-by', 'x-backend']

const leaksOf = ({ headers, text }: Told, live: Live) => [
  ...BANNERS.filter((name) => headers.has(name)).map((name) => `header ${name}`),
  ...leaksIn([...headers].map(([name, value]) => `${name}: ${value}`).join('\n'), live),
  ...leaksIn(text, live),
]

const leaksIn = (text: string, live: Live): string[] => [
  ...Object.entries(LEAKS).flatMap(([kind, { found }]) => (found.some((each) => each.test(text)) ? [kind] : [])),
  ...machine().flatMap((name) => (apart(name).test(text) ? ['machine'] : [])),
  ...tablesIn(text, live).map((table) => `table ${table}`),
]

/** Each kind with a sample that it must find, so that a pattern which finds nothing is noticed. */
const LEAKS: Readonly<Record<string, { found: readonly RegExp[]; sample: string }>> = {
  version: {
    found: [
      /\b(node|nodejs|node\.js|v8|undici|fastify|express|zod|kysely|graphile-worker)[ /@-]{0,2}v?\d/i,
      /\b(openssl|nginx|caddy|postgres|postgresql)[ /@-]{0,2}v?\d/i,
      new RegExp(`(?<![\\w.-])v?${process.versions.node.replaceAll('.', '\\.')}(?![\\w.])`),
    ],
    sample: 'powered by PostgreSQL 15',
  },
  'private address': {
    found: [/(?<![\w.-])((10|127)\.\d{1,3}|169\.254|192\.168|172\.(1[6-9]|2\d|3[01]))(\.\d{1,3}){2}(?![\w.])/],
    sample: 'connect ECONNREFUSED 192.168.7.7',
  },
  path: {
    found: [
      /file:\/\/|node:internal|node_modules|\b[A-Z]:\\/,
      /(?<![\w./-])\/(home|root|usr|var|tmp|etc|opt|proc|srv|Users)\//,
    ],
    sample: 'cannot open /srv/data/x',
  },
  stack: {
    found: [/(\n|\\n)\s*at .{1,200}:\d+:\d+/, /\.[cm]?[jt]s:\d+/],
    sample: 'Error: no\n    at run (serve.ts:1:2)',
  },
  statement: {
    found: [
      /\bSQLSTATE\b|syntax error at|violates [\w-]+ constraint|relation \\?"/,
      /\binsert into \S+ \(|\bupdate \S+ set \S+ =|\bselect [\w",.* ]+ from \S+ where /i,
    ],
    sample: 'insert into customer (id) values ($1)',
  },
}

/** A machine called by a plain word would be found everywhere: only what looks like a machine's name is looked for. */
const machine = () => [
  ...[hostname()].filter((name) => name.length >= 6 && /[\d.-]/.test(name)),
  ...[process.cwd()].filter((folder) => folder.split('/').length > 2),
]

const apart = (name: string) => new RegExp(`(?<![\\w.-])${name.replace(/[^\w]/g, '\\$&')}(?![\\w.-])`)

/** Tables as a statement or Postgres itself would name them, and names of two words, which no prose has. */
const tablesIn = (text: string, live: Live) =>
  Object.entries(live.tables).flatMap(([schema, tables]) =>
    Object.keys(tables).filter((table) => {
      const stated = `(from|into|update|join|table) ${schema}\\.${table}\\b`
      const quoted = `"?${schema}\\\\?"\\.\\\\?"${table}`
      const alone = table.includes('_') ? `|(?<!\\w)${table}(?!\\w)` : ''
      return new RegExp(`${stated}|${quoted}${alone}`).test(text)
    }),
  )
