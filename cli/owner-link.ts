/** Another link to become an owner, for whoever lost the first, or every way in. */
import { parseArgs } from 'node:util'
import { Trouble } from '../kernel/base/trouble.ts'
import { ownerLink } from '../kernel/serve/workspaces.ts'
import { insistOnId, placeOf, withDeployment } from './deployment.ts'

export const usage = `
Usage: npx vouchsafe owner-link WORKSPACE

  --edition NAME   the edition of the data folder, where it does not run just now

WORKSPACE is an id, as workspace list shows it. The link is shown once, works once and within three days; whoever opens
it becomes an owner. That it was made stands in the workspace's audit log.
`

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { edition: { type: 'string' } },
  })
  const [workspace, ...rest] = positionals
  if (!workspace || rest.length > 0) throw new Trouble('Say owner-link WORKSPACE.', 2)
  insistOnId(workspace)
  await withDeployment(values.edition, async (parts) => {
    console.log(await ownerLink(parts, await placeOf(parts, workspace)))
  })
  return 0
}
