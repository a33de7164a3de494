import assert from 'node:assert/strict'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, mock, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jeweller } from '../../editions/jeweller/edition.ts'
import type { Parts } from '../serve/parts.ts'
import { callIn, openWorkspace } from '../serve/workspaces.ts'
import type { Opened } from '../serve/workspaces.ts'
import { Realms } from '../tenancy/realms.ts'
import { openStage } from '../testing.ts'
import type { Stage } from '../testing.ts'
import { readingOf } from './reading.ts'
import { Whois } from './whois.ts'

/** A process that remembers who somebody is, while its way to the database is cut, jammed, or its clock is moved. */
let stage: Stage
let parts: Parts
let north: Opened
before(async () => {
  stage = await openStage(jeweller)
  parts = stage.parts
  north = await openWorkspace(parts, 'North', 'pool')
})
after(() => stage[Symbol.asyncDispose]())

const key = async () => {
  const make = callIn(parts, north.place)<{ id: string; token: string }>
  return await make('identity.key.create', { name: 'Remembered', role: 'owner' })
}
const revoke = ({ id }: { id: string }) => callIn(parts, north.place)('identity.key.revoke', { id })

test('a clock that is set back does not make a revoked key live longer', async () => {
  const whois = new Whois(parts.deployment.realms, parts.whois.reading)
  const one = await key()
  assert.ok(await whois.of(one.token))
  const now = Date.now.bind(Date)
  const clock = mock.method(Date, 'now', () => now() - 3_600_000)
  await revoke(one)
  await sleep(1_000)
  assert.equal(await whois.of(one.token), undefined)
  clock.mock.restore()
})

test('a role that an edition does not have any more opens nothing', async () => {
  const roles = new Map(parts.roles)
  const reading = readingOf({
    tokens: parts.house.tokens,
    staffTokens: parts.house.staffTokens,
    isStaff: async () => false,
    policy: jeweller.policy,
    roles,
    permissions: parts.permissions,
  })
  const whois = new Whois(parts.deployment.realms, reading)
  const one = await key()
  roles.delete('owner')
  assert.equal(await whois.of(one.token), undefined)
  assert.ok(await new Whois(parts.deployment.realms, parts.whois.reading).of(one.token))
})

test('a process that cannot reach the database believes nobody: refused, not let in', async () => {
  await using line = await wire()
  const whois = await remembering(line)
  const one = await key()
  assert.ok(await whois.of(one.token))
  line.cut()
  await sleep(750)
  await assert.rejects(whois.of(one.token), { status: 503, code: 'unavailable' })
  await assert.rejects(whois.of((await key()).token), { status: 503 }, 'nor whom it never saw')
  line.mend()
  assert.ok(await whois.of(one.token), 'and believes again when it can ask')
})

test('what was revoked while the line was cut is not let in by the first request after it', async () => {
  await using line = await wire()
  const whois = await remembering(line)
  const one = await key()
  assert.ok(await whois.of(one.token))
  line.cut()
  await revoke(one)
  await sleep(750)
  line.mend()
  assert.equal(await whois.of(one.token), undefined)
})

test('a database that answers no more keeps a request waiting rather than let it in on an old memory', async () => {
  await using line = await wire()
  const whois = await remembering(line)
  const one = await key()
  assert.ok(await whois.of(one.token))
  line.jam()
  await revoke(one)
  await sleep(750)
  const told = whois.of(one.token)
  assert.equal(await Promise.race([told, sleep(1_500, 'waits')]), 'waits')
  line.mend()
  assert.equal(await told, undefined)
})

test('a hundred keys that are asked for at once while all is forgotten are each answered for themselves', async () => {
  const whois = new Whois(parts.deployment.realms, parts.whois.reading)
  const keys = await Promise.all(Array.from({ length: 10 }, key))
  const told = await Promise.all(Array.from({ length: 100 }, (_, i) => whois.of(keys[i % 10]!.token)))
  assert.deepEqual(
    told.map((caller) => caller?.actor.id),
    told.map((_, i) => keys[i % 10]!.id),
  )
  // Their last use is noted beside the answers.
  await sleep(300)
})

/** A process of its own, as far as it knows, that reaches the database over the given line. */
async function remembering({ port }: { port: number }): Promise<Whois> {
  const { names } = parts.deployment
  const realms = new Realms(names, { host: '127.0.0.1', port, ssl: false }, async () => north.place)
  lines.push(realms)
  return new Whois(realms, parts.whois.reading)
}
const lines: Realms[] = []
after(() => Promise.all(lines.map((realms) => realms[Symbol.asyncDispose]())))

/** A line to the database that can be cut, jammed and mended. */
async function wire() {
  const { host, port } = stage.admin
  const ends = new Set<Socket>()
  let state: 'good' | 'cut' | 'jammed' = 'good'
  const server = createServer((near) => {
    if (state === 'cut') return void near.destroy()
    const far = host.startsWith('/') ? connect(join(host, `.s.PGSQL.${port}`)) : connect(port, host)
    for (const [end, twin] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end)
      end.on('error', () => twin.destroy()).on('close', () => ends.delete(end) && twin.destroy())
      if (state === 'jammed') end.pause()
      end.on('data', (bytes: Buffer) => twin.write(bytes))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const set = (to: typeof state, act: (end: Socket) => void) => () => {
    state = to
    for (const end of ends) act(end)
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut: set('cut', (end) => end.destroy()),
    jam: set('jammed', (end) => end.pause()),
    mend: set('good', (end) => end.resume()),
    async [Symbol.asyncDispose]() {
      for (const end of ends) end.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
