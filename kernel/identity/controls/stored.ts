import { hash, randomUUID } from 'node:crypto'
import { control } from '../../contract/control.ts'
import type { Canary, Live, Sql } from '../../contract/control.ts'
import { Keys, partsOf } from './keys.ts'

export const hashed = control({
  claim: 'Of an API key only a prefix and a hash are stored: no row of any table contains the key or its secret.',
  enforcedBy: [
    'kernel/identity/token.ts',
    'kernel/identity/key.ts',
    'kernel/audit/redact.ts',
    'kernel/serve/idempotency.ts',
  ],
  every: '1 hour',
  async probe(live) {
    const found = (await Promise.all(live.canaries.map(({ north }) => storedOf(live, north)))).flat()
    return found.length
      ? { holds: false, saw: 'more of a key is stored than its prefix and a hash', detail: found }
      : {
          holds: true,
          saw: 'every row was searched: of the keys there was a prefix and a hash, and nothing that opens',
        }
  },
  /** In the name of a key that nobody uses: the name of one in use would find its way into the log and stay there. */
  async sabotage({ canaries }) {
    const { catalogue, key, thing } = canaries[0]!.north
    const [row] = await catalogue('select name from identity.key where id = $1', [thing('key')])
    const rename = (name: unknown) => catalogue('update identity.key set name = $2 where id = $1', [thing('key'), name])
    await rename(`made for ${key}`)
    return async () => void (await rename(row!['name']))
  },
})

/** Of a key that was just made, in the way in which its answer is kept for repeating,
  and of one that is long in use. */
async function storedOf(live: Live, canary: Canary): Promise<string[]> {
  await using keys = new Keys(canary)
  const { token } = await keys.create({ 'idempotency-key': randomUUID() })
  const { catalogue, workspace } = canary
  const found: string[] = []
  for (const key of [token, canary.key]) {
    for (const ask of [catalogue, live.directory]) found.push(...(await placesOf(ask, workspace, disguisesOf(key))))
    // Were the search blind, it would find no secret either: what may be stored must be seen.
    for (const stored of [partsOf(key).prefix, hash('sha256', key)])
      if (!(await placesOf(catalogue, workspace, [stored])).includes('identity.key'))
        found.push('its prefix or hash is not where it should be')
  }
  return found
}

/** The secret part, and what somebody may have taken for encryption. */
function disguisesOf(key: string): string[] {
  const { secret } = partsOf(key)
  const asText = Buffer.from(secret)
  return [secret, asText.toString('hex'), asText.toString('base64'), Buffer.from(secret, 'base64url').toString('hex')]
}

const TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name,
    exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id') as is_shared
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema)'`

/** Tables in which a row, read as text with all its columns, contains one of the words. */
export async function placesOf(ask: Sql, workspace: string, words: readonly string[]): Promise<string[]> {
  const contains = words.map((word) => `strpos(t::text, '${word}') > 0`).join(' or ')
  const looks = (await ask(TABLES)).map(({ name, is_shared: isShared }) => {
    const mine = isShared ? `workspace_id = '${workspace}'` : 'true'
    return `select '${String(name)}' as place from ${String(name)} t where ${mine} and (${contains})`
  })
  // Whoever is no superuser sees rows from inside a workspace only; both statements are one transaction.
  const rows = await ask(`set local app.workspace = '${workspace}'; ${looks.join(' union ')}`)
  return rows.map(({ place }) => String(place))
}
