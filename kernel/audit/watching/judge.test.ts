import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { judge } from './judge.ts'
import type { Alert } from './judge.ts'
import { rulesFor } from './rules.ts'
import type { Seen } from './rule.ts'
import { MOST_ROWS } from './rules/mass-export.ts'

/** Each rule at its threshold and one below it; for nobody else; and once, however often it goes on. */
const rules = rulesFor('boss')
const [HERE, THERE] = [randomUUID(), randomUUID()]
const START_ms = Date.parse('2026-05-01T08:00:00Z')

const seen = (more: Partial<Seen> = {}, second = 0): Seen => ({
  workspace: HERE,
  id: randomUUID(),
  at_ms: START_ms + second * 1_000,
  action: 'shop.customer.get',
  outcome: 'done',
  actorKind: 'person',
  actorId: 'asha',
  address: '203.0.113.5',
  target: null,
  input: {},
  changes: [],
  isOwn: false,
  ...more,
})
const failure = (more: Partial<Seen> = {}, second = 0) =>
  seen(
    {
      action: 'identity.session.begin',
      outcome: 'sign-in-failed',
      actorKind: 'nobody',
      actorId: 'nobody',
      target: 'noor',
      ...more,
    },
    second,
  )
const alertsOf = (entries: readonly Seen[], more: { before?: readonly Seen[]; alerts?: Alert[] } = {}) =>
  judge(rules, { before: [], alerts: [], entries, ...more })
const named = (entries: readonly Seen[], more: Parameters<typeof alertsOf>[1] = {}) =>
  alertsOf(entries, more).map(({ rule, subject, times }) => `${rule} ${subject} ${times}`)
const many = (n: number, make: (at: number) => Seen) => Array.from({ length: n }, (_, at) => make(at))

test('twenty failures at one account within ten minutes are told, with the entries, and nineteen are not', () => {
  const entries = many(20, (at) => failure({ address: `203.0.113.${at}` }, at * 30))
  assert.deepEqual(named(entries.slice(0, 19)), [])
  const [alert, ...more] = alertsOf(entries)
  assert.deepEqual(more, [])
  assert.deepEqual([alert!.rule, alert!.subject, alert!.times], ['guessed-account', 'noor', 20])
  assert.deepEqual(
    alert!.entries,
    entries.map(({ id }) => id),
  )
  assert.deepEqual([alert!.from_ms, alert!.to_ms], [START_ms, START_ms + 570_000])
})

test('one entry that tells of many counts as many, and one that claims nonsense counts as one', () => {
  assert.deepEqual(named([failure({ input: { times: 20 } })]), ['guessed-account noor 20'])
  assert.deepEqual(named([failure({ input: { times: 1 } }), failure({ input: { times: 18 } }, 1)]), [])
  for (const times of [-5, 1.5, '20', null, 1e300])
    assert.deepEqual(named(many(19, () => failure({ input: { times } }))), [])
})

test('twenty in eleven minutes are none, nor ten each at two accounts of two workspaces', () => {
  assert.deepEqual(named(many(20, (at) => failure({ address: null }, at * 33))), [])
  const both = many(20, (at) => failure({ address: null, workspace: at % 2 ? HERE : THERE }, at))
  assert.deepEqual(named(both), [])
})

test('a wrong code, a link that is over and too many attempts count with it; what else is refused does not', () => {
  const kinds = ['wrong-code', 'ticket-over', 'rate-limited', 'sign-in-failed', 'wrong-password']
  const mixed = many(20, (at) => failure({ outcome: kinds[at % 5]! }, at))
  assert.deepEqual(named(mixed), ['guessed-account noor 20'])
  assert.deepEqual(named(many(40, () => failure({ outcome: 'step-up-required' }))), [])
  assert.deepEqual(named(many(40, () => failure({ outcome: 'done' }))), [])
  assert.deepEqual(named(many(40, () => failure({ action: 'shop.invoice.issue' }))), [])
})

test('one address at several accounts is told though no account stands out; at one account it is that account', () => {
  const entries = many(20, (at) => failure({ target: `member ${at % 4}` }, at))
  assert.deepEqual(named(entries), ['guessing-address 203.0.113.5 20'])
  assert.deepEqual(named(entries.slice(0, 19)), [])
  assert.deepEqual(named(many(20, (at) => failure({}, at))), ['guessed-account noor 20'])
})

test('fifty refusals of one caller within ten minutes are told, and forty-nine, or those of nobody, are not', () => {
  const refused = (at: number) => seen({ outcome: at % 2 ? 'forbidden' : 'not-found' }, at)
  assert.deepEqual(named(many(49, refused)), [])
  assert.deepEqual(named(many(50, refused)), ['doors asha 50'])
  assert.deepEqual(named(many(100, (at) => seen({ outcome: 'not-found', actorId: `key ${at % 3}` }, at))), [])
  assert.deepEqual(named(many(60, (at) => seen({ outcome: 'not-found', actorKind: 'nobody' }, at))), [])
  assert.deepEqual(named(many(60, (at) => seen({ outcome: 'invalid' }, at))), [])
})

