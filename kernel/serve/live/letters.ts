import { keptFor, openLetter } from '../../mail/kept.ts'
import type { Parts } from '../parts.ts'
import type { Planted } from './canaries.ts'

/**
 * The mailboxes of people whom probes made up, under a name that nobody can have (RFC 6761): no mail server is ever
 * asked to bring anything there, and a probe reads nobody else's letters.
 */
export async function lettersTo(
  parts: Parts,
  { place: { realm } }: Pick<Planted, 'place'>,
  address: string,
): Promise<string[]> {
  if (!address.endsWith('.invalid')) throw new Error('a probe reads no letters that somebody else could receive')
  const { deployment, vault, edition, publicUrl: origin = 'http://localhost' } = parts
  const kept = await keptFor(deployment.realms.open(realm), deployment.realms.names, address)
  return kept.map((letter) => openLetter(letter, { vault, title: edition.title, origin }).text)
}
