import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { authenticator } from '../../../test/authenticator.ts'
import type { Algorithm, Authenticator, Lies } from '../../../test/authenticator.ts'
import { verifyAuthentication, verifyRegistration } from './passkey-proof.ts'
import type { Passkey, Purpose } from './passkey-proof.ts'
import { AuthenticationResponse, RegistrationResponse } from './passkey-response.ts'
import { CHALLENGE_MS, offerAuthentication, offerRegistration, partyOf } from './passkey.ts'

const ORIGIN = 'https://app.ashgrove.example'
const party = partyOf('Ashgrove', [ORIGIN, 'https://admin.app.ashgrove.example'])!
const offer = (person: string) => offerRegistration(party, { id: person, name: 'sam', displayName: 'Sam' }, [])

async function register(key: Authenticator, lies: Partial<Lies> = {}, person: string = randomUUID()) {
  const options = await offer(person)
  const response = RegistrationResponse.parse(key.create(options, { origin: ORIGIN, ...lies }))
  return { person, told: await verifyRegistration(party, options.challenge, response) }
}

async function enrolled(key: Authenticator): Promise<Passkey> {
  const { person, told } = await register(key)
  assert.ok(told.proven)
  return { ...told, person }
}

type Attempt = { lies?: Partial<Lies>; purpose?: Purpose; change?: (response: AuthenticationResponse) => void }

async function signIn(key: Authenticator, passkey: Passkey, { lies, purpose = 'sign-in', change }: Attempt = {}) {
  const options = await offerAuthentication(party, purpose === 'sign-in' ? undefined : [{ ...passkey, transports: [] }])
  const response = AuthenticationResponse.parse(key.get(options, { origin: ORIGIN, ...lies }))
  change?.(response)
  return verifyAuthentication(party, options.challenge, response, passkey, purpose)
}

type Told = { proven: boolean; why?: string; inside?: string }
const refused = (told: Told, inside: RegExp, why = 'mismatch') => {
  assert.deepEqual([told.proven, told.why], [false, why], told.inside)
  assert.match(told.inside ?? '', inside)
}

for (const algorithm of [-8, -7, -257] as const)
  test(`a passkey of algorithm ${algorithm} registers, signs in, and does so again`, async () => {
    const key = authenticator(algorithm)
    const passkey = await enrolled(key)
    for (let use = 2; use < 5; use++) {
      const told = await signIn(key, passkey)
      assert.deepEqual(told, { proven: true, counter: use, isVerified: true, isBackedUp: false })
      passkey.counter = use
    }
  })

test('a challenge has 256 random bits and is never given twice (ASVS 6.5.3, 6.7.2)', async () => {
  const offers = Array.from({ length: 200 }, (_, at) => (at % 2 ? offer(randomUUID()) : offerAuthentication(party)))
  const challenges = (await Promise.all(offers)).map(({ challenge }) => challenge)
  assert.equal(new Set(challenges).size, 200)
  for (const each of challenges) assert.equal(Buffer.from(each, 'base64url').length, 32)
})

test('what is asked of a browser', async () => {
  const person = '019a9f00-0000-7000-8000-00000000abcd'
  const known = [{ id: 'AAAA', transports: ['usb'] }]
  const create = await offerRegistration(party, { id: person, name: 'sam@ashgrove.example', displayName: 'Sam' }, known)
  assert.deepEqual(create.rp, { name: 'Ashgrove', id: 'app.ashgrove.example' })
  assert.equal(Buffer.from(create.user.id, 'base64url').toString('hex'), person.replaceAll('-', ''))
  assert.deepEqual(
    create.pubKeyCredParams.map(({ alg }) => alg),
    [-8, -7, -257],
  )
  assert.equal(create.attestation, 'none')
  assert.equal(create.authenticatorSelection?.residentKey, 'required')
  assert.equal(create.authenticatorSelection?.userVerification, 'required')
  assert.deepEqual(
    create.excludeCredentials?.map(({ id }) => id),
    ['AAAA'],
  )
  assert.equal(create.timeout, CHALLENGE_MS)
  const [alone, second] = [await offerAuthentication(party), await offerAuthentication(party, known)]
  assert.deepEqual([alone.userVerification, alone.allowCredentials], ['required', undefined])
  assert.deepEqual([second.userVerification, second.allowCredentials?.[0]?.id], ['preferred', 'AAAA'])
})

const LIES: [what: string, lies: Partial<Lies>, inside: RegExp][] = [
  ['another origin', { origin: 'https://app.ashgrove.example.evil.example' }, /origin/],
  ['our host over plain HTTP', { origin: 'http://app.ashgrove.example' }, /origin/],
  ['our host at another port', { origin: 'https://app.ashgrove.example:8443' }, /origin/],
  ['another party', { rpId: 'ashgrove.example' }, /RP ID/],
  ['another challenge', { challenge: randomBytes(32).toString('base64url') }, /challenge/],
  ['an empty challenge', { challenge: '' }, /challenge/],
  ['the other ceremony', { type: 'payment.get' }, /type/],
  ['a frame of another origin', { crossOrigin: true }, /frame/],
  ['a frame that is named', { topOrigin: 'https://evil.example' }, /frame/],
  ['a frame that is no yes or no', { crossOrigin: 'false' }, /frame/],
  ['nobody present', { isPresent: false }, /present/],
  ['nobody verified', { isVerified: false }, /verif/],
  ['the name of another credential', { id: randomBytes(32).toString('base64url') }, /another credential/],
]

