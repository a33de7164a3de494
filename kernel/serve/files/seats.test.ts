import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '../../contract/refusal.ts'
import { Seats } from './seats.ts'

const ROOM = { inAll: 3, each: 2, waiting: 2, wait_ms: 50 }
const busy = (error: unknown) =>
  error instanceof Refusal && error.status === 503 && error.retryAfter_s !== undefined && error.code === 'unavailable'

test('there are so many seats, so many of one workspace, and who waits in vain is told when to return', async () => {
  const seats = new Seats(ROOM)
  const leave = await seats.take('north')
  await seats.take('north')
  await assert.rejects(seats.take('north'), busy)
  await seats.take('south')
  await assert.rejects(seats.take('east'), busy)
  leave()
  await seats.take('east')
})

test('a seat that comes free is the first one’s that it fits, and the line has an end', async () => {
  const seats = new Seats({ ...ROOM, wait_ms: 60_000 })
  const [one, two, three] = [await seats.take('north'), await seats.take('north'), await seats.take('south')]
  const order: string[] = []
  const north = seats.take('north').then(() => order.push('north'))
  const east = seats.take('east').then(() => order.push('east'))
  await assert.rejects(seats.take('west'), busy)
  three()
  await east
  assert.deepEqual(order, ['east'])
  one()
  await north
  assert.deepEqual(order, ['east', 'north'])
  two()
})

test('a seat that is given back twice is free once', async () => {
  const seats = new Seats({ ...ROOM, inAll: 1 })
  const leave = await seats.take('north')
  leave()
  leave()
  await seats.take('north')
  await assert.rejects(seats.take('north'), busy)
})
