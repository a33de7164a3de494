import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { control, type Finding, type Live, type Told } from '../../contract/control.ts'

/** Guesses as somebody does who has many networks, and as somebody who has many names, then knocks at the door. */
export const attempts = control({
  claim:
    'Attempts to sign in are counted for each network and for each account, whether or not it exists: beyond the ' +
    'budget the answer is 429 and a time to come back, from wherever one claims to come.',
  enforcedBy: [
    'kernel/limits/attempts.ts',
    'kernel/limits/guessing.md',
    'kernel/limits/migrations/0002_shared.sql',
    'kernel/limits/postgres-store.ts',
    'kernel/limits/redis-store.ts',
    'kernel/identity/ways/sign-in.ts',
    'kernel/transport/client.ts',
  ],
  every: '1 hour',
  async probe(live) {
    const account = madeUp()
    const tries = {
      account: await guess(live, () => ({ network: madeUp(), account })),
      network: await guess(live, fromOne(madeUp())),
      letters: await guessAt('reset', live, () => ({ network: madeUp(), account })),
    }
    for (const [what, allowed] of Object.entries(tries)) {
      if (allowed > MOST_ALLOWED)
        return { holds: false, saw: `tries at one ${what} went on without an end`, detail: tries }
      if (allowed === 0) return { holds: false, saw: 'not even a first try was allowed', detail: tries }
    }
    return await atTheDoor(live, account, tries)
  },
  sabotage: async ({ misconfigure }) => misconfigure('no limit of attempts'),
})

const madeUp = () => `${randomBytes(9).toString('hex')}@probe.invalid`

const fromOne = (network: string) => () => ({ network, account: madeUp() })

/** So many at the same moment; a budget that is larger than this is none against guessing. */
const AT_ONCE = 64
const MOST_ALLOWED = 40

type Who = { network: string; account: string }

const guess = (live: Live, who: () => Who) => guessAt('sign-in', live, who)

async function guessAt(what: 'sign-in' | 'reset', live: Live, who: () => Who): Promise<number> {
  const told = await Promise.all(Array.from({ length: AT_ONCE }, () => live.attempt(what, who())))
  return told.filter(({ allowed }) => allowed).length
}

/** The account's budget is empty: at the door that must show, however it is typed and whoever one claims to be. */
async function atTheDoor(live: Live, account: string, tries: object): Promise<Finding> {
  const told = [
    await knock(live, account),
    await knock(live, ` ${account.toUpperCase()}`.trim()),
    await knock(live, account, { 'x-forwarded-for': '198.51.100.9', 'x-real-ip': '198.51.100.9' }),
    await knock(live, account, { forwarded: 'for=198.51.100.10' }),
  ]
  const detail = { tries, door: told.map(({ status, headers }) => ({ status, retry: headers.get('retry-after') })) }
  if (told.some(({ status }) => status !== 429))
    return { holds: false, saw: 'the door let somebody try beyond the budget', detail }
  if (!told.every(({ headers }) => /^[1-9]\d*$/.test(headers.get('retry-after') ?? '')))
    return { holds: false, saw: 'a refusal does not say when to come back', detail }
  const { status } = await knock(live, madeUp())
  return status === 401
    ? { holds: true, saw: 'guesses at one account, and those from one network, came to an end', detail }
    : { holds: false, saw: 'one account’s budget was another’s too', detail: { ...detail, status } }
}

/** The budget of strangers' requests, which others spend too, is full again within seconds: we come again. */
const SHORT_s = 3
const MOST_WAITS = 8

async function knock(live: Live, email: string, headers: Record<string, string> = {}, waits = 0): Promise<Told> {
  const told = await live.http('/auth/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ email, password: 'a sentence that nobody chose' }),
  })
  const retry_s = Number(told.headers.get('retry-after'))
  if (told.status !== 429 || retry_s > SHORT_s || waits === MOST_WAITS) return told
  await sleep(retry_s * 1_000)
  return knock(live, email, headers, waits + 1)
}