for (const [what, lies, inside] of LIES)
  test(`refused, when registering and when signing in: ${what} (ASVS 6.7.2)`, async () => {
    const key = authenticator()
    refused((await register(key, lies)).told, inside)
    refused(await signIn(key, await enrolled(key), { lies }), inside)
  })

test('each of our origins is welcome', async () => {
  const key = authenticator()
  const origin = party.origins[1]!
  const { told, person } = await register(key, { origin })
  assert.ok(told.proven && (await signIn(key, { ...told, person }, { lies: { origin } })).proven)
})

test('an answer to one challenge is no answer to the next (ASVS 6.5.1)', async () => {
  const key = authenticator(-7, { counts: false })
  const [first, second] = [await offer(randomUUID()), await offer(randomUUID())]
  const made = key.create(first, { origin: ORIGIN })
  assert.ok((await verifyRegistration(party, first.challenge, made)).proven)
  refused(await verifyRegistration(party, second.challenge, made), /challenge/)
  const passkey = await enrolled(key)
  const [one, two] = [await offerAuthentication(party), await offerAuthentication(party)]
  const got = key.get(one, { origin: ORIGIN })
  assert.ok((await verifyAuthentication(party, one.challenge, got, passkey, 'sign-in')).proven)
  refused(await verifyAuthentication(party, two.challenge, got, passkey, 'sign-in'), /challenge/)
})

for (const algorithm of [-8, -7, -257] as const)
  test(`no byte may change of what algorithm ${algorithm} signed, nor of the signature`, async () => {
    const key = authenticator(algorithm, { counts: false })
    const passkey = await enrolled(key)
    const options = await offerAuthentication(party)
    const response = key.get(options, { origin: ORIGIN })
    for (const part of ['signature', 'authenticatorData', 'clientDataJSON'] as const) {
      const bytes = Buffer.from(response.response[part], 'base64url')
      // An ES256 signature frames its two numbers with lengths that readers are lenient about: 40 is in the second.
      for (let at = part === 'signature' && algorithm === -7 ? 40 : 0; at < bytes.length; at++) {
        const changed = Buffer.from(bytes)
        changed[at]! ^= 1 << (at % 8)
        const spoilt = { ...response, response: { ...response.response, [part]: changed.toString('base64url') } }
        const told = await verifyAuthentication(party, options.challenge, spoilt, passkey, 'second-factor')
        assert.equal(told.proven, false, `${part} ${at}`)
      }
    }
    assert.ok((await verifyAuthentication(party, options.challenge, response, passkey, 'sign-in')).proven)
  })

test('a counter that does not rise tells of a copy; one that was always 0 tells nothing', async () => {
  const key = authenticator()
  const passkey = { ...(await enrolled(key)), counter: 7 }
  for (const counter of [0, 1, 6, 7]) refused(await signIn(key, passkey, { lies: { counter } }), /after 7/, 'cloned')
  assert.ok((await signIn(key, passkey, { lies: { counter: 8 } })).proven)
  const synchronised = authenticator(-7, { counts: false })
  assert.ok((await signIn(synchronised, await enrolled(synchronised))).proven)
})

test('nobody can have a passkey called cloned without holding it', async () => {
  const [mine, stranger] = [authenticator(), authenticator()]
  const passkey = { ...(await enrolled(mine)), counter: 7 }
  const { person } = passkey
  await register(stranger, {}, person)
  refused(await signIn(stranger, passkey, { lies: { id: passkey.id, counter: 3 } }), /signature/)
})

test('the passkey of one person opens nothing of another', async () => {
  const [hers, his] = [authenticator(), authenticator()]
  const [her, him] = [await enrolled(hers), await enrolled(his)]
  for (const purpose of ['sign-in', 'second-factor'] as const) {
    refused(await signIn(hers, him, { purpose }), /another credential/)
    refused(await signIn(hers, him, { purpose, lies: { id: him.id } }), /another person/)
    const userHandle = Buffer.from(him.person.replaceAll('-', ''), 'hex').toString('base64url')
    refused(await signIn(hers, him, { purpose, lies: { id: him.id, userHandle } }), /signature/)
    refused(await signIn(hers, her, { purpose, lies: { userHandle } }), /another person/)
  }
})

test('to sign in alone it must say whose it is and who held it; as a second factor a touch is enough', async () => {
  const key = authenticator()
  const passkey = await enrolled(key)
  refused(await signIn(key, passkey, { lies: { userHandle: null } }), /another person/)
  refused(await signIn(key, passkey, { lies: { isVerified: false } }), /verif/)
  const lies = { userHandle: null, isVerified: false }
  const told = await signIn(key, passkey, { lies, purpose: 'second-factor' })
  assert.deepEqual(told.proven && told.isVerified, false)
  assert.ok(told.proven)
  refused(await signIn(key, passkey, { lies: { isPresent: false }, purpose: 'second-factor' }), /present/)
})

