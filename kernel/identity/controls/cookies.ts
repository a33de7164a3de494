import { control } from '../../contract/control.ts'
import type { Canary, Live, Told } from '../../contract/control.ts'
import { answered, ask } from './doors.ts'
import { patiently } from './guest.ts'
import { guestInBoth, signIn } from './sitting.ts'

export const cookies = control({
  claim:
    'The cookies of a session travel only encrypted and to the host that set them, no script reads them, and they ' +
    'sign in to one workspace alone.',
  enforcedBy: ['kernel/transport/cookie.ts', 'kernel/identity/cookies.ts', 'kernel/serve/http/door.ts'],
  every: '1 hour',
  async probe(live) {
    const { north, south } = live.canaries[0]!
    await using guest = await guestInBoth(live, north, south)
    const here = await jarOf(signIn(guest, north, 'cookie'))
    const there = await jarOf(signIn(guest, south, 'cookie'))
    const faults = [...faultsOf(here, north), ...faultsOf(there, south)]
    if (faults.length === 0) faults.push(...(await swapped(live, { north, here }, south)))
    return faults.length
      ? { holds: false, saw: 'a cookie of a session was less guarded than promised', detail: faults }
      : { holds: true, saw: 'cookies had every mark that guards them, and opened their own workspace and no other' }
  },
  sabotage: async ({ misconfigure }) => misconfigure('loose cookies'),
})

type Cookie = { name: string; value: string; marks: string[] }
type Jar = { cookies: Cookie[]; told: Told }

async function jarOf(signedIn: Promise<Told>): Promise<Jar> {
  const told = await signedIn
  const cookies = told.headers.getSetCookie().map((line) => {
    const [pair = '', ...marks] = line.split(';').map((part) => part.trim())
    const [name = '', value = ''] = pair.split('=')
    return { name, value, marks }
  })
  if (told.status !== 200 || cookies.length !== 2) throw new Error(`no cookies to look at: ${told.status}`)
  return { cookies, told }
}

const WANTED = ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/']

function faultsOf({ cookies, told }: Jar, { workspace }: Canary): string[] {
  const faults = cookies.flatMap(({ name, marks }) => [
    ...WANTED.filter((mark) => !marks.includes(mark)).map((mark) => `${name} lacks ${mark}`),
    ...(name.startsWith('__Host-') && !marks.some((mark) => /^domain/i.test(mark)) ? [] : [`${name} is for any host`]),
    ...(name.endsWith(`-${shortOf(workspace)}`) ? [] : [`${name} does not name its workspace`]),
    ...(marks.some((mark) => /^Max-Age=[1-9]\d*$/.test(mark)) ? [] : [`${name} has no end`]),
  ])
  return cookies.some(({ value }) => told.text.includes(value)) ? [...faults, 'a script is told of it'] : faults
}

/** Its own name opens; under the neighbour's name, or where a page says it is the neighbour's, it is nothing. */
async function swapped(live: Live, { north, here }: { north: Canary; here: Jar }, south: Canary): Promise<string[]> {
  const own = cookieLine(here.cookies)
  const renamed = own.replaceAll(shortOf(north.workspace), shortOf(south.workspace))
  const faults: string[] = []
  if (!(await opensPage(live, own, north))) faults.push('it does not open its own workspace')
  for (const line of [own, renamed, `${own}; ${renamed}`]) {
    if (await opensPage(live, line, south)) faults.push('it opened for a page of another workspace')
    const told = await renewed(live, line, south)
    if (told.status !== 401 || told.headers.getSetCookie().length > 0) faults.push('it was renewed for another')
  }
  if ((await renewed(live, own, north)).status !== 200) faults.push('it is not renewed for its own')
  return faults
}

export const renewed = async (live: Live, line: string, page: Canary): Promise<Told> =>
  answered(await patiently(() => ask(live, '/auth/refresh', {}, asPage(line, page))))

async function opensPage(live: Live, line: string, page: Canary): Promise<boolean> {
  const told = await patiently(() => live.http('/v1/identity.workspace.get', { headers: asPage(line, page) }))
  return answered(told).status !== 401
}

/** As a script of our own page asks. */
export const asPage = (cookie: string, { workspace }: Canary) => ({
  cookie,
  'vouchsafe-workspace': workspace,
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
})

export const cookieLine = (cookies: readonly Pick<Cookie, 'name' | 'value'>[]) =>
  cookies.map(({ name, value }) => `${name}=${value}`).join('; ')

/** Written down a second time on purpose: a workspace's id in 22 letters. */
export const shortOf = (workspace: string) => Buffer.from(workspace.replaceAll('-', ''), 'hex').toString('base64url')
