import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { control } from '../../contract/control.ts'
import type { Canary, Live, Misissued } from '../../contract/control.ts'
import { opens } from './doors.ts'
import { guestIn } from './guest.ts'
import { claimsOf, readPart, sitDown } from './sitting.ts'
import type { Sitting } from './sitting.ts'

export const tokens = control({
  claim:
    'An access token opens its session for as long as the policy says; one that is forged, altered, expired or meant ' +
    'for something else opens nothing.',
  enforcedBy: ['kernel/identity/access-token.ts', 'kernel/identity/whois.ts'],
  every: '1 hour',
  async probe(live) {
    const { north, south } = live.canaries[0]!
    await using guest = await guestIn(live, north, 'owner')
    const sitting = await sitDown(guest, north)
    const faults = lifeOf(live, sitting)
    if (!(await opens(live, sitting.access))) faults.push('an honest token was refused')
    for (const [what, token] of await forgeries(north, south, sitting))
      if (await opens(live, token)) faults.push(`opened: ${what}`)
    return faults.length
      ? { holds: false, saw: 'a token opened that should not, or lived for another time than promised', detail: faults }
      : { holds: true, saw: 'an honest token opened for the time that is promised; forged and expired ones did not' }
  },
  sabotage: async ({ misconfigure }) => misconfigure('any token'),
})

/** What the token says of itself, and what its holder is told of it. */
function lifeOf({ policy }: Live, { access, told }: Sitting): string[] {
  const lives_s = policy.session.access_minutes * 60
  const { iat, exp } = claimsOf(access)
  const { accessExpiresIn } = told.json()['session'] as { accessExpiresIn: number }
  return exp - iat === lives_s && accessExpiresIn === lives_s ? [] : ['it lives for another time than promised']
}

type Head = { alg: string; kid: string; typ: string }

async function forgeries(north: Canary, south: Canary, sitting: Sitting): Promise<(readonly [string, string])[]> {
  const [head = '', body = '', signature = ''] = sitting.access.split('.')
  const [header, claims] = [readPart(head) as Head, claimsOf(sitting.access)]
  const altered = (change: object) => `${head}.${written({ ...claims, ...change })}.${signature}`
  const { expired, elsewhere, otherwise, publicKeys } = await north.misissued(sitting)
  return [
    ['a later end', altered({ exp: claims.exp + 3_600 })],
    ['another workspace', altered({ wid: south.workspace })],
    ['another person', altered({ sub: north.person('owner').id })],
    ['another signature', `${head}.${body}.${signature.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'))}`],
    ['no signature', `${head}.${body}.`],
    ['signed with nothing', `${written({ ...header, alg: 'none' })}.${body}.`],
    ['signed with nothing, under a signature', `${written({ ...header, alg: 'none' })}.${body}.${signature}`],
    ...strangersKeys(header, claims),
    ...publicKeys.filter(({ kid }) => kid === header.kid).flatMap((key) => openSecrets(header, body, key)),
    ['expired', expired],
    ['meant for another deployment', elsewhere],
    ['meant for another use', otherwise],
    ['the other half of the session', sitting.refresh],
  ]
}

/** Well signed, by somebody else: under our key's name, under a name that nobody knows, and with the key enclosed. */
function strangersKeys(header: Head, claims: object): [string, string][] {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const signed = (head: object) => {
    const said = `${written(head)}.${written(claims)}`
    return `${said}.${sign(null, Buffer.from(said), privateKey).toString('base64url')}`
  }
  return [
    ['signed by a stranger', signed(header)],
    ['signed with a key of no name', signed({ ...header, kid: 'none' })],
    ['signed with a key that comes along', signed({ ...header, jwk: publicKey.export({ format: 'jwk' }) })],
  ]
}

/** What everybody may know of our key, taken for a shared secret. */
function openSecrets(header: Head, body: string, { x }: Misissued['publicKeys'][number]): [string, string][] {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const said = `${written({ ...header, alg: 'HS256' })}.${body}`
  const secrets = [Buffer.from(x, 'base64url'), key.export({ format: 'pem', type: 'spki' })]
  return secrets.map((secret) => [
    'signed with our public key',
    `${said}.${createHmac('sha256', secret).update(said).digest('base64url')}`,
  ])
}

const written = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
