import { Refusal } from '../contract/refusal.ts'

/**
 * What a text may be, wherever it comes from: Postgres stores no NUL, and half a surrogate pair is no character, so
 * neither may get as far as a statement.
 */
export function checkText(value: string, pointer = ''): string {
  const code = textFault(value)
  if (code) throw new Refusal(400, 'malformed-query', { errors: [{ pointer, code }] })
  return value
}

/** Names that reach into JavaScript's own objects. No field of ours is called so, at any depth. */
export const isForbiddenKey = (key: string) => key === '__proto__' || key === 'constructor' || key === 'prototype'

export function textFault(value: string): 'nul' | 'lone-surrogate' | undefined {
  if (value.includes('\u0000')) return 'nul'
  return value.isWellFormed() ? undefined : 'lone-surrogate'
}

/** No field's name is near this; it also bounds what a refusal says back. */
export const MAX_KEY_chars = 256
