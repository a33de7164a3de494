/** What can be done with the audit log from the command line: each verb is a file of the folder beside this one. */
import { Trouble } from '../kernel/base/trouble.ts'
import * as exporting from './audit/export.ts'
import * as head from './audit/head.ts'
import * as reopen from './audit/reopen.ts'
import * as verify from './audit/verify.ts'
import type { Command } from './main.ts'

const verbs: Readonly<Record<string, Command>> = { export: exporting, verify, head, reopen }

export const usage = Object.values(verbs)
  .map((verb) => verb.usage)
  .join('')

export async function run([verb = '', ...args]: string[]): Promise<number | void> {
  if (!Object.hasOwn(verbs, verb)) throw new Trouble(`Say audit ${Object.keys(verbs).join(', or audit ')}.`, 2)
  return verbs[verb]!.run(args)
}
