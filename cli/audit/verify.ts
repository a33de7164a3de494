/** Verifies an export as a stranger would: with the script that they are given, and nothing else. */
export const usage = `
Usage: npx vouchsafe audit verify EXPORT [--key KEY]... [--since FILE]

Checks a workspace's export of its audit log, and needs neither a database nor a network. KEY is the log's verification
key as you were given it, one for each log if there were several; FILE is a checkpoint that you kept, or an earlier
export. Exit code 0: all holds; 5: something does not, and the first bad entry is named. Node from version 22 does the
same with kernel/audit/log/verifier.mjs alone, and docs/audit-export.md says what is in an export.
`

export async function run(args: string[]): Promise<number> {
  const script = new URL('../../kernel/audit/log/verifier.mjs', import.meta.url)
  const { main } = (await import(script.href)) as { main: (args: string[]) => Promise<number> }
  return main(args)
}
