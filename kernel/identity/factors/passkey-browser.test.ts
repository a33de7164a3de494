import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { browser, missing } from '../../../test/browser.ts'
import { verifyAuthentication, verifyRegistration } from './passkey-proof.ts'
import type { Passkey } from './passkey-proof.ts'
import { AuthenticationResponse, RegistrationResponse } from './passkey-response.ts'
import { offerAuthentication, offerRegistration, partyOf } from './passkey.ts'
import type { Party } from './passkey.ts'

/** The same promises, with a real browser and the authenticator that it brings along for tests. */
const servers = [0, 1].map(() =>
  createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>A</title>')),
)
const originOf = (at: number, host = 'localhost') => `http://${host}:${(servers[at]!.address() as AddressInfo).port}`
const unavailable = { skip: missing }
let chrome: Browser
let party: Party

before(async () => {
  for (const server of servers) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  party = partyOf('Ashgrove', [originOf(0)])!
  if (missing === false) chrome = await browser()
})
after(async () => {
  if (missing === false) await chrome.close()
  for (const server of servers) server.close()
})

type Told = { proven: boolean; why?: string; inside?: string }
const refused = (told: Told, inside: RegExp, why = 'mismatch') => {
  assert.deepEqual([told.proven, told.why], [false, why], told.inside)
  assert.match(told.inside ?? '', inside)
}

test('a browser registers a passkey and signs in with it, again and again', unavailable, async () => {
  await using visit = await Visit.begin()
  const passkey = await visit.register()
  for (let use = 0; use < 3; use++) {
    const told = await visit.signIn(passkey)
    assert.ok(told.proven && told.isVerified && told.counter > passkey.counter, JSON.stringify(told))
    passkey.counter = told.counter
  }
})

for (const alg of [-8, -7, -257])
  test(`a browser signs with algorithm ${alg} where nothing else is asked for`, unavailable, async () => {
    await using visit = await Visit.begin()
    const { told, person } = await visit.tryToRegister({ pubKeyCredParams: [{ type: 'public-key', alg }] })
    assert.ok(told.proven, JSON.stringify(told))
    assert.ok((await visit.signIn({ ...told, person })).proven)
  })

test('as a second factor it answers for the passkeys that are named, and a touch is enough', unavailable, async () => {
  await using visit = await Visit.begin()
  const passkey = await visit.register()
  const options = await offerAuthentication(party, [{ id: passkey.id, transports: ['internal'] }])
  for (const asked of [{}, { userVerification: 'discouraged' }]) {
    await visit.verifies(!('userVerification' in asked))
    const response = await visit.get({ ...options, ...asked })
    const told = await verifyAuthentication(party, options.challenge, response, passkey, 'second-factor')
    assert.deepEqual([told.proven, told.proven && told.isVerified], [true, !('userVerification' in asked)])
  }
})

test('nobody signs in alone without being verified', unavailable, async () => {
  await using visit = await Visit.begin()
  const passkey = await visit.register()
  await visit.verifies(false)
  refused(await visit.signIn(passkey, { userVerification: 'discouraged' }), /verif/)
  await assert.rejects(visit.signIn(passkey), /NotAllowedError/)
})

test(
  'a key that cannot verify its holder does not register, also where the page asks for less',
  unavailable,
  async () => {
    await using visit = await Visit.begin(false)
    const authenticatorSelection = { residentKey: 'discouraged', userVerification: 'discouraged' }
    refused((await visit.tryToRegister({ authenticatorSelection })).told, /verif/)
    await assert.rejects(visit.tryToRegister(), /NotAllowedError/)
  },
)

test('a page of another origin is refused, though the browser lets it ask', unavailable, async () => {
  await using visit = await Visit.begin()
  const passkey = await visit.register()
  await visit.goTo(originOf(1))
  refused(await visit.signIn(passkey), /origin/)
  refused((await visit.tryToRegister()).told, /origin/)
})

test('a passkey of another party is refused, though its page is ours', unavailable, async () => {
  const both = partyOf('Ashgrove', [originOf(0), originOf(0, 'shop.localhost')])!
  await using visit = await Visit.begin()
  await visit.goTo(originOf(0, 'shop.localhost'))
  const options = await offerRegistration(both, { id: randomUUID(), name: 'sam', displayName: 'Sam' }, [])
  const made = await visit.create({ ...options, rp: { id: 'shop.localhost', name: 'A' } })
  refused(await verifyRegistration(both, options.challenge, made), /RP ID/)
})

