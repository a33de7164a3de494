import { randomUUID } from 'node:crypto'
import type { Statement } from '../postgres/batch.ts'
import type { Vault } from '../vault/vault.ts'
import { compose } from './templates.ts'
import type { Locale, Template, Values } from './templates.ts'

/**
 * A letter to a person, as a statement beside the record of what causes it: it leaves if and only if that commits. What
 * it says is sealed together with whom it is for, so whoever reads the table, or a backup of it, finds no link, and
 * whoever writes to it cannot have a link delivered to somebody else.
 */
export function letter<Name extends Template>(vault: Vault, written: Written<Name>): Statement {
  const { workspace, to, template, locale, values } = written
  const id = written.id ?? randomUUID()
  const text = JSON.stringify(values)
  // What could not be written as a letter is a mistake of the change that asks for it, and is told to it.
  compose(template, locale, JSON.parse(text) as Record<string, unknown>, NOBODY)
  const content = vault.seal(text, contextOf({ id, workspace_id: workspace, recipient: to, template }))
  return {
    text: `insert into mail.letter (workspace_id, id, recipient, template, locale, content)
      values ($1, $2, $3, $4, $5, $6)${written.id === undefined ? '' : ' on conflict do nothing'}`,
    name: written.id === undefined ? 'letter' : 'one letter',
    values: [workspace, id, to, template, locale, content],
  }
}

const NOBODY = { title: { en: '', ar: '' }, origin: 'https://localhost' }

/** Does all the work of a letter and leaves none: where nobody is to learn that we know nobody at an address. */
export const noLetter = <Name extends Template>(vault: Vault, written: Written<Name>): Statement => ({
  ...letter(vault, written),
  text: `insert into mail.letter (workspace_id, id, recipient, template, locale, content)
    select $1::uuid, $2::uuid, $3, $4, $5, $6 where false`,
  name: 'no letter',
})

export type Written<Name extends Template> = {
  /** The one in whose scope the transaction writes its record; row security refuses any other. */
  workspace: string
  /** One bare address, which is also a rule of the table. */
  to: string
  template: Name
  locale: Locale
  /** Of several that have the same one, the first is written. */
  id?: string
  values: Values<Name>
}

/** A letter as it lies in its table. */
export type Stored = { id: string; workspace_id: string; recipient: string; template: string }

export const contextOf = ({ id, workspace_id, recipient, template }: Stored) =>
  `letter ${workspace_id} ${id} ${template} ${recipient}`
