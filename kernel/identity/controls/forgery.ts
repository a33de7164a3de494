import { control } from '../../contract/control.ts'
import type { Canary, Live, Told } from '../../contract/control.ts'
import { asPage, cookieLine, renewed, shortOf } from './cookies.ts'
import { answered, ask } from './doors.ts'
import { guestIn, inside, patiently } from './guest.ts'
import { sitDown } from './sitting.ts'
import type { Sitting } from './sitting.ts'

export const forgery = control({
  claim: 'No page of another site changes anything with the cookies of a visitor, through any operation or way in.',
  enforcedBy: ['kernel/transport/origin.ts', 'kernel/serve/http/door.ts', 'kernel/serve/http/ways.ts'],
  every: '1 hour',
  async probe(live) {
    const { north } = live.canaries[0]!
    await using guest = await guestIn(live, north, 'owner')
    const sitting = await sitDown(guest, north)
    const line = lineOf(sitting, north)
    const faults = await attackAll(live, line, north)
    faults.push(...(await attackSession(live, line, north, sitting)))
    const done = faults.length ? [] : [await renewed(live, line, north)]
    if (done.some(({ status }) => status !== 200)) faults.push('a page of our own was refused')
    return faults.length
      ? { holds: false, saw: 'a request of another site was let in with a visitor’s cookie', detail: faults }
      : { holds: true, saw: 'a page of our own was served; whatever another site sent, with real cookies, was refused' }
  },
  sabotage: async ({ misconfigure }) => misconfigure('any origin'),
})

const lineOf = ({ access, refresh }: Sitting, { workspace }: Canary) =>
  cookieLine([
    { name: `__Host-a-${shortOf(workspace)}`, value: access },
    { name: `__Host-r-${shortOf(workspace)}`, value: refresh },
  ])

/**
 * What browsers send along with the requests of others; the header that only our scripts add is there, as if it were
 * allowed to be.
 */
const FOREIGN = [
  { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' },
  { 'sec-fetch-site': 'same-site', origin: 'https://beside.localhost' },
  { 'sec-fetch-site': 'cross-site' },
  { origin: 'https://elsewhere.example' },
  { origin: 'null' },
] as const

/** Without a word of where they come from, and without the header of our scripts. */
const UNKNOWN = { 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined }
const FORM = { 'vouchsafe-workspace': undefined }

/** Refused before it is read: whoever gets so far as to be told of a bad input was let in. */
const BAD_INPUT = { 'unknown field': 1 }

async function attackAll(live: Live, line: string, north: Canary): Promise<string[]> {
  const faults: string[] = []
  const attack = async (path: string, change: Change, wait = inTurn) => {
    const told = await wait(() => ask(live, path, BAD_INPUT, asOther(line, north, change)))
    if (!isRefused(told)) faults.push(`${path}: ${told.status} to ${JSON.stringify(change)}`)
  }
  const actions = live.operations.filter(({ kind }) => kind === 'action').map(({ name }) => `/v1/${name}`)
  const { ours, anybodys } = await waysOf(live)
  // Whoever is refused as foreign has spent nothing, so a budget that is empty would say that it was not so.
  for (const path of [...actions, ...ours])
    if (faults.length === 0) await Promise.all([...FOREIGN, UNKNOWN].map((one) => attack(path, one, atOnce)))
  // Strangers have one budget for all that is open to them: each of these is tried in one way.
  for (const [index, path] of anybodys.entries()) await attack(path, FOREIGN[index % FOREIGN.length]!)
  for (const path of [actions[0], ours[0]]) if (path) await attack(path, FORM)
  return actions.length && ours.length && anybodys.length ? faults : [...faults, 'there was nothing to attack']
}

/** With inputs that would be good, on what is the visitor's own. */
async function attackSession(live: Live, line: string, north: Canary, { session }: Sitting): Promise<string[]> {
  const { catalogue, workspace } = north
  const look = async () => {
    const row = 'generation, rotated_at, ended_at, expires_at'
    return JSON.stringify(
      await catalogue(`${inside(workspace)} select ${row} from identity.session where id = '${session}'`),
    )
  }
  const [before, faults] = [await look(), [] as string[]]
  for (const path of ['/auth/refresh', '/auth/sign-out'])
    for (const change of FOREIGN) {
      const told = await inTurn(() => ask(live, path, {}, asOther(line, north, change)))
      if (!isRefused(told)) faults.push(`${path}: ${told.status} to ${JSON.stringify(change)}`)
    }
  if ((await look()) !== before) faults.push('a session was changed')
  return faults
}

type Change = Record<string, string | undefined>

/** A page of ours, but for what tells that it is none. */
function asOther(line: string, north: Canary, change: Change): Record<string, string> {
  const { 'sec-fetch-site': _, ...page } = asPage(line, north)
  const site = 'origin' in change ? {} : { 'sec-fetch-site': 'same-origin' }
  const headers: Change = { ...page, ...site, ...change }
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

/** By the door, and not by what came after it. */
function isRefused({ status, json }: Told): boolean {
  if (status !== 401 && status !== 403) return false
  return ['cross-origin', 'unauthenticated'].includes(String(json()['code']))
}

const atOnce: typeof patiently = (once) => once()
const inTurn: typeof patiently = async (once) => answered(await patiently(once))

type Described = { paths: Record<string, { post?: { security?: readonly object[] } }> }

/** The ways in and out as the door itself describes them: of those who are in, and all others. */
async function waysOf(live: Live): Promise<{ ours: string[]; anybodys: string[] }> {
  const { paths } = (await live.http('/openapi.json')).json() as Described
  const ways = Object.entries(paths).filter(([path]) => path.startsWith('/auth/'))
  const isOurs = ([, { post }]: (typeof ways)[number]) => post?.security?.some((one) => 'session' in one) ?? false
  const named = (some: typeof ways) => some.map(([path]) => path)
  return { ours: named(ways.filter(isOurs)), anybodys: named(ways.filter((way) => !isOurs(way))) }
}