test('a role given to oneself is told at once, whether it was refused or done, and one given to another is not', () => {
  const change = { action: 'identity.member.changeRoles', target: 'a member' }
  assert.deepEqual(named([seen({ ...change, outcome: 'own_membership' })]), ['own-role asha 1'])
  assert.deepEqual(named([seen({ ...change, isOwn: true })]), ['own-role asha 1'])
  assert.deepEqual(named([seen(change), seen({ ...change, outcome: 'role_beyond_own' })]), [])
  assert.deepEqual(named([seen({ action: 'identity.member.disable', outcome: 'own_membership' })]), [])
})

test('a new owner is told, whether they came or became one; no other role is, nor one who was one', () => {
  const roles = (before: string[], after: string[]) => ({
    action: 'identity.member.changeRoles',
    target: 'a member',
    input: { roles: after },
    changes: [{ of: 'identity.member', id: 'a member', before: { roles: before }, after: { roles: after } }],
  })
  assert.deepEqual(named([seen(roles(['clerk'], ['clerk', 'boss']))]), ['new-owner a member 1'])
  assert.deepEqual(named([seen(roles(['boss'], ['boss', 'clerk']))]), [])
  assert.deepEqual(named([seen(roles(['boss'], ['clerk']))]), [])
  assert.deepEqual(named([seen({ ...roles([], ['boss']), outcome: 'role_beyond_own' })]), [])
  const join = (role: string) => seen({ action: 'identity.member.join', target: 'noor', input: { roles: [role] } })
  assert.deepEqual(named([join('boss')]), ['new-owner noor 1'])
  assert.deepEqual(named([join('clerk')]), [])
  assert.deepEqual(named([seen({ action: 'identity.invitation.create', target: 'x', input: { roles: ['boss'] } })]), [])
})

test('five exports within an hour are told, or one that is large; four, or a refused one, are not', () => {
  const exported = (more: Partial<Seen> = {}, second = 0) => seen({ action: 'shop.customer.export', ...more }, second)
  assert.deepEqual(named(many(5, (at) => exported({}, at * 700))), ['mass-export asha 5'])
  assert.deepEqual(named(many(4, (at) => exported({}, at))), [])
  assert.deepEqual(named(many(5, (at) => exported({}, at * 901))), [])
  assert.deepEqual(named([exported({ input: { rows: MOST_ROWS + 1 } })]), ['mass-export asha 5'])
  assert.deepEqual(named([exported({ input: { rows: MOST_ROWS } })]), [])
  assert.deepEqual(named(many(9, () => exported({ outcome: 'forbidden' }))), [])
})

test('a decoy, a new device and a visit of staff are told at once', () => {
  assert.deepEqual(named([seen({ action: 'limits.decoy.ask', outcome: 'not-found' })]), ['decoy asha 1'])
  const begin = { action: 'identity.session.begin', target: 'a session' }
  assert.deepEqual(named([seen({ ...begin, input: { isNewDevice: true } })]), ['new-device asha 1'])
  assert.deepEqual(named([seen({ ...begin, input: { isNewDevice: false } }), seen(begin)]), [])
  assert.deepEqual(named([seen({ action: 'identity.support.enter', actorKind: 'staff', actorId: 's' })]), [
    'support s 1',
  ])
  assert.deepEqual(named([seen({ action: 'identity.support.enter', outcome: 'forbidden' })]), [])
})

test('what goes on is one alert that grows, until an hour was quiet, it was acknowledged, or a day has passed', () => {
  const storm = many(600, (at) => failure({ address: null }, at * 5))
  const [alert, ...more] = alertsOf(storm)
  assert.deepEqual(more, [])
  assert.deepEqual([alert!.times, alert!.entries.length], [600, 100])
  const later = many(20, (at) => failure({ address: null }, 3_000 + at))
  const kept = () => ({ ...alert!, id: 'kept', entries: [...alert!.entries] })
  assert.deepEqual(named(later, { alerts: [kept()] }), ['guessed-account noor 620'])
  assert.deepEqual(named(later, { alerts: [{ ...kept(), isOpen: false }] }), ['guessed-account noor 20'])
  assert.deepEqual(named(later.slice(0, 19), { alerts: [{ ...kept(), isOpen: false }], before: storm }), [])
  const quiet = many(20, (at) => failure({ address: null }, 2_995 + 3_601 + at))
  assert.deepEqual(named(quiet, { alerts: [kept()] }), ['guessed-account noor 20'])
  const aDayAgo = { ...kept(), from_ms: alert!.from_ms - 86_400_000 }
  assert.deepEqual(named(later, { alerts: [aDayAgo] }), ['guessed-account noor 20'])
})

test('it is the same in one look and in many, wherever the looks are divided', () => {
  const entries = many(45, (at) => failure({ address: `203.0.113.${at}` }, at * 20))
  const whole = alertsOf(entries).map(plain)
  for (const at of [1, 7, 19, 20, 21, 44]) {
    const first = alertsOf(entries.slice(0, at)).map((alert) => ({ ...alert, id: 'kept' }))
    const rest = judge(rules, { before: entries.slice(0, at), entries: entries.slice(at), alerts: first })
    assert.deepEqual((rest.length ? rest : first).map(plain), whole, `divided at ${at}`)
  }
})

const plain = ({ rule, subject, times, entries, from_ms, to_ms }: Alert) => ({
  rule,
  subject,
  times,
  entries,
  from_ms,
  to_ms,
})
