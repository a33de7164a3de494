/** Verifies an export of an audit log as a stranger would: with the script that they are given, and nothing else. */
import { Trouble } from '../kernel/base/trouble.ts'

export const usage = `
Usage: npx vouchsafe audit verify EXPORT [--key KEY] [--since FILE]

Checks a workspace's export of its audit log, and needs neither a database nor a network. KEY is the log's verification
key as you were given it; FILE is a checkpoint that you kept, or an earlier export. Exit code 0: all holds; 5: something
does not, and the first bad entry is named. kernel/audit/log/verifier.mjs does the same by itself with any Node from 20.
`

export async function run([verb, ...args]: string[]): Promise<number> {
  if (verb !== 'verify') throw new Trouble('Say audit verify, with the file to verify.', 2)
  const script = new URL('../kernel/audit/log/verifier.mjs', import.meta.url)
  const { main } = (await import(script.href)) as { main: (args: string[]) => Promise<number> }
  return main(args)
}
