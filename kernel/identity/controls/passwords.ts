import { argon2, hash, randomBytes, randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { control } from '../../contract/control.ts'
import type { Canary, Live } from '../../contract/control.ts'
import { anyCanary, enrol, GUEST, guestIn, inside, LOBBY } from './guest.ts'
import type { Guest, Stored } from './guest.ts'
import { placesOf } from './stored.ts'

export const passwords = control({
  claim:
    'Of a password only a salted, slow hash is stored, of the kind that the policy names and at today’s cost, and ' +
    'every byte of the password counts.',
  enforcedBy: [
    'kernel/identity/passwords/hashing.ts',
    'kernel/identity/passwords/argon2id.ts',
    'kernel/identity/passwords/bcrypt.ts',
    'kernel/identity/passwords/password.ts',
    'kernel/identity/ways/sign-in.ts',
  ],
  every: '1 hour',
  async probe(live) {
    const everywhere = live.canaries.flatMap(({ north, south }) => [north, south])
    const stored = await Promise.all(everywhere.map((canary) => faultsIn(live, canary)))
    const faults = [...stored.flat(), ...(await typedFaults(live, anyCanary(live)))]
    return faults.length
      ? {
          holds: false,
          saw: 'a password is stored otherwise than promised, or only a part of it counts',
          detail: faults,
        }
      : {
          holds: true,
          saw: 'passwords were stored as slow hashes, each with its own salt, and counted to the last byte',
        }
  },
  /** Somebody whose password was hashed as it used to be done. */
  async sabotage({ canaries }) {
    const { catalogue } = canaries[0]!.north
    const [id, weak] = [randomUUID(), hash('md5', randomBytes(16))]
    await catalogue(
      `insert into identity.person (workspace_id, id, name, email, email_key, password)
       values ('${LOBBY}', $1, 'Careless', $2, $2, $3)`,
      [id, `${id}@careless.invalid`, weak],
    )
    return async () => void (await catalogue('delete from identity.person where id = $1', [id]))
  },
})

/**
 * Written down a second time on purpose. bcrypt: two to the power of at least twelve. argon2id: 46 MiB, once over it,
 * with 32 bytes of salt and of hash (a letter of base64 holds six bits).
 */
const STRONG = {
  bcrypt: `password ~ '^\\$2b\\$(1[2-9]|2\\d|3[01])\\$[./A-Za-z0-9]{53}$'`,
  argon2id: `password ~ '^\\$argon2id\\$v=19\\$m=[1-9]\\d{4,8},t=[1-9],p=[1-9](\\$[A-Za-z0-9+/]{43,}){2}$'
    and substring(password from 'm=(\\d+)')::int >= 47104`,
}

/** Of everybody who shares the database with a canary; guests come with an old hash, to see it replaced. */
async function faultsIn({ policy, directory }: Live, canary: Canary): Promise<string[]> {
  const { catalogue, workspace } = canary
  const [row] = await catalogue(`${inside(LOBBY)}
    select count(*) filter (where password is not null)::int as kept,
      count(*) filter (where not (${STRONG[policy.passwordHash]}))::int as weak
    from identity.person where workspace_id = '${LOBBY}' and email_key not like '${GUEST}%.invalid'`)
  const faults: string[] = []
  if (!(Number(row!['kept']) >= 2)) faults.push('there were no passwords to look at')
  if (row!['weak'] !== 0) faults.push('a stored password has another form, or a lower cost')
  if ((await hashOf(canary, 'owner')) === (await hashOf(canary, 'least')))
    faults.push('two people with the same password have the same hash')
  const { password } = canary.person('owner')
  const words = [password, Buffer.from(password).toString('hex'), Buffer.from(password).toString('base64')]
  for (const ask of [catalogue, directory])
    faults.push(...(await placesOf(ask, workspace, words)).map((place) => `a password stands in ${place}`))
  // Inside a workspace nobody sees the people: they are looked at where they stand.
  return [...faults, ...(await placesOf(catalogue, LOBBY, words)).map((place) => `a password stands in ${place}`)]
}

async function hashOf({ catalogue, person }: Canary, who: 'owner' | 'least'): Promise<unknown> {
  const sql = `${inside(LOBBY)} select password from identity.person where id = '${person(who).id}'`
  return (await catalogue(sql))[0]!['password']
}

/** Whoever comes with a hash of long ago leaves with one of today; what was cut or lengthened is another password. */
async function typedFaults(live: Live, canary: Canary): Promise<string[]> {
  const old = await oldHash()
  await using guest = await guestIn(live, canary, 'least', old)
  const faults: string[] = []
  if ((await guest.signIn()).status !== 200) faults.push('the right password did not open')
  if (!(await isOfToday(live, canary, guest))) faults.push('a hash of long ago was not replaced at the next sign-in')
  for (const other of [old.password.slice(0, SEEN_BY_BCRYPT), `${old.password}x`])
    if ((await guest.post('sign-in', { ...signingIn(guest, canary), password: other })).status !== 401)
      faults.push('a part of a password opened, or a longer one')
  return faults
}

const signingIn = ({ email }: Guest, { workspace }: Canary) => ({ email, workspace })

async function isOfToday({ policy }: Live, { catalogue }: Canary, { id }: Guest): Promise<boolean> {
  const strong = STRONG[policy.passwordHash]
  const rows = await catalogue(`${inside(LOBBY)} select ${strong} as yes from identity.person where id = '${id}'`)
  return rows[0]!['yes'] === true
}

/** Bytes; what stands behind them is nothing to it. */
const SEEN_BY_BCRYPT = 72

/** As a careless system of years ago would have hashed it. */
async function oldHash(): Promise<Stored> {
  const [password, salt] = [randomBytes(48).toString('base64url').padEnd(86, 'long '), randomBytes(16)]
  const cost = { memory: 64, passes: 1, parallelism: 1, tagLength: 32 }
  const tag = await promisify(argon2)('argon2id', { message: password, nonce: salt, ...cost })
  const [saltText, tagText] = [salt, tag].map((bytes) => bytes.toString('base64').replace(/=+$/, ''))
  return { password, hash: `$argon2id$v=19$m=64,t=1,p=1$${saltText!}$${tagText!}` }
}

export const secrets = control({
  claim:
    'Whoever reads the rows finds nothing to sign in with: secrets of authenticator apps are sealed, and of codes on ' +
    'paper, half-done sign-ins and invitations there are only hashes; sessions leave no token at all.',
  enforcedBy: [
    'kernel/vault/vault.ts',
    'kernel/identity/proof.ts',
    'kernel/identity/factors/recovery.ts',
    'kernel/identity/ticket.ts',
    'kernel/identity/refresh-token.ts',
    'kernel/identity/migrations/0002_people.sql',
  ],
  every: '1 hour',
  async probe(live) {
    const everywhere = live.canaries.flatMap(({ north, south }) => [north, south])
    const left = await leftBy(live, anyCanary(live))
    const shapes = await Promise.all(everywhere.map((canary) => shapesIn(live, canary)))
    const faults = [...left, ...shapes.flat()]
    return faults.length
      ? { holds: false, saw: 'a stored row holds something that one could sign in with', detail: faults }
      : { holds: true, saw: 'what was handed out stood in no row: there were sealed texts and hashes only' }
  },
  /** A code on paper as it was printed, of somebody who never comes. */
  async sabotage({ canaries }) {
    const { catalogue } = canaries[0]!.north
    const id = randomUUID()
    const address = `${id}@careless.invalid`
    const person = `insert into identity.person (workspace_id, id, name, email, email_key) values`
    await catalogue(`${person} ('${LOBBY}', '${id}', 'Careless', '${address}', '${address}');
      insert into identity.recovery_code (workspace_id, person_id, hash) values ('${LOBBY}', '${id}', 'A1C2-D3E4')`)
    return async () => void (await catalogue('delete from identity.person where id = $1', [id]))
  },
})

/** Written down a second time on purpose: version, and the id of the key that it is sealed under. */
const SEALED = '^v1\\.([0-9a-f]{16})\\.'
const HASHED = '^[0-9a-f]{64}$'

/** In the lobby and in the workspace: rows whose secret is neither sealed under a key that we have nor a hash. */
async function shapesIn({ keyRing }: Live, { catalogue, workspace }: Canary): Promise<string[]> {
  const known = keyRing.known.map((id) => `'${id}'`).join(', ')
  const unhashed = (table: string, where: string) =>
    `select '${table}' as place from identity.${table} where workspace_id = '${where}' and hash !~ '${HASHED}'`
  const open = await catalogue(`${inside(LOBBY)}
    select 'factor' as place from identity.factor where workspace_id = '${LOBBY}'
      and coalesce(substring(secret from '${SEALED}'), '') not in (${known})
    union all ${unhashed('recovery_code', LOBBY)} union all ${unhashed('ticket', LOBBY)}`)
  const own = await catalogue(
    `${inside(workspace)} ${unhashed('invitation', workspace)} union all ${unhashed('key', workspace)}`,
  )
  return [...open, ...own].map(({ place }) => `${String(place)} holds something in the clear`)
}

/** All that somebody is handed who signs in and sets up an app, as it was handed out, disguised, or not sealed. */
async function leftBy(live: Live, canary: Canary): Promise<string[]> {
  await using guest = await guestIn(live, canary, 'least')
  const told = await guest.signIn()
  const session = told.json()['session'] as { accessToken: string; refreshToken: string }
  const app = live.policy.secondFactor === 'not offered' ? undefined : await enrol(canary, guest, session.accessToken)
  const codes = (app?.codes ?? []).flatMap((code) => [code, code.replaceAll('-', '')])
  const given = [session.accessToken, session.refreshToken, ...(app ? [app.ticket, app.secret] : []), ...codes]
  const words = given.flatMap((one) => [one, Buffer.from(one).toString('base64').replace(/=+$/, '')])
  const places = await Promise.all([
    placesOf(canary.catalogue, LOBBY, words),
    placesOf(canary.catalogue, canary.workspace, words),
    placesOf(live.directory, canary.workspace, words),
  ])
  const faults = places.flat().map((place) => `${place} holds what was handed out`)
  faults.push(...(await shapesIn(live, canary)))
  // Were the search blind, it would find no secret either: what may be stored must be seen.
  const seen = app ? await placesOf(canary.catalogue, LOBBY, [hash('sha256', codes[1]!)]) : ['identity.recovery_code']
  return seen.includes('identity.recovery_code') ? faults : [...faults, 'the hash of a code is not where it should be']
}