test('an algorithm that was not asked for does not register', async () => {
  refused((await register(authenticator(-35 satisfies Algorithm))).told, /alg/)
})

test('a statement that nobody asked for is not read, certificates in it least of all', async () => {
  const statements = [
    { fmt: 'packed', attStmt: new Map([['x5c', [randomBytes(40)]]]) },
    { fmt: 'tpm', attStmt: new Map([['ver', '2.0']]) },
    { fmt: 'none', attStmt: new Map([['junk', 1]]) },
    { fmt: 'never-heard-of', attStmt: new Map() },
  ]
  for (const attestation of statements) assert.ok((await register(authenticator(), { attestation })).told.proven)
})

test('what is kept of a registration is what was proven, and transports that exist', async () => {
  const options = await offer(randomUUID())
  const response = authenticator().create(options, { origin: ORIGIN, isBackedUp: true })
  response.response.transports = ['usb', '<b>', 'internal']
  const told = await verifyRegistration(party, options.challenge, response)
  assert.deepEqual(told.proven && [told.id, told.isBackedUp, told.transports], [response.id, true, ['usb', 'internal']])
})

test('junk in any field is refused and never an error of ours', async () => {
  const key = authenticator()
  const passkey = await enrolled(key)
  const [create, get] = [await offer(passkey.person), await offerAuthentication(party)]
  const [made, got] = [key.create(create, { origin: ORIGIN }), key.get(get, { origin: ORIGIN })]
  const parts = fc.constantFrom('clientDataJSON', 'attestationObject', 'authenticatorData', 'signature')
  const json = fc.json().map((text) => Buffer.from(text))
  const junk = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 300 }), json)
  const property = fc.asyncProperty(parts, junk, async (part, bytes) => {
    const response = { [part]: Buffer.from(bytes).toString('base64url') }
    if (part !== 'signature' && part !== 'authenticatorData') {
      const spoilt = { ...made, response: { ...made.response, ...response } }
      assert.equal((await verifyRegistration(party, create.challenge, spoilt)).proven, false)
    }
    const spoilt = { ...got, response: { ...got.response, ...response } }
    if (part === 'attestationObject') return
    assert.equal((await verifyAuthentication(party, get.challenge, spoilt, passkey, 'second-factor')).proven, false)
  })
  await fc.assert(property, { numRuns: 300 })
})

test('a field that is unknown, missing, too long or not base64url does not get in', async () => {
  const key = authenticator()
  const made = key.create(await offer(randomUUID()), { origin: ORIGIN })
  const got = key.get(await offerAuthentication(party), { origin: ORIGIN })
  const outer: object[] = [
    { more: 1 },
    { id: undefined },
    { id: 'a'.repeat(1_365) },
    { id: '' },
    { id: 'a+b/' },
    { rawId: ['a'] },
    { type: 'password' },
    { clientExtensionResults: { a: 'a'.repeat(3_000) } },
    { clientExtensionResults: [] },
  ]
  const inner: object[] = [
    { more: 1 },
    { clientDataJSON: undefined },
    { clientDataJSON: 'a'.repeat(4_097) },
    { clientDataJSON: 'e30=' },
    { clientDataJSON: { toString: 1 } },
  ]
  for (const schema of [RegistrationResponse, AuthenticationResponse]) {
    const good = schema === RegistrationResponse ? made : got
    assert.ok(schema.safeParse(good).success)
    for (const more of outer) assert.ok(!schema.safeParse({ ...good, ...more }).success, JSON.stringify(more))
    for (const more of inner)
      assert.ok(!schema.safeParse({ ...good, response: { ...good.response, ...more } }).success, JSON.stringify(more))
  }
  const swapped: object[] = [{ userHandle: 'a'.repeat(87) }, { signature: '' }, { authenticatorData: null }]
  for (const more of swapped)
    assert.ok(!AuthenticationResponse.safeParse({ ...got, response: { ...got.response, ...more } }).success)
  assert.ok(!RegistrationResponse.safeParse(got).success && !AuthenticationResponse.safeParse(made).success)
})

test('passkeys are offered only where browsers have them', () => {
  assert.deepEqual(partyOf('A', ['https://a.example/x', 'https://b.a.example:8443']), {
    id: 'a.example',
    name: 'A',
    origins: ['https://a.example', 'https://b.a.example:8443'],
  })
  for (const good of ['http://localhost:8080', 'https://localhost', 'http://shop.localhost'])
    assert.equal(partyOf('A', [good])?.origins[0], good)
  for (const bad of ['http://a.example', 'http://127.0.0.1:8080', 'https://127.0.0.1', 'https://[::1]', 'https://10.1'])
    assert.equal(partyOf('A', [bad]), undefined, bad)
  for (const other of ['https://b.example', 'https://ba.example', 'https://example', 'http://b.a.example'])
    assert.equal(partyOf('A', ['https://a.example', other]), undefined, other)
})