test('an answer that is sent again is refused by the next challenge (ASVS 6.5.1, 6.7.2)', unavailable, async () => {
  await using visit = await Visit.begin()
  const passkey = await visit.register()
  const [one, two] = [await offerAuthentication(party), await offerAuthentication(party)]
  const response = await visit.get(one)
  assert.ok((await verifyAuthentication(party, one.challenge, response, passkey, 'sign-in')).proven)
  refused(await verifyAuthentication(party, two.challenge, response, passkey, 'sign-in'), /challenge/)
})

test('an altered signature is refused', unavailable, async () => {
  await using visit = await Visit.begin()
  const passkey = await visit.register()
  const options = await offerAuthentication(party)
  const response = await visit.get(options)
  const bytes = Buffer.from(response.response.signature, 'base64url')
  bytes[50]! ^= 1
  response.response.signature = bytes.toString('base64url')
  refused(await verifyAuthentication(party, options.challenge, response, passkey, 'sign-in'), /signature/)
})

test('a counter that went back is taken for a copy', unavailable, async () => {
  await using visit = await Visit.begin()
  const passkey = await visit.register()
  await visit.rewind(1)
  refused(await visit.signIn({ ...passkey, counter: 40 }), /after 40/, 'cloned')
})

test('the passkey of one person opens nothing of another', unavailable, async () => {
  await using hers = await Visit.begin()
  await using his = await Visit.begin()
  const [her, him] = [await hers.register(), await his.register()]
  refused(await hers.signIn(him), /another credential/)
  refused(await hers.signIn({ ...him, id: her.id }), /another person/)
  refused(await hers.signIn({ ...her, publicKey: him.publicKey }), /signature/)
})

class Visit {
  private readonly page: Page
  private readonly cdp: CDPSession
  private readonly authenticatorId: string

  constructor(page: Page, cdp: CDPSession, authenticatorId: string) {
    this.page = page
    this.cdp = cdp
    this.authenticatorId = authenticatorId
  }

  static async begin(hasUserVerification = true): Promise<Visit> {
    const page = await (await chrome.newContext()).newPage()
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('WebAuthn.enable')
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification },
    })
    const visit = new Visit(page, cdp, authenticatorId)
    await visit.verifies(hasUserVerification)
    await page.goto(originOf(0))
    return visit
  }

  goTo = (url: string) => this.page.goto(url)
  verifies = (isUserVerified: boolean) =>
    this.cdp.send('WebAuthn.setUserVerified', { authenticatorId: this.authenticatorId, isUserVerified })

  async register(): Promise<Passkey> {
    const { told, person } = await this.tryToRegister()
    assert.ok(told.proven, JSON.stringify(told))
    return { ...told, person }
  }

  /** `asked` is what the page makes of the offer before the browser sees it. */
  async tryToRegister(asked: object = {}) {
    const person = randomUUID()
    const options = await offerRegistration(party, { id: person, name: 'sam', displayName: 'Sam' }, [])
    const response = await this.create({ ...options, ...asked })
    return { person, told: await verifyRegistration(party, options.challenge, response) }
  }

  async create(options: object) {
    return RegistrationResponse.parse(await this.ask('create', 'Creation', options))
  }

  async get(options: object) {
    return AuthenticationResponse.parse(await this.ask('get', 'Request', options))
  }

  async signIn(passkey: Passkey, asked: object = {}) {
    const options = await offerAuthentication(party)
    const response = await this.get({ ...options, ...asked })
    return verifyAuthentication(party, options.challenge, response, passkey, 'sign-in')
  }

  /** Puts the counter of the only passkey back, as a copy would have it. */
  async rewind(signCount: number) {
    const { authenticatorId } = this
    const { credentials } = await this.cdp.send('WebAuthn.getCredentials', { authenticatorId })
    await this.cdp.send('WebAuthn.clearCredentials', { authenticatorId })
    const credential = { ...credentials[0]!, signCount }
    await this.cdp.send('WebAuthn.addCredential', { authenticatorId, credential })
  }

  private ask(ceremony: 'create' | 'get', what: 'Creation' | 'Request', options: object) {
    const publicKey = `PublicKeyCredential.parse${what}OptionsFromJSON(${JSON.stringify(options)})`
    return this.page.evaluate<unknown>(
      `navigator.credentials.${ceremony}({ publicKey: ${publicKey} }).then((made) => made.toJSON())`,
    )
  }

  async [Symbol.asyncDispose]() {
    await this.page.context().close()
  }
}
