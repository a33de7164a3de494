import { control } from '../../contract/control.ts'
import type { Canary, Live, Told } from '../../contract/control.ts'
import { undoing } from './careless.ts'
import { accessOf, anyCanary, codeOf, enrol, guestIn, harmless, isAbsent, patiently, post, sampleOf } from './guest.ts'
import type { Guest } from './guest.ts'

export const apps = control({
  claim:
    'Whoever has an authenticator app comes in with its code and not without; each code works once, also within its ' +
    'own half minute, and so does each code on paper. Where no second factor is offered, no way offers one.',
  enforcedBy: [
    'kernel/identity/factors/totp.ts',
    'kernel/identity/factors/recovery.ts',
    'kernel/identity/proof.ts',
    'kernel/identity/ways/arrive.ts',
    'kernel/identity/ways/factor.ts',
    'kernel/identity/ways/enrol.ts',
  ],
  every: '1 hour',
  async probe(live) {
    const canary = anyCanary(live)
    const isOffered = live.policy.secondFactor !== 'not offered'
    await using guest = await guestIn(live, canary, 'least')
    const faults = isOffered ? await codeFaults(canary, guest) : await offered(live, guest)
    if (faults.length) return { holds: false, saw: 'a second factor was not what it is said to be', detail: faults }
    return isOffered
      ? { holds: true, saw: 'a password alone opened nothing, and of each code the second use was refused' }
      : { holds: true, saw: 'no way offered a second factor, and nobody was asked for one' }
  },
  async sabotage(broken) {
    if (broken.policy.secondFactor === 'not offered') return broken.misconfigure('factors offered')
    return await undoing(broken, 'factor', 'update', 'new.last_step := 0')
  },
})

async function codeFaults(canary: Canary, guest: Guest): Promise<string[]> {
  const { codes, shows } = await enrol(canary, guest, await guest.token())
  const faults: string[] = []
  const note = (isFault: boolean, fault: string) => void (isFault && faults.push(fault))
  const type = (ticket: string, method: string, code: string) => guest.post('factor', { ticket, method, code })
  const first = await half(guest)
  const code = shows()
  note(!lies(await type(first, 'totp', other(code))), 'a wrong code opened')
  note(!opens(await type(first, 'totp', code)), 'the code of the app did not open')
  const second = await half(guest)
  note(!lies(await type(second, 'totp', code)), 'a code opened twice')
  note(!lies(await type(second, 'recovery', other(codes[0]!))), 'a wrong code on paper opened')
  note(!opens(await type(second, 'recovery', codes[0]!)), 'a code on paper did not open')
  note(opens(await type(second, 'recovery', codes[1]!)), 'a half-done sign-in was finished twice')
  const third = await half(guest)
  note(!lies(await type(third, 'recovery', codes[0]!)), 'a code on paper opened twice')
  return faults
}

const opens = (told: Told) => told.status === 200 && told.json()['next'] === 'done'
const lies = (told: Told) => codeOf(told) === 'wrong-code'

/** Another of the same form. */
const other = (code: string) => code.replace(/.$/, (last) => (last === '1' ? '0' : '1'))

/** What a password alone is given: a ticket, and nothing that opens. */
async function half(guest: Guest): Promise<string> {
  const told = await guest.signIn()
  const { next, ticket, session } = told.json()
  if (next !== 'factor' || typeof ticket !== 'string' || session !== undefined)
    throw new Error(`a sign-in that owes a code was answered ${told.status}`)
  return ticket
}

const OF_FACTORS = ['app-begin', 'app-confirm', 'codes-make', 'passkey-add-begin', 'passkey-begin']

async function offered(live: Live, guest: Guest): Promise<string[]> {
  const token = await guest.token()
  const faults: string[] = []
  for (const way of OF_FACTORS) {
    const input = way === 'app-confirm' ? { ticket: 'none', code: '000000' } : {}
    if (!isAbsent(await guest.post(way, input, token))) faults.push(`${way} is there`)
  }
  const { status, text } = await live.http('/v1/identity.workspace.get', {
    headers: { authorization: `Bearer ${token}` },
  })
  return status === 200 ? faults : [...faults, `somebody without a second factor was answered ${text}`]
}

export const halfway = control({
  claim:
    'A sign-in of which only the first step is done opens nothing: no operation and no other way takes what it was ' +
    'given.',
  enforcedBy: [
    'kernel/identity/ways/arrive.ts',
    'kernel/identity/ways/choose.ts',
    'kernel/identity/ticket.ts',
    'kernel/identity/whois.ts',
    'kernel/serve/http/door.ts',
  ],
  every: '1 hour',
  async probe(live) {
    const faults = await (live.policy.secondFactor === 'not offered' ? choosing(live) : owing(live, anyCanary(live)))
    return faults.length
      ? { holds: false, saw: 'a sign-in that was half done opened something', detail: faults }
      : { holds: true, saw: 'a sign-in that was half done opened no operation and no other way that was tried' }
  },
  sabotage: ({ misconfigure }) => Promise.resolve(misconfigure('half is enough')),
})

