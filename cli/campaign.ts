/**
 * Campaigns attack at full size what `npm test` attacks small: races, kills, hostile inputs, load. Each is a file in
 * `test/campaigns/` that counts what it did and says whether everything held; a campaign that counted nothing has not
 * been run, whatever it says.
 */
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { Trouble } from '../kernel/base/trouble.ts'
import { nearest } from './nearest.ts'

export const usage = `
Usage: npm run campaign                   lists them
       npm run campaign NAME              at full size
       npm run campaign NAME small        as npm test runs it
`

export type Size = 'small' | 'full'
export type Say = (line: string) => void
export type Result = { counts: Record<string, number>; ok: boolean }
export type Campaign = { summary: string; campaign: (size: Size, say: Say) => Promise<Result> }

const folder = new URL('../test/campaigns/', import.meta.url)

export async function run(args: string[]): Promise<number> {
  const { name, size } = asked(args)
  if (!name) return list()
  const began = performance.now()
  const say = (line: string) => console.log(`${seconds(began).padStart(8)}  ${line}`)
  const { campaign } = await load(name)
  const { counts, ok } = held(await campaign(size, say))
  for (const [what, count] of Object.entries(counts)) console.log(`${count.toLocaleString('en').padStart(12)}  ${what}`)
  const verdict = ok ? styleText('green', 'held') : styleText('red', 'broken')
  console.log(`${name}, ${size}: ${verdict} after ${seconds(began)}`)
  return ok ? 0 : 1
}

/** A campaign that counted nothing did nothing. */
export function held({ counts, ok }: Result): Result {
  return { counts, ok: ok && Object.values(counts).some((count) => count > 0) }
}

export const campaigns = (): string[] =>
  globSync('*.ts', { cwd: folder.pathname })
    .map((file) => basename(file, '.ts'))
    .sort()

export async function load(name: string): Promise<Campaign> {
  const known = campaigns()
  if (known.includes(name)) return (await import(new URL(`${name}.ts`, folder).href)) as Campaign
  const close = nearest(name, known)
  const hint = close ? `Did you mean ${close}?` : `There are: ${known.join(', ') || 'none yet'}.`
  throw new Trouble(`There is no campaign ${JSON.stringify(name)}. ${hint}`, 2)
}

/** npm eats `--size small` unless a `--` stands before it, and leaves it in the environment. */
function asked(args: string[]): { name: string | undefined; size: Size } {
  const { values, positionals } = parseArgs({ args, options: { size: { type: 'string' } }, allowPositionals: true })
  const [name, size = values.size ?? process.env.npm_config_size ?? 'full'] = positionals
  if (size !== 'small' && size !== 'full') throw new Trouble(`A campaign is small or full, not ${size}.`, 2)
  return { name, size }
}

async function list(): Promise<number> {
  for (const name of campaigns()) console.log(`${styleText('bold', name.padEnd(16))} ${(await load(name)).summary}`)
  if (campaigns().length === 0) console.log('There are no campaigns yet.')
  return 0
}

const seconds = (since: number) => `${((performance.now() - since) / 1_000).toFixed(1)} s`
