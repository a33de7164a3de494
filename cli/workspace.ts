/** Makes and lists workspaces of the deployment in the data folder. */
import { parseArgs } from 'node:util'
import { Trouble } from '../kernel/base/trouble.ts'
import type { Parts } from '../kernel/serve/parts.ts'
import { openWorkspace, ownerLink } from '../kernel/serve/workspaces.ts'
import { asAdmin } from '../kernel/tenancy/cluster.ts'
import { withDeployment } from './deployment.ts'

export const usage = `
Usage: npx vouchsafe workspace create NAME [--dedicated] [--json]
       npx vouchsafe workspace list [--json]

  --dedicated      give it a database of its own
  --edition NAME   the edition of the data folder, where it does not run just now

What create prints is shown once. The link makes whoever opens it the owner; the key opens this workspace and no other.
`

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { dedicated: { type: 'boolean' }, json: { type: 'boolean' }, edition: { type: 'string' } },
  })
  const [verb, name, ...rest] = positionals
  const print = (said: object, lines: string[]) => console.log(values.json ? JSON.stringify(said) : lines.join('\n'))
  if (verb === 'create' && name && rest.length === 0)
    await withDeployment(values.edition, async (parts) => {
      const kind = values.dedicated || parts.edition.policy.tenancy !== 'pool' ? 'database' : 'pool'
      const { place, token } = await openWorkspace(parts, name, kind)
      const link = await ownerLink(parts, place)
      print({ workspace: place.workspace, realm: kind, key: token, ownerLink: link }, [
        `Workspace      ${place.workspace} (${kind})`,
        `Owner's link   ${link}   (shown this once; lets one person in, within three days)`,
        `API key        ${token}   (shown this once)`,
      ])
    })
  else if (verb === 'list' && !name)
    await withDeployment(values.edition, async (parts) => {
      const found = await list(parts)
      print(
        { workspaces: found },
        found.map(({ id, realm, canary }) => `${id}  ${realm}${canary ? `  canary ${canary}` : ''}`),
      )
    })
  else throw new Trouble('Say workspace create NAME, or workspace list.', 2)
  return 0
}

type Row = { id: string; realm: string; canary: string | null }

const list = ({ deployment }: Parts): Promise<Row[]> =>
  asAdmin(deployment.admin, deployment.names.deployment, async (client) => {
    const { rows } = await client.query<Row>(
      `select w.id, r.kind as realm, w.canary from directory.workspace w
       join directory.realm r on r.id = w.realm_id order by w.created_at`,
    )
    return rows
  })
