import type { Misissued } from '../../contract/control.ts'
import { accessTokens } from '../../identity/access-token.ts'
import type { Bearer } from '../../identity/access-token.ts'
import type { Parts } from '../parts.ts'

/** Signed with the keys that sign everything: only what a token says of itself can tell them from good ones. */
export async function misissued({ house, vault, deployment }: Parts, of: Bearer): Promise<Misissued> {
  const { lives_s, make, publicKeys } = house.tokens
  const { deployment: here } = deployment.names
  return {
    expired: await make(of, Date.now() - (lives_s + JUST_EXPIRED_s) * 1_000),
    elsewhere: await accessTokens(vault, `not ${here}`, lives_s).make(of),
    otherwise: await accessTokens(vault, here, lives_s, 'jwt').make(of),
    publicKeys: publicKeys() as Misissued['publicKeys'],
  }
}

/** More than clocks are allowed to differ by. */
const JUST_EXPIRED_s = 10
