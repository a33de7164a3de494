import assert from 'node:assert/strict'
import { test } from 'node:test'
import { control } from '../contract/control.ts'
import { page, proven, section } from '../contract/page.ts'
import { collect, nameOf, refuseUnbound } from './register.ts'

const some = (claim: string) =>
  control({
    claim,
    enforcedBy: ['kernel/trust/register.ts'],
    every: '1 hour',
    probe: () => Promise.resolve({ holds: true, saw: '' }),
    sabotage: () => Promise.resolve(() => undefined),
  })
const text = { en: 'So it is.', ar: 'هو كذلك.' }

test('controls are called by their folder and export, however often they are collected', () => {
  const rows = some('Rows are apart.')
  const wall = some('The wall stands.')
  for (const controls of [
    collect({ tenancy: { rows }, house: { wall } }),
    collect({ tenancy: { rows }, house: { wall } }),
  ]) {
    assert.deepEqual([...controls.keys()], ['tenancy.rows', 'house.wall'])
    assert.equal(controls.get('tenancy.rows'), rows)
  }
  assert.equal(nameOf(rows), 'tenancy.rows')
})

test('two controls may not make one claim', () => {
  const twins = { a: some('Rows stay apart.'), b: some('Rows stay apart.') }
  assert.throws(() => collect({ house: twins }), /house\.a and house\.b make the same claim/)
})

test('one control may not have two names', () => {
  const one = some('It is one.')
  assert.throws(() => collect({ house: { one, same: one } }), /same claim/)
  collect({ house: { one } })
  assert.throws(() => collect({ garden: { one } }), /house\.one and garden\.one are the same control/)
})

test('what has no name, or is no control, is refused', () => {
  assert.throws(() => collect({ house: { default: some('It has no name.') } }), /cannot be called house\.default/)
  assert.throws(() => collect({ 'a house': { wall: some('It is called badly.') } }), /cannot be called/)
  assert.throws(() => collect({ house: { helper: () => 1 } }), /house\.helper is exported beside controls/)
  assert.throws(() => collect({ house: { wall: { ...some('x'), claim: ' ' } } }), /is not a control/)
  assert.throws(() => collect({ house: { wall: { ...some('y'), enforcedBy: [] } } }), /is not a control/)
})

test('a page may use only collected controls and each id once', () => {
  const roof = some('The roof is tight.')
  const stray = some('A stray says so.')
  collect({ house: { roof } })
  refuseUnbound(page('2026-11-20', section(text, proven('a-1', text, roof), proven('a-2', text, roof))))
  assert.throws(
    () => refuseUnbound(page('2026-11-20', section(text, proven('a-1', text, roof), proven('a-1', text, roof)))),
    /Two sentences of the page are called a-1/,
  )
  assert.throws(() => refuseUnbound(page('2026-11-20', section(text, proven('a-1', text, stray)))), /A stray says so/)
})
