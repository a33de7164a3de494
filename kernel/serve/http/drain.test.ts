import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { asAdmin } from '../../tenancy/cluster.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'

/** A deployment that is asked to end while a request is under way. */
let here: World
before(async () => {
  here = await world(jeweller)
})
after(() => here[Symbol.asyncDispose]())

const patient = new Agent({ keepAlive: true })

function ask(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
  const headers = { authorization: `Bearer ${here.north.token}`, ...(body && { 'content-type': 'application/json' }) }
  return new Promise((resolve, reject) => {
    const outgoing = request({
      port: here.served.listening.port,
      host: '127.0.0.1',
      method,
      path,
      headers,
      agent: patient,
    })
    outgoing.on('error', reject).on('response', (incoming) => {
      let text = ''
      incoming.setEncoding('utf8').on('data', (part: string) => (text += part))
      incoming.on('end', () => resolve({ status: incoming.statusCode!, text }))
    })
    outgoing.end(body && JSON.stringify(body))
  })
}

test('what is under way when the deployment ends is finished and answered; nobody new gets in', async () => {
  const { parts, listening } = here.served
  const made = await here.as('owner').call('shop.customer.create', { name: 'Slow' })
  assert.equal((await ask('GET', '/livez')).status, 200, 'a connection that stays open')
  const closed = await asAdmin(parts.deployment.admin, parts.deployment.names.pool, async (client) => {
    await client.query(`begin; lock table shop.customer in share mode`)
    const card = {
      id: made.body.id,
      name: 'Slow and changed',
      phone: null,
      email: null,
      taxNumber: null,
      address: null,
      note: null,
    }
    const slow = ask('POST', '/v1/shop.customer.update', card)
    await sleep(200)
    const closing = listening.close()
    await sleep(50)
    await assert.rejects(fetch(`http://127.0.0.1:${listening.port}/livez`), { message: 'fetch failed' })
    await client.query('rollback')
    const told = await slow
    assert.equal(told.status, 200, told.text)
    assert.equal(JSON.parse(told.text).name, 'Slow and changed')
    const answered = performance.now()
    await closing
    return performance.now() - answered
  })
  assert.ok(closed < 1_000, `a connection that is kept open by its client held it up for ${closed} ms`)
  await assert.rejects(ask('GET', '/livez'), { code: 'ECONNREFUSED' })
})
