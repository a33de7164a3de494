/**
 * Writes each module's `tables.ts` from a schema that its migrations have just made, or checks that it would not
 * change.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Columns } from '../kernel/contract/columns.ts'
import type { Module } from '../kernel/contract/module.ts'
import { columnsIn } from '../kernel/serve/columns.ts'
import { openStage } from '../kernel/testing.ts'
import { asAdmin } from '../kernel/tenancy/cluster.ts'
import { editionCalled, editionNames } from './editions.ts'

export const usage = `
Usage: npm run tables              writes them
       npm run tables -- --check   fails when one would change
`

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { check: { type: 'boolean' } } })
  const changed: string[] = []
  const done = new Set<string>()
  for (const name of editionNames) {
    await using stage = await openStage(await editionCalled(name), { anySchema: true })
    const { admin, names } = stage.parts.deployment
    await asAdmin(admin, names.pool, async (client) => {
      for (const module of stage.parts.modules.filter(({ name: one }) => !done.has(one))) {
        done.add(module.name)
        if (update(module, await columnsIn(client, module.name), values.check ?? false)) changed.push(module.name)
      }
    })
  }
  console.log(
    changed.length
      ? `${values.check ? 'Out of date' : 'Written'}: ${changed.join(', ')}`
      : `All ${done.size} agree with the schema.`,
  )
  return values.check && changed.length ? 1 : 0
}

function update({ directory }: Module, columns: Columns, checkOnly: boolean): boolean {
  const file = fileURLToPath(new URL('tables.ts', directory))
  const door = directory.pathname.includes('/kernel/') ? '../contract/columns.ts' : '#kernel'
  const text = formatted(file, columns, door)
  const now = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (now === text) return false
  if (!checkOnly) writeFileSync(file, text)
  return true
}

function formatted(file: string, columns: Columns, door: string): string {
  const source = `// Written by \`npm run tables\` from the live schema. Do not edit.
import type { Columns, RowsOf } from '${door}'

export const tables = ${JSON.stringify(columns, null, 2)} as const satisfies Columns

export type Tables = RowsOf<typeof tables>
`
  return execFileSync('node_modules/.bin/oxfmt', ['--stdin-filepath', file], { input: source, encoding: 'utf8' })
}