/** Somebody who owes a code. Were what they hold worth nothing, nothing would be shown by it: so they go on. */
async function owing(live: Live, canary: Canary): Promise<string[]> {
  await using guest = await guestIn(live, canary, 'least')
  const { shows } = await enrol(canary, guest, await guest.token())
  const ticket = await half(guest)
  const faults = await taken(live, canary, ticket)
  const told = await guest.post('factor', { ticket, method: 'totp', code: shows() })
  return opens(told) ? faults : [...faults, `it could not be gone on with: ${told.status}`]
}

/** Where nobody has a second factor, one is half in until one says into which of several workspaces. */
async function choosing(live: Live): Promise<string[]> {
  const canary = live.canaries.find(({ kind }) => kind === 'pool')!.north
  const { email, password } = canary.person('traveller')
  const { ticket } = (await post(live, 'sign-in', { email, password })).json()
  if (typeof ticket !== 'string') throw new Error('somebody with several workspaces was not asked into which')
  const faults = await taken(live, canary, ticket)
  const told = await post(live, 'choose', { ticket, workspace: canary.workspace })
  if (!opens(told)) return [...faults, `it could not be gone on with: ${told.status}`]
  await post(live, 'sign-out', {}, accessOf(told))
  return faults
}

const taken = async (live: Live, canary: Canary, ticket: string): Promise<string[]> => [
  ...(await atOperations(live, canary, ticket)),
  ...(await atWays(live, ticket)),
]

const TRIED = 4

/** As a bearer token, and as the cookie of a session: nobody is admitted by it, whatever they would be told then. */
async function atOperations(live: Live, canary: Canary, ticket: string): Promise<string[]> {
  const faults: string[] = []
  const operations = live.operations.filter(({ kind }) => kind !== 'job')
  for (const one of sampleOf(operations, TRIED)) {
    const told = await canary.call(one.name, harmless(one, canary), 'nobody', { authorization: `Bearer ${ticket}` })
    if (told.status !== 401) faults.push(`${one.name} answered ${told.status}`)
  }
  const { workspace, call } = canary
  const id = Buffer.from(workspace.replaceAll('-', ''), 'hex').toString('base64url')
  const cookie = `__Host-a-${id}=${ticket}; __Host-r-${id}=${ticket}`
  const headers = { cookie, 'vouchsafe-workspace': workspace, 'sec-fetch-site': 'same-origin' }
  const told = await call('identity.workspace.get', {}, 'nobody', headers)
  return told.status === 401 ? faults : [...faults, `as a cookie it was answered ${told.status}`]
}

type Described = { post?: { security?: unknown[]; requestBody?: { content: Record<string, { example?: object }> } } }

/** Ways for people take no such bearer; ways that take a ticket take no ticket of another kind. */
async function atWays(live: Live, ticket: string): Promise<string[]> {
  const description = await patiently(() => live.http('/openapi.json'))
  const ways = Object.entries(description.json()['paths'] as Record<string, Described>).flatMap(
    ([path, { post: of }]) => {
      const way = /^\/auth\/(.+)$/.exec(path)?.[1]
      const example = of?.requestBody?.content['application/json']?.example ?? {}
      return way && !OF_HALF.includes(way) ? [{ way, example, isForPeople: (of?.security ?? []).length > 0 }] : []
    },
  )
  const faults: string[] = []
  for (const { way, example } of sampleOf(forPeople(ways), TRIED)) {
    const { status } = await post(live, way, example, ticket)
    if (status !== 401) faults.push(`${way} answered ${status}`)
  }
  const takers = ways.filter(({ example, isForPeople }) => !isForPeople && 'ticket' in example)
  for (const { way, example } of sampleOf(takers, TRIED)) {
    const { status } = await post(live, way, { ...example, ticket })
    if (status < 400 || status >= 500) faults.push(`${way} took it and answered ${status}`)
  }
  const { status } = await post(live, 'refresh', { refreshToken: ticket })
  return status === 401 ? faults : [...faults, `as a refresh token it was answered ${status}`]
}

const forPeople = <Way extends { isForPeople: boolean }>(ways: readonly Way[]) =>
  ways.filter(({ isForPeople }) => isForPeople)

/** These go on from there, and say so. */
const OF_HALF = ['factor', 'choose', 'passkey-begin', 'passkey-finish']
