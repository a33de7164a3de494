import { Trouble } from '../../kernel/base/trouble.ts'
import type { Parts } from '../../kernel/serve/parts.ts'
import { asAdmin } from '../../kernel/tenancy/cluster.ts'

export type Named = { id: string; kind: string; database: string }

/** All realms of a deployment, or the one that is meant: by its own id, or by that of a workspace in it. */
export async function realmsOf({ deployment }: Parts, named?: string): Promise<Named[]> {
  const found = await asAdmin(deployment.admin, deployment.names.deployment, async (client) => {
    const { rows } = await client.query<Named>(
      `select id, kind, database from directory.realm r where $1::text is null or id::text = $1
         or exists (select from directory.workspace w where w.realm_id = r.id and w.id::text = $1)
       order by kind desc, created_at`,
      [named ?? null],
    )
    return rows
  })
  if (found.length === 0) throw new Trouble('There is no such realm: vouchsafe audit head shows them all.', 4)
  return found
}
