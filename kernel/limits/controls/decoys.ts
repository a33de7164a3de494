import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { control, type Live, type Told } from '../../contract/control.ts'

/** Asks for a decoy as a scanner would, and for nothing at all beside it; only the book may know the difference. */
export const decoys = control({
  claim:
    'Decoy addresses, named by no public page, answer as if there were nothing, and whoever asks for one is recorded.',
  enforcedBy: [
    'kernel/limits/decoys.ts',
    'kernel/limits/sightings.ts',
    'kernel/limits/migrations/0001_sightings.sql',
    'kernel/serve/http/door.ts',
    'kernel/serve/http/http.ts',
    'kernel/serve/http/pages.ts',
  ],
  every: '1 hour',
  async probe(live) {
    const mark = randomBytes(12).toString('hex')
    const decoy = DECOYS[randomInt(DECOYS.length)]!
    const nothing = `${decoy}-${mark}`
    const headers = { 'user-agent': `probe ${mark}` }
    const differences = differencesOf(await live.http(nothing, { headers }), await live.http(decoy, { headers }))
    const sightings = await sightingsOf(live, headers['user-agent'])
    const named = await pagesThatName(live)
    const detail = { decoy, differences, sightings, named }
    if (differences.length > 0) return { holds: false, saw: 'a decoy could be told from nothing', detail }
    if (sightings.length === 0) return { holds: false, saw: 'a visit to a decoy was not recorded', detail }
    if (sightings.length > 1 || sightings[0] !== decoy)
      return { holds: false, saw: 'the record did not say what had been asked for', detail }
    return named.length > 0
      ? { holds: false, saw: 'a public page named a decoy', detail }
      : { holds: true, saw: 'a decoy answered like nothing, was recorded once, and is named by no public page', detail }
  },
  sabotage: async ({ misconfigure }) => misconfigure('no decoys'),
})

/** Written down a second time on purpose: one that is struck from the other list goes unrecorded here. */
export const DECOYS = [
  '/.env',
  '/.env.production',
  '/.git/config',
  '/.aws/credentials',
  '/wp-login.php',
  '/wp-admin/setup-config.php',
  '/xmlrpc.php',
  '/phpmyadmin/index.php',
  '/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php',
  '/owa/auth/logon.aspx',
  '/cgi-bin/luci',
  '/boaform/admin/formLogin',
  '/actuator/env',
  '/manager/html',
  '/server-status',
  '/solr/admin/info/system',
]

/** Everything but the request's own id, and the second in which it was answered. */
function differencesOf(nothing: Told, decoy: Told): string[] {
  if (nothing.status !== 404) return [`nothing answered ${nothing.status}`]
  const [one, other] = [factsOf(nothing), factsOf(decoy)]
  return [...new Set([...one.keys(), ...other.keys()])].filter((fact) => one.get(fact) !== other.get(fact))
}

function factsOf({ status, headers, text }: Told): Map<string, string> {
  const id = headers.get('x-request-id') ?? ''
  const own = [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date')
  return new Map([...own, ['status', String(status)], ['body', id === '' ? text : text.replaceAll(id, '…')]])
}

/** It is written beside the answer, so it may be a moment late. */
const WRITTEN_WITHIN_ms = 4_000
const LOOK_EVERY_ms = 50
/** Once there is one, a second one would be there too. */
const SECOND_LOOK_ms = 200

async function sightingsOf({ directory }: Live, userAgent: string): Promise<string[]> {
  const deadline = performance.now() + WRITTEN_WITHIN_ms
  const look = () =>
    directory(
      `select path from limits.sighting
       where user_agent = $1 and at > now() - interval '10 minutes' and network <> ''`,
      [userAgent],
    )
  while ((await look()).length === 0 && performance.now() < deadline) await sleep(LOOK_EVERY_ms)
  await sleep(SECOND_LOOK_ms)
  return (await look()).map(({ path }) => String(path))
}

/** All that a stranger, or a crawler that follows links, is ever shown. */
const PAGES = ['/', '/?lang=ar', '/security', '/security?lang=ar', '/security.json', '/openapi.json', '/robots.txt']

async function pagesThatName(live: Live): Promise<string[]> {
  const named: string[] = []
  for (const page of PAGES) {
    const { status, text } = await patiently(() => live.http(page))
    if (status !== 200) throw new Error(`${page} was answered ${status}`)
    named.push(...DECOYS.filter((decoy) => text.includes(decoy)).map((decoy) => `${page} names ${decoy}`))
  }
  return named
}

/** The other probes ask for pages too, out of one budget. */
async function patiently(ask: () => Promise<Told>): Promise<Told> {
  const told = await ask()
  if (told.status !== 429) return told
  await sleep(Number(told.headers.get('retry-after')) * 1_000)
  return ask()
}
