import { reopen } from '../../kernel/audit/sealing/reopening.ts'
import { Trouble } from '../../kernel/base/trouble.ts'
import { pass } from '../../kernel/audit/sealing/sequencer.ts'
import { newMemory } from '../../kernel/audit/sealing/sequencing/belief.ts'
import { Unsealable } from '../../kernel/audit/sealing/sequencing/ledger.ts'
import { log } from '../../kernel/base/log.ts'
import type { Parts } from '../../kernel/serve/parts.ts'
import { withDeployment } from '../deployment.ts'
import { realmsOf, type Named } from './realms.ts'

export type Wanted = {
  realm: string | undefined
  all: boolean
  reason: string | undefined
  force: boolean
  edition?: string | undefined
}

/**
 * Opens new logs in place of those that cannot be continued. One that can be is left as it is: whoever follows it would
 * have to take a new key, and an attacker's rollback would look like housekeeping.
 */
export async function reopenLogs({ realm, all, reason, force, edition }: Wanted): Promise<number> {
  if (!reason?.trim() || reason.length > LONGEST_REASON)
    throw new Trouble('Say why with --reason "…": it stands in the log of every workspace.', 2)
  if ((realm === undefined) === !all) throw new Trouble('Name one realm, or say --all for each that needs it.', 2)
  await withDeployment(edition, async (parts) => {
    const named = await realmsOf(parts, realm)
    let opened = 0
    for (const one of named) {
      const why = await refusalOf(parts, one)
      if (why === undefined && !force) {
        if (!all)
          throw new Trouble(`The log of ${one.id} goes on as it is; to open another all the same, say --force.`, 4)
        continue
      }
      const { origin, former, workspaces } = await reopen(meansOf(parts), one, reason.trim())
      console.log(`${one.id}  ${why ?? 'by force'}`)
      console.log(`  ${former.origin} is closed at ${former.size}; ${origin} cites it in ${workspaces} workspaces.`)
      opened++
    }
    console.log(
      opened === 0 ? 'Every log goes on as it is.' : `Opened ${opened}. Give out their keys: vouchsafe audit head.`,
    )
  })
  return 0
}

const LONGEST_REASON = 500

const meansOf = ({ deployment, vault, copies }: Parts) => ({ keeper: deployment.keeper, vault, copies, tell: log })

/** Why the log cannot go on, if it cannot: found out by trying. */
async function refusalOf(parts: Parts, realm: Named): Promise<string | undefined> {
  try {
    await pass(meansOf(parts), realm, newMemory())
    return undefined
  } catch (error) {
    if (error instanceof Unsealable) return error.message
    throw error
  }
}
