import assert from 'node:assert/strict'
import { test } from 'node:test'
import { securityDocument } from './document.ts'
import { everyState } from './sample.ts'
import { inColour, pageText, progress } from './terminal.ts'

const page = securityDocument(everyState())
const ESCAPE = '\x1b'

test('each sentence stands there with its sign, its state as a word, and its id', () => {
  const text = pageText(page)
  assert.match(text, /^A house · 20 November 2026, 12:00:00 UTC$/m)
  assert.match(text, /^ {2}✔ proven +The wall stands\. \(house-1\.1\)$/m)
  assert.match(text, /^ {2}✘ failing +The wall stands and the door is shut\. \(house-1\.2\)$/m)
  assert.match(text, /^ {2}\? unknown +The roof is tight\. \(house-1\.3\)$/m)
  assert.match(text, /^ {2}✎ attested +The keys are kept in a safe\. \(house-2\.1\)$/m)
  assert.match(text, /^ {2}– not claimed +There is no lightning rod\. \(house-2\.3\)$/m)
  assert.match(text, /✔ 1 proven {2}✎ 1 attested {2}✘ 1 failing {2}\? 1 unknown {2}– 2 not claimed\n$/)
})

test('what does not hold says why, and what the probe saw', () => {
  const text = pageText(page)
  assert.match(text, /A probe saw the opposite[^\n]*\n +→ house\.door: broken; it opened to a hairpin/)
  assert.match(text, /→ house\.roof: not known/)
  assert.match(text, /not yet: waits for the audit log/)
  assert.doesNotMatch(text, /a ball came back/)
})

test('colours come only when asked for', () => {
  assert.ok(!pageText(page).includes(ESCAPE))
  assert.ok(pageText(page, { colour: true }).includes(`${ESCAPE}[32m✔ proven${ESCAPE}[0m`))
  assert.equal(inColour({ isTTY: true }, {}), true)
  assert.equal(inColour({ isTTY: true }, { NO_COLOR: '1' }), false)
  assert.equal(inColour({ isTTY: true }, { NO_COLOR: '' }), true, 'an empty NO_COLOR asks for nothing')
  assert.equal(inColour({}, {}), false)
  assert.equal(inColour({}, { FORCE_COLOR: '1' }), true)
  assert.equal(inColour({}, { FORCE_COLOR: '1', NO_COLOR: '1' }), false)
})

test('lines keep to the width, however narrow', () => {
  for (const width of [60, 80, 100])
    for (const line of pageText(page, { width }).split('\n').slice(1, -2)) assert.ok(line.length <= width, line)
  assert.ok(
    pageText(page, { width: 1 })
      .split('\n')
      .some((line) => line.length > 30),
  )
})

test('it speaks Arabic too', () => {
  assert.match(pageText(page, { locale: 'ar' }), /✔ مُثبَت +الجدار قائم\. \(house-1\.1\)/)
})

test('what a probe saw cannot move the cursor', () => {
  const given = everyState()
  const door = given.latest.get('house.door')!
  const latest = new Map([...given.latest, ['house.door', { ...door, saw: `clear${ESCAPE}[2Jed\nand more\u009b31m` }]])
  const text = pageText(securityDocument({ ...given, latest }))
  assert.ok(!text.includes(ESCAPE) && !text.includes('\u009b'))
  assert.match(text, /clear \[2Jed and more 31m/)
})

test('progress overwrites one line of a terminal and is silent elsewhere', () => {
  const written: string[] = []
  const write = (text: string) => written.push(text)
  const silent = progress({ write })
  silent.step(1, 2, 'house.wall')
  silent.end()
  assert.deepEqual(written, [])
  const loud = progress({ isTTY: true, columns: 30, write })
  loud.step(1, 2, 'house.wall')
  loud.end()
  assert.equal(written[0], `\r${ESCAPE}[2K${'█'.repeat(12)}${'░'.repeat(12)} 1/2 `)
  assert.equal(written[1], `\r${ESCAPE}[2K`)
})
