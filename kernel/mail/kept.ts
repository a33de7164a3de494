import type { Pool } from '../postgres/pool.ts'
import { reading } from '../postgres/work.ts'
import type { Scope } from '../postgres/work.ts'
import type { Names } from '../tenancy/names.ts'
import type { Vault } from '../vault/vault.ts'
import { contextOf } from './letter.ts'
import type { Stored } from './letter.ts'
import { compose } from './templates.ts'
import type { Composed, Locale, Sender } from './templates.ts'

/** Letters that wait in a realm, newest first: where there is no mail server, that is all of the last days. */
export async function keptIn(pool: Pool, names: Names): Promise<Kept[]> {
  const { rows } = await reading(pool, letterScope(names)).run({ text: KEPT, name: 'kept letters' })
  return rows as Kept[]
}

/** Those that wait for one address, newest first. */
export async function keptFor(pool: Pool, names: Names, recipient: string): Promise<Kept[]> {
  const asked = { text: KEPT_FOR, name: 'kept letters for', values: [recipient] }
  return (await reading(pool, letterScope(names)).run(asked)).rows as Kept[]
}

export type Kept = Stored & { created_at: string; locale: Locale; content: string; attempts: number }

/** What a letter says; throws when it was changed, or when whom it is for was. */
export function openLetter(letter: Kept, { vault, ...sender }: Sender & { vault: Vault }): Composed {
  const values = JSON.parse(vault.open(letter.content, contextOf(letter)).toString('utf8')) as Record<string, unknown>
  return compose(letter.template, letter.locale, values, sender)
}

/** Letters are taken by the worker, whichever workspace they came from. */
export const letterScope = (names: Names): Scope => ({ role: names.worker, schema: 'mail', workspace: '' })

/** As many as one looks through; who needs more has a mail server. */
const MOST_SHOWN = 100
const UNSENT = `select workspace_id, id, created_at, recipient, template, locale, content, attempts from mail.letter
  where sent_at is null`
const NEWEST = `order by created_at desc limit ${MOST_SHOWN}`
const KEPT = `${UNSENT} ${NEWEST}`
const KEPT_FOR = `${UNSENT} and recipient = $1 ${NEWEST}`
