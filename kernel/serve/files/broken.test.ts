import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { world } from '#kernel/testing'
import type { World } from '#kernel/testing'
import {
  asking,
  endReaders,
  isStill,
  lineEdition,
  openFile,
  putMany,
  readers,
  rest,
  saying,
  take,
  toItsEnd,
  until,
} from '../../../test/lines.ts'
import { sql } from '../../../test/people.ts'

/** Files that do not come to their end, and those who take them slowly or not at all: they hold up nobody. */
let here: World
before(async () => {
  here = await world(lineEdition())
})
after(() => here[Symbol.asyncDispose]())
beforeEach(() => sql(here)('truncate trial.line'))

test('a file that breaks in the middle is a broken transfer', async () => {
  await assert.rejects(take(here, { breaks: 'later' }, 'trial.line.takeLines'))
  await putMany(here, 10_000, 2_000)
  const socket = await asking(here, '/v1/trial.line.take')
  await endReaders(here)
  const ended = await toItsEnd(socket)
  assert.match(ended, /^HTTP\/1\.1 200 /)
  assert.ok(!ended.endsWith('\r\n0\r\n\r\n'), 'a broken file looked whole')
  await until(async () => (await readers(here)) === 0)
})

test(
  'a hundred thousand rows are sent, each once and in order, and little of them is held',
  { timeout: 120_000 },
  async () => {
    await putMany(here, 100_000, 200)
    const file = await openFile(here, 'trial.line.take', { format: 'csv' })
    let [rows, most, last] = [0, 0, 0]
    for await (const piece of file.pieces) {
      most = Math.max(most, piece.length)
      for (const [, place] of piece.matchAll(/,(\d+),\[\]\r\n/g)) {
        rows += 1
        assert.equal(Number(place), last + 1)
        last = Number(place)
      }
    }
    assert.equal(rows, 100_000)
    assert.ok(most < 1_000_000, `${most} characters in one piece`)
    // The same over a socket that nobody reads for a while: what is not taken is not read.
    const socket = await asking(here, '/v1/trial.line.take')
    await until(() => isStill(here))
    assert.equal(await readers(here), 1, 'all of it was read for somebody who takes none')
    socket.destroy()
    await until(async () => (await readers(here)) === 0)
  },
)

test('who goes away gives back their seat and their connection at once', async () => {
  await putMany(here, 10_000, 2_000)
  for (let turn = 0; turn < 6; turn++) {
    const socket = await asking(here, '/v1/trial.line.take')
    socket.destroy()
    await until(async () => (await readers(here)) === 0)
  }
  assert.equal((await take(here, { text: 'nothing' })).status, 200)
})

test('who dawdles is cut off in the middle, by the server and by the clock', async () => {
  await putMany(here, 10_000, 2_000)
  const idle = await openFile(here, 'trial.line.take', {}, { first_ms: 60_000, idle_ms: 300, whole_ms: 60_000 })
  await idle.pieces.next()
  await until(() => idle.cut.aborted)
  await assert.rejects(rest(idle))
  const late = await openFile(here, 'trial.line.take', {}, { first_ms: 60_000, idle_ms: 60_000, whole_ms: 300 })
  await late.pieces.next()
  await until(() => late.cut.aborted)
  await assert.rejects(rest(late))
  await until(async () => (await readers(here)) === 0)
})

test('so many at once, and then the next is told when to come again', { timeout: 60_000 }, async () => {
  await putMany(here, 1_000)
  const open = [await openFile(here, 'trial.line.take', {}), await openFile(here, 'trial.line.take', {})]
  const told = await take(here)
  assert.deepEqual([told.status, told.body.code], [503, 'unavailable'])
  assert.ok(Number(told.headers.get('retry-after')) > 0)
  for (const one of open) one.end()
  assert.equal((await take(here, { text: 'nothing' })).status, 200)
})

test('a client that could not tell a broken file from a whole one gets none', async () => {
  await putMany(here, 1)
  const text = await saying(
    here,
    `GET /v1/trial.line.take HTTP/1.0\r\nhost: localhost\r\nauthorization: Bearer ${here.north.token}\r\n\r\n`,
  )
  assert.match(text, /^HTTP\/1\.1 505 /)
  assert.match(text, /"code":"http-too-old"/)
  assert.ok(!text.includes(',x'))
})
