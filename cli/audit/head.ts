import { parseArgs } from 'node:util'
import { standing } from '../../kernel/audit/sealing/standing.ts'
import { Trouble } from '../../kernel/base/trouble.ts'
import type { Parts } from '../../kernel/serve/parts.ts'
import { withDeployment } from '../deployment.ts'
import { realmsOf, type Named } from './realms.ts'

export const usage = `
Usage: npx vouchsafe audit head [REALM] [--json]

Shows how each log stands: its key, its size, what waits, how far copies outside of the database know it. REALM is the
id of one, or of a workspace in it. Exit code 5: one is not signed any more.
`

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean' }, edition: { type: 'string' } },
  })
  const [realm, ...more] = positionals
  if (more.length > 0) throw new Trouble('Say audit head, with one realm or none.', 2)
  return await withDeployment(values.edition, async (parts) => {
    const heads = []
    for (const one of await realmsOf(parts, realm)) heads.push(await headOf(parts, one))
    console.log(values.json ? JSON.stringify(heads, null, 2) : heads.map(inWords).join('\n\n'))
    return heads.some(({ trouble }) => trouble !== null) ? 5 : 0
  })
}

type Head = {
  realm: string
  kind: string
  /** Below the address of the deployment; whoever is told of it can follow the log. */
  path: string | null
  key: string | null
  origin: string | null
  size: number
  signedAt: string | null
  waiting_s: number | null
  copied: number | null
  trouble: string | null
}

async function headOf({ deployment, copies }: Parts, { id, kind, database }: Named): Promise<Head> {
  const pool = deployment.keeper.open({ database })
  const log = await standing(pool)
  if (!log) return { ...NONE, realm: id, kind }
  const [found] = await pool.run([
    { text: 'select public_key as key from audit.log where origin = $1', values: [log.origin] },
  ])
  const copy = await copies.newest(log.origin)
  const isAhead =
    copy !== undefined && (copy.size > log.size || (copy.size === log.size && !copy.root.equals(log.root)))
  const ahead = isAhead ? `a copy outside of the database has ${copy.size} entries` : null
  return {
    realm: id,
    kind,
    path: `/audit/${id}/${log.epoch}`,
    key: String(found!.rows[0]!['key']),
    origin: log.origin,
    size: log.size,
    signedAt: log.signedAt,
    waiting_s: log.waiting_s,
    copied: copy?.size ?? null,
    trouble: log.refused ?? ahead,
  }
}

const NONE = {
  path: null,
  key: null,
  origin: null,
  size: 0,
  signedAt: null,
  waiting_s: null,
  copied: null,
  trouble: null,
}

function inWords(head: Head): string {
  const { realm, kind, origin, path, key, size, signedAt, waiting_s, copied, trouble } = head
  if (origin === null) return `${realm} (${kind})\n  nothing was sealed yet`
  return [
    `${realm} (${kind})`,
    `  log      ${origin}`,
    `  key      ${key}`,
    `  path     ${path}`,
    `  size     ${size}, signed ${signedAt}`,
    `  waiting  ${waiting_s === null ? 'nothing' : `for ${Math.round(waiting_s)} s`}`,
    `  copies   ${copied === null ? 'none' : `up to ${copied}`}`,
    ...(trouble === null ? [] : [`  NOT SIGNED ANY MORE: ${trouble}`]),
  ].join('\n')
}
