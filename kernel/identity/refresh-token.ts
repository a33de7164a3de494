import type { Vault } from '../vault/vault.ts'
import { idFrom, idIn } from './token.ts'

/**
 * The long-lived half of a session: it names the session and how often it has been exchanged, under a tag that only the
 * vault can make. The database keeps the number and no token, so whoever reads it can make none.
 */
export type Refresh = { workspace: string; session: string; generation: number }

export function newRefresh(vault: Vault, { workspace, session, generation }: Refresh): string {
  const said = `${idIn(workspace)}${idIn(session)}${countIn(generation)}`
  return `${SIGN}${said}${vault.mac('refresh', said)}`
}

/** Undefined for whatever we did not make. */
export function readRefresh(vault: Vault, token: string): Refresh | undefined {
  const [, workspace, session, generation, mac] = FORM.exec(token) ?? []
  if (!workspace || !session || !generation || !mac) return undefined
  if (!vault.checkMac('refresh', `${workspace}${session}${generation}`, mac)) return undefined
  const count = Buffer.from(generation, 'base64url').readUIntBE(0, COUNT_BYTES)
  return { workspace: idFrom(workspace), session: idFrom(session), generation: count }
}

const SIGN = 'vsr_'
/** Once a minute for thirty years; the text is eight characters without padding. */
const COUNT_BYTES = 6
const FORM = /^vsr_([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{8})([A-Za-z0-9_-]{43})$/

function countIn(generation: number): string {
  const bytes = Buffer.alloc(COUNT_BYTES)
  bytes.writeUIntBE(generation, 0, COUNT_BYTES)
  return bytes.toString('base64url')
}
