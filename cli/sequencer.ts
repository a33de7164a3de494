/** Seals the audit logs of a deployment, in a process of its own. */
import { parseArgs } from 'node:util'
import { Trouble } from '../kernel/base/trouble.ts'
import { sealerOf } from '../kernel/serve/open.ts'
import { withDeployment } from './deployment.ts'
import { stopSignal } from './launched.ts'

export const usage = `
Usage: npx vouchsafe sequencer

  --edition NAME   the edition of the data folder, where it does not run just now

Seals what is recorded in all workspaces of the deployment, until it is stopped. Processes that serve the same
deployment are told VOUCHSAFE_SEQUENCER=elsewhere, so that sealing takes nothing from their requests; where one is not
told, or two of these run, they take turns.
`

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { edition: { type: 'string' } },
  })
  if (positionals.length > 0) throw new Trouble('Say sequencer, and nothing after it.', 2)
  const stop = stopSignal()
  await withDeployment(values.edition, async (parts) => {
    await using _sealing = sealerOf(parts)
    console.log('The audit logs are sealed here. Ctrl-C stops it.')
    await stop
    console.log('Stopping: what was begun is ended first.')
  })
  return 0
}
