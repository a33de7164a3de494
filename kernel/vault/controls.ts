import { createHash, createHmac, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { type Canary, control, type Live } from '../contract/control.ts'

/** What a thief finds who reads the tables: sealed text, under keys that are not in the database. */
export const sealed = control({
  claim: 'Secrets are stored encrypted by the application: who reads the tables finds nothing that opens a door.',
  enforcedBy: ['kernel/vault/envelope.ts', 'kernel/vault/vault.ts'],
  every: '5 minutes',
  async probe(live) {
    const realms = await realmsOf(live)
    const plain = realms.filter(({ secret }) => !FORM.test(secret))
    const working = await workingPasswords(live, realms)
    const stray = (await Promise.all(live.canaries.map(({ north }) => strayOf(north)))).flat()
    const detail = { looked: realms.length, plain: plain.map(({ id }) => id), working, stray }
    if (realms.length === 0) return { holds: false, saw: 'there was no stored secret to look at', detail }
    return plain.length + working.found.length + stray.length > 0
      ? { holds: false, saw: 'a stored secret can be read', detail }
      : { holds: true, saw: 'every stored secret was sealed, and no part of one was a working password', detail }
  },
  async sabotage({ directory }) {
    const realm = await anyRealm(directory)
    await setSecret(directory, realm.id, 'a-password-in-the-clear')
    return () => setSecret(directory, realm.id, realm.secret)
  },
})

export const rotation = control({
  claim:
    'Encryption keys can be replaced: every stored secret names a key that is kept, and none is left under an old one.',
  enforcedBy: ['kernel/vault/ring.ts', 'kernel/vault/folder.ts', 'kernel/serve/rewrapping.ts'],
  every: '5 minutes',
  async probe(live) {
    const realms = await realmsOf(live)
    const { current, known } = live.keyRing
    const inRealms = await Promise.all(live.canaries.map(({ north }) => keysNamedIn(north)))
    const named = [...realms.flatMap(({ id, secret }) => keyNamed(id, secret)), ...inRealms.flat()]
    const unknown = named.filter(({ key }) => !known.includes(key))
    const behind = named.filter(({ key }) => known.includes(key) && key !== current)
    const detail = { looked: realms.length, current, known: known.length, unknown, behind }
    if (realms.length === 0) return { holds: false, saw: 'there was no stored secret to look at', detail }
    if (!known.includes(current))
      return { holds: false, saw: 'the key that seals is not among those that are kept', detail }
    if (unknown.length > 0) return { holds: false, saw: 'a stored secret names a key that nobody has', detail }
    return behind.length > 0
      ? { holds: false, saw: 'a replacement of keys was begun and not finished', detail }
      : { holds: true, saw: 'every stored secret is under the key of today', detail }
  },
  async sabotage({ directory }) {
    const realm = await anyRealm(directory)
    await setSecret(directory, realm.id, realm.secret.replace(FORM, `v1.${'0'.repeat(16)}.$2`))
    return () => setSecret(directory, realm.id, realm.secret)
  },
})

/** Written down a second time on purpose: version, key id, wrapped key, nonce, ciphertext with its tag. */
const FORM = /^v1\.([0-9a-f]{16})\.([A-Za-z0-9_-]{80}\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{22,})$/

type Realm = { id: string; login: string; secret: string }

async function realmsOf({ directory }: Pick<Live, 'directory'>): Promise<Realm[]> {
  const rows = await directory('select id::text, login, secret from directory.realm order by id')
  return rows.map(({ id, login, secret }) => ({ id: String(id), login: String(login), secret: String(secret) }))
}

const keyNamed = (where: string, secret: string) => {
  const key = FORM.exec(secret)?.[1]
  return key === undefined ? [] : [{ where, key }]
}

/** The same of what lies sealed in the canary's realm, whosever it is: keys and places, and nothing else of it. */
async function keysNamedIn({ catalogue }: Canary) {
  const found = await Promise.all(
    (await secretColumns(catalogue)).map(async ({ table, column }) => {
      const text = `select distinct substring(${column} from 4 for 16) as key from ${table} where ${column} ~ $1`
      const rows = await catalogue(text, [FORM.source])
      return rows.map(({ key }) => ({ where: `${table}.${column}`, key: String(key) }))
    }),
  )
  return found.flat()
}

/** Each try is a slow hash on purpose; a sample that changes from round to round finds what a plan would miss. */
const REALMS_TRIED = 5

/** Tries what is stored as what it protects: Postgres itself says whether some text is the password of a login. */
async function workingPasswords(live: Live, realms: readonly Realm[]) {
  const found: string[] = []
  const verifiers = await verifiersOf(live)
  const sample = realms
    .filter(({ login }) => verifiers.has(login))
    .map((realm) => ({ realm, order: Math.random() }))
    .toSorted((one, other) => one.order - other.order)
    .slice(0, REALMS_TRIED)
  for (const { realm } of sample) {
    const verifier = verifiers.get(realm.login)
    if (verifier && (await opens(verifier, realm.secret))) found.push(realm.id)
  }
  return { tried: sample.length, found }
}

type Verifier = { iterations: number; salt: Buffer; storedKey: Buffer }

/** Only the superuser may read what Postgres keeps of a password; where we are none, nothing can be tried. */
async function verifiersOf({ canaries }: Live): Promise<Map<string, Verifier>> {
  const found = await Promise.all(
    canaries.map(async ({ north: { catalogue } }) => {
      const [mayRead] = await catalogue(`select has_table_privilege('pg_catalog.pg_authid', 'select') as yes`)
      if (mayRead?.['yes'] !== true) return []
      return catalogue(`select rolname, rolpassword from pg_catalog.pg_authid where rolpassword like 'SCRAM-SHA-256$%'`)
    }),
  )
  const read = found
    .flat()
    .map(({ rolname, rolpassword }) => [String(rolname), readVerifier(String(rolpassword))] as const)
  return new Map(read)
}

function readVerifier(text: string): Verifier {
  const [, iterations, salt = '', storedKey = ''] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/.exec(text) ?? []
  return {
    iterations: Number(iterations),
    salt: Buffer.from(salt, 'base64'),
    storedKey: Buffer.from(storedKey, 'base64'),
  }
}

const stretch = promisify(pbkdf2)

/** The stored text, each of its parts, and each part decoded: encoding is not encryption. */
async function opens({ iterations, salt, storedKey }: Verifier, secret: string): Promise<boolean> {
  const parts = [secret, ...secret.split('.')]
  const decoded = parts.flatMap((part) => [Buffer.from(part, 'base64url'), Buffer.from(part, 'hex')])
  for (const password of [...parts.map((part) => Buffer.from(part)), ...decoded]) {
    const salted = await stretch(password, salt, iterations, 32, 'sha256')
    const clientKey = createHmac('sha256', salted).update('Client Key').digest()
    if (createHash('sha256').update(clientKey).digest().equals(storedKey)) return true
  }
  return false
}

/** How many values of columns that call themselves secret are not sealed. */
async function strayOf({ catalogue }: Canary): Promise<string[]> {
  const counts = await Promise.all(
    (await secretColumns(catalogue)).map(async ({ table, column }) => {
      const [row] = await catalogue(`select count(*)::int as plain from ${table} where ${column} !~ $1`, [FORM.source])
      return { column: `${table}.${column}`, plain: Number(row?.['plain']) }
    }),
  )
  return counts.filter(({ plain }) => plain !== 0).map(({ column }) => column)
}

async function secretColumns(catalogue: Canary['catalogue']) {
  const columns = await catalogue(
    `select format('%I.%I', n.nspname, c.relname) as place, quote_ident(a.attname) as name
       from pg_catalog.pg_attribute a
       join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname not in ('pg_catalog', 'information_schema') and a.attnum > 0 and not a.attisdropped
        and a.atttypid in ('text'::regtype, to_regtype('tenancy.secret'))
        and (a.attname = 'secret' or a.attname like '%\\_secret')`,
  )
  return columns.map(({ place, name }) => ({ table: String(place), column: String(name) }))
}

/** The shared realm's connections are open already, so a secret that is broken for a moment disturbs nobody else. */
async function anyRealm(directory: Live['directory']): Promise<Realm> {
  const [row] = await directory(
    `select id::text, login, secret from directory.realm order by (kind = 'pool') desc, id limit 1`,
  )
  if (!row) throw new Error('there is no realm whose secret could be broken')
  return { id: String(row['id']), login: String(row['login']), secret: String(row['secret']) }
}

async function setSecret(directory: Live['directory'], realm: string, secret: string) {
  await directory('update directory.realm set secret = $2 where id::text = $1', [realm, secret])
}
