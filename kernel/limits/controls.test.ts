import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Breakable, Canary, Told } from '../contract/control.ts'
import { clientAddress, trustedProxies } from '../transport/client.ts'
import { rate } from './controls.ts'
import { rateHeaders } from './headers.ts'
import { createLimits, type Limits } from './limits.ts'

type Door = { limits: Limits | undefined; status: number; who: (request: IncomingMessage) => string; headers: boolean }

/** A door over real HTTP that spends from the real limits before anything else, as dispatch does. */
async function openDoor(given: Partial<Door> = {}) {
  const door: Door = {
    limits: createLimits(),
    status: 400,
    who: () => 'the key called limits',
    headers: true,
    ...given,
  }
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const spent = door.limits?.spend('sensitive', door.who(request), Date.now())
    const headers = spent && door.headers ? rateHeaders(spent) : {}
    response.writeHead(spent?.allowed === false ? 429 : door.status, headers).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const call: Canary['call'] = async (name, input, as, headers) => {
    assert.deepEqual([name, input, as], ['identity.key.rotate', {}, 'limits'])
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}', headers: headers ?? {} })
    return { status: answer.status, headers: answer.headers, text: await answer.text(), json: () => ({}) } as Told
  }
  const live = {
    canaries: [{ kind: 'pool', north: { call }, south: { call } }],
    misconfigure() {
      const { limits } = door
      door.limits = undefined
      return () => void (door.limits = limits)
    },
  } as unknown as Breakable
  return { live, see: async () => rate.probe(live), [Symbol.dispose]: () => void server.close() }
}

test('it holds twice in a row, the sabotage turns it red, and it heals', async () => {
  using door = await openDoor({ limits: createLimits({ scale: 3 }) })
  assert.equal((await door.see()).holds, true)
  assert.equal((await door.see()).holds, true)
  const heal = await rate.sabotage(door.live)
  assert.equal((await door.see()).holds, false)
  await heal()
  assert.equal((await door.see()).holds, true)
})

test('a budget for whoever the header names is seen, and one for the socket’s address holds', async () => {
  const believes = (request: IncomingMessage) => String(request.headers['x-forwarded-for'])
  using gullible = await openDoor({ who: believes })
  assert.equal((await gullible.see()).holds, false)
  const everyone = trustedProxies(['127.0.0.0/8'])
  using misled = await openDoor({
    who: ({ socket, headers }) => clientAddress(everyone, socket.remoteAddress, headers),
  })
  assert.equal((await misled.see()).holds, false)
  const nobody = trustedProxies([])
  using careful = await openDoor({
    who: ({ socket, headers }) => clientAddress(nobody, socket.remoteAddress, headers),
  })
  assert.equal((await careful.see()).holds, true)
})

test('a budget that is announced but not kept, or opens by itself, is seen', async () => {
  const real = createLimits()
  const never: Limits = { ...real, spend: (...given) => ({ ...real.spend(...given), allowed: true }) }
  using talks = await openDoor({ limits: never })
  assert.equal((await talks.see()).saw, 'requests went on beyond the budget')
  let asked = 0
  const forgets: Limits = {
    ...real,
    spend: (kind, who, now_ms) => real.spend(kind, `${who} ${Math.floor((asked += 1) / 25)}`, now_ms),
  }
  using resets = await openDoor({ limits: forgets })
  assert.equal((await resets.see()).saw, 'a request that claimed another origin got a new budget')
})

test('silence about the budget, a key that does not open, and a budget too large to try prove nothing', async () => {
  using silent = await openDoor({ headers: false })
  assert.equal((await silent.see()).saw, 'no budget is announced')
  using strange = await openDoor({ status: 401 })
  assert.equal((await strange.see()).saw, 'an honest request was not served')
  using broken = await openDoor({ status: 500 })
  assert.equal((await broken.see()).holds, false)
  using huge = await openDoor({ limits: createLimits({ scale: 1_000 }) })
  assert.equal((await huge.see()).saw, 'the budget is too large to be tried')
  assert.equal((await rate.probe({ ...huge.live, canaries: [] })).holds, false)
})

test('what may be read by anyone names no threshold', async () => {
  using door = await openDoor()
  const { saw } = await door.see()
  assert.doesNotMatch(saw, /\d/)
})
