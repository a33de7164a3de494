import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { module } from '../kernel/contract/module.ts'
import type { Nouns } from '../kernel/contract/module.ts'
import { edition, page } from '../kernel/edition.ts'
import type { Columns } from '../kernel/contract/columns.ts'

/** An edition with one module, `trial`, made for a test: its operations, its tables, and the SQL that makes them. */
export function trialEdition(nouns: Nouns, tables: Columns, sql: string) {
  const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-trial-module-'))
  mkdirSync(join(folder, 'migrations'))
  writeFileSync(join(folder, 'migrations/0001_trial.sql'), sql)
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const trial = module('trial', pathToFileURL(join(folder, 'module.ts')).href, {
    nouns,
    tables,
    plant: async () => ({}),
  })
  return edition({
    name: 'trial',
    title: { en: 'Trial', ar: 'تجربة' },
    modules: [trial],
    roles: { owner: ['trial.*', 'identity.*', 'audit.*'] },
    policy: {
      tenancy: 'pool',
      tls: '1.2',
      plainHttp: 'refuse',
      passwordHash: 'argon2id',
      secondFactor: 'optional',
      signIn: ['password'],
      signUp: 'invitation',
      session: { access_minutes: 5, idle_hours: 1, absolute_hours: 12 },
      auditMonths: 12,
      auditTotalMonths: 24,
      alerts: [],
      weekend: [0],
    },
    page: page('2026-11-20'),
    demo: { workspace: 'Trial', fill: async () => undefined },
  })
}

/** The columns that every table of a workspace has. */
export const rowColumns = {
  workspace_id: 'uuid default',
  id: 'uuid default',
  created_at: 'timestamptz default',
} as const
