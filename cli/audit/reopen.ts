import { parseArgs } from 'node:util'
import { reopen } from '../../kernel/audit/sealing/reopening.ts'
import { Trouble } from '../../kernel/base/trouble.ts'
import { pass } from '../../kernel/audit/sealing/sequencer.ts'
import { newMemory } from '../../kernel/audit/sealing/sequencing/belief.ts'
import { Unsealable } from '../../kernel/audit/sealing/sequencing/ledger.ts'
import { log } from '../../kernel/base/log.ts'
import type { Parts } from '../../kernel/serve/parts.ts'
import { withDeployment } from '../deployment.ts'
import { realmsOf, type Named } from './realms.ts'

export const usage = `
Usage: npx vouchsafe audit reopen REALM --reason "…" [--force]
       npx vouchsafe audit reopen --all --reason "…"

Closes a log that cannot go on, after a restore, and opens the next one, which cites it. REALM is the id of one, or of a
workspace in it. A log that can go on is left as it is, but for --force. docs/audit.md says when.
`

/**
 * One that can go on is left: whoever follows it would have to take a new key, and to set a log back would look like
 * housekeeping.
 */
export async function run(args: string[]): Promise<number> {
  const { realm, all, force, reason, edition } = asked(args)
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
      const { origin, former, workspaces } = await reopen(meansOf(parts), one, reason)
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

function asked(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      all: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      reason: { type: 'string', default: '' },
      edition: { type: 'string' },
    },
  })
  const [realm, ...more] = positionals
  const reason = values.reason.trim()
  if (!reason || reason.length > LONGEST_REASON)
    throw new Trouble('Say why with --reason "…": it stands in the log of every workspace.', 2)
  if ((realm === undefined) !== values.all || more.length > 0)
    throw new Trouble('Name one realm, or say --all for each that needs it.', 2)
  if (values.all && values.force) throw new Trouble('Name the one realm whose log is to be opened by force.', 2)
  return { ...values, realm, reason }
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
