import assert from 'node:assert/strict'
import { test } from 'node:test'
import { granted, includes, rightsOf } from './rights.ts'

const names = Array.from({ length: 70 }, (_, i) => (i < 35 ? `shop.sale.verb${i}` : `cash.sheet.verb${i}`))

test('a grant covers an operation, a noun or a module, and nothing beside it', () => {
  const count = (grants: string[]) => names.filter((_, index) => granted(rightsOf(grants, names), index)).length
  assert.equal(count(['shop.sale.verb1']), 1)
  assert.equal(count(['shop.sale.*']), 35)
  assert.equal(count(['shop.*']), 35)
  assert.equal(count(['shop.*', 'cash.sheet.*']), 70)
  assert.equal(count([]), 0)
  assert.equal(count(['sho.*', 'shop', 'shop.sale', '*', 'shop.sale.verb']), 0)
})

test('bits beyond the first word count too', () => {
  const rights = rightsOf([names[69]!], names)
  assert.ok(granted(rights, 69))
  assert.ok(!granted(rights, 37))
  assert.ok(!granted(rights, 5))
})

test('a set includes what it holds and not one right more', () => {
  const all = rightsOf(['shop.*'], names)
  assert.ok(includes(all, rightsOf(['shop.sale.verb3'], names)))
  assert.ok(!includes(all, rightsOf(['shop.sale.verb3', 'cash.sheet.verb69'], names)))
  assert.ok(includes(all, rightsOf([], names)))
})
