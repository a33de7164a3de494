import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WAYS } from './ways.ts'

/**
 * Every way that is no operation of a workspace, and who may use it: whoever adds one adds it here, and says with it
 * that it is held to the same rules as the others.
 */
const ANYONE = [
  'choose',
  'factor',
  'invitation-accept',
  'invitation-join',
  'invitation-show',
  'link-send',
  'link-use',
  'passkey-begin',
  'passkey-finish',
  'refresh',
  'reset-send',
  'reset-use',
  'sign-in',
  'sign-up',
  'sign-up-finish',
  'welcome',
]
const PERSON = [
  'address-change',
  'address-confirm',
  'app-begin',
  'app-confirm',
  'app-remove',
  'codes-make',
  'me',
  'passkey-add',
  'passkey-add-begin',
  'passkey-remove',
  'passkeys',
  'password-change',
  'profile-change',
  'prove',
  'prove-begin',
  'session-end',
  'sessions',
  'sessions-end-others',
  'sign-out',
  'switch',
]

test('these are the ways in and out, and there is no other (ASVS 6.3.4)', () => {
  const of = (who: 'anyone' | 'person') =>
    WAYS.filter((way) => way.who === who)
      .map(({ name }) => name)
      .sort()
  assert.deepEqual(of('anyone'), ANYONE)
  assert.deepEqual(of('person'), PERSON)
  assert.equal(new Set(WAYS.map(({ name }) => name)).size, WAYS.length)
})

test('each says what it does, and its own example is understood', () => {
  for (const { name, summary, input, example } of WAYS) {
    assert.match(summary, /^\p{Lu}/u, name)
    assert.deepEqual(input.safeParse(example).error?.issues ?? [], [], name)
  }
})

test('none lets a request say who somebody is or what they may do (row 20)', () => {
  const said = WAYS.flatMap(({ input }) => Object.keys(input.shape))
  for (const word of ['person', 'personId', 'userId', 'member', 'memberId', 'role', 'roles', 'tenant', 'proofs'])
    assert.ok(!said.includes(word), word)
})
