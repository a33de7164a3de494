/**
 * The command line's table of contents. A command is a file beside this one with a `usage` text and a `run`; it is only
 * read when it is called, so a fault in one cannot break another. What a person can put right ends with one sentence on
 * stderr; a stack is for our own mistakes.
 */
import { styleText } from 'node:util'
import { Trouble } from '../kernel/base/trouble.ts'
import about from '../package.json' with { type: 'json' }
import { stopWithLauncher } from './launched.ts'
import { nearest } from './nearest.ts'

/** `run` answers its exit code and the process ends; without an answer it ends when nothing keeps it open. */
export type Command = { usage: string; run: (args: string[]) => Promise<number | void> }
type Entry = { name: string; summary: string; load: () => Promise<Command> }

const commands: readonly Entry[] = [
  { name: 'start', summary: 'serve an edition', load: () => import('./start.ts') },
  { name: 'prove', summary: 'run every probe and print the security page', load: () => import('./prove.ts') },
  { name: 'claims', summary: 'count the claims of each edition by state', load: () => import('./claims.ts') },
  { name: 'workspace', summary: 'create and list workspaces', load: () => import('./workspace.ts') },
  { name: 'key', summary: 'create, rotate and revoke API keys', load: () => import('./key.ts') },
  { name: 'owner-link', summary: 'make a link that lets an owner in', load: () => import('./owner-link.ts') },
  { name: 'staff', summary: 'invite and remove the people who run this', load: () => import('./staff.ts') },
  { name: 'sequencer', summary: 'seal the audit logs in a process of its own', load: () => import('./sequencer.ts') },
  { name: 'audit', summary: 'export, verify and look after the audit logs', load: () => import('./audit.ts') },
  { name: 'tables', summary: "write the modules' row types from the live schema", load: () => import('./tables.ts') },
  { name: 'new-module', summary: 'lay out a module to build on', load: () => import('./new-module.ts') },
  { name: 'test', summary: 'run the tests', load: () => import('./test.ts') },
  { name: 'campaign', summary: 'attack at full size, and count', load: () => import('./campaign.ts') },
  { name: 'bench', summary: 'measure against the bare limit', load: () => import('./bench.ts') },
]

export async function main(args: string[]): Promise<void> {
  stopWithLauncher()
  process.stdout.on('error', endQuietlyAtClosedPipe)
  try {
    const code = await obey(args)
    if (typeof code === 'number') await end(code)
  } catch (error) {
    const trouble = troubleOf(error)
    console.error(trouble ? styleText('red', trouble.message, { stream: process.stderr }) : error)
    await end(trouble ? trouble.exit : 1)
  }
}

/** Node's own sentence about an option that does not exist is good enough; the rest of its advice is not. */
function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof Trouble) return error
  const { code, message } = error as NodeJS.ErrnoException
  return code?.startsWith('ERR_PARSE_ARGS') ? new Trouble(`${message.split('. ')[0]}.`, 2) : undefined
}

async function obey([name, ...args]: string[]): Promise<number | void> {
  if (name === '--version' || name === '-v') return say(about.version)
  if (name === 'help' && args[0]) return obey([args[0], '--help'])
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return say(contents())
  const entry = commands.find((each) => each.name === name)
  if (!entry) throw unknown(name)
  const command = await entry.load()
  return asksForHelp(args) ? say(command.usage.trim()) : command.run(args)
}

function unknown(name: string): Trouble {
  const close = nearest(
    name,
    commands.map((each) => each.name),
  )
  const hint = close ? `Did you mean ${close}?` : 'Run vouchsafe help to see them all.'
  return new Trouble(`There is no command ${JSON.stringify(name)}. ${hint}`, 2)
}

/** What follows `--` belongs to whatever the command starts. */
const asksForHelp = (args: string[]) => args.some((arg, at) => isHelp(arg) && !args.slice(0, at).includes('--'))
const isHelp = (arg: string) => arg === '--help' || arg === '-h'

function contents(): string {
  const width = Math.max(...commands.map((each) => each.name.length))
  const lines = commands.map((each) => `  ${styleText('bold', each.name.padEnd(width))}  ${each.summary}`)
  return ['Usage: vouchsafe COMMAND [options]', '', ...lines, '', 'vouchsafe help COMMAND tells more.'].join('\n')
}

function say(text: string): number {
  console.log(text)
  return 0
}

/** `vouchsafe claims | head` closes our output early; that is no fault. */
function endQuietlyAtClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
}

/** Writing nothing answers when all that was written before has left. */
async function end(code: number): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done))
  process.exit(code)
}
