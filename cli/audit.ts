/** Hands out, verifies and looks after the audit logs. */
import { parseArgs } from 'node:util'
import { Trouble } from '../kernel/base/trouble.ts'

export const usage = `
Usage: npx vouchsafe audit export WORKSPACE [--since FILE] [-o FILE]
       npx vouchsafe audit verify EXPORT [--key KEY]… [--since FILE]
       npx vouchsafe audit head [REALM] [--json]
       npx vouchsafe audit reopen REALM --reason "…" [--force]
       npx vouchsafe audit reopen --all --reason "…"

export writes a workspace's whole log as one file that strangers can verify, and says so in the log. FILE of --since
is a checkpoint that somebody kept, or an earlier export: the file then proves that the log continues it.

verify checks such a file, and needs neither a database nor a network. KEY is the log's verification key as you were
given it. Exit code 0: all holds; 5: something does not, and the first bad entry is named. By itself, with any Node from
22, kernel/audit/log/verifier.mjs does the same.

head shows how each log stands: its key, its size, what waits, how far copies outside of the database know it. Exit
code 5: one is not signed any more.

reopen closes a log that cannot go on, after a restore, and opens the next one, which cites it. One that can go on is
left as it is. docs/audit.md says when.
`

export async function run([verb = '', ...args]: string[]): Promise<number> {
  if (verb === 'verify') return await verify(args)
  const does = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (!does) throw new Trouble('Say audit export, audit verify, audit head or audit reopen.', 2)
  const { values, positionals } = parseArgs({ args, options: does.options, allowPositionals: true })
  if (positionals.length > 1) throw new Trouble(`Say audit ${verb} with one name after it.`, 2)
  return await does.run(positionals[0], values)
}

type Given = Record<string, string | boolean | undefined>
type Verb = {
  options: Record<string, { type: 'string' | 'boolean'; short?: string }>
  run: (named: string | undefined, given: Given) => Promise<number>
}

const edition = { edition: { type: 'string' } } as const

const verbs: Record<string, Verb> = {
  export: {
    options: { since: { type: 'string' }, out: { type: 'string', short: 'o' }, ...edition },
    async run(workspace = '', given) {
      const { exportLog } = await import('./audit/export.ts')
      return await exportLog({ workspace, since: textOf(given['since']), out: textOf(given['out']), ...chosen(given) })
    },
  },
  head: {
    options: { json: { type: 'boolean' }, ...edition },
    async run(realm, given) {
      const { showHeads } = await import('./audit/head.ts')
      return await showHeads({ realm, json: given['json'] === true, ...chosen(given) })
    },
  },
  reopen: {
    options: { all: { type: 'boolean' }, reason: { type: 'string' }, force: { type: 'boolean' }, ...edition },
    async run(realm, given) {
      const { reopenLogs } = await import('./audit/reopen.ts')
      const [all, force] = [given['all'] === true, given['force'] === true]
      return await reopenLogs({ realm, all, force, reason: textOf(given['reason']), ...chosen(given) })
    },
  },
}

const textOf = (given: Given[string]) => (typeof given === 'string' ? given : undefined)
const chosen = (given: Given) => ({ edition: textOf(given['edition']) })

/** As a stranger would: with the script that they are given, and nothing else. */
async function verify(args: string[]): Promise<number> {
  const script = new URL('../kernel/audit/log/verifier.mjs', import.meta.url)
  const { main } = (await import(script.href)) as { main: (args: string[]) => Promise<number> }
  return main(args)
}
