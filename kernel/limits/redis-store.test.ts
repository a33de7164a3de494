import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { lacksRedis, startRedis } from '../../test/redis.ts'
import { spendElsewhere } from '../../test/spender.ts'
import { readConfig } from '../base/config.ts'
import { Trouble } from '../base/trouble.ts'
import { ownCertificate } from '../transport/certificate.ts'
import { createAttempts, insistOnAttempt } from './attempts.ts'
import { redisStore } from './redis-store.ts'

/** What a Redis can do to us: be away, be silent, come back, forget nothing, or be somebody else. */
const skip = lacksRedis
const someone = () => ({ network: randomUUID(), account: randomUUID() })
const plain = (text: string) => text.slice(0, 48)
const UNAVAILABLE = { status: 503, code: 'unavailable', retryAfter_s: 1 }

test('while Redis is away attempts are refused, never allowed (ASVS 16.5.3, row 36)', { skip }, async () => {
  const told: string[] = []
  await using redis = await startRedis()
  await using store = await redisStore(redis.url, 'away', (event) => told.push(event))
  const attempts = createAttempts(store, plain)
  const who = someone()
  for (let turn = 0; turn < 10; turn += 1) assert.ok((await attempts.spend('sign-in', who)).allowed)
  await redis.stop()
  for (let turn = 0; turn < 20; turn += 1) await assert.rejects(insistOnAttempt(attempts, 'sign-in', who), UNAVAILABLE)
  await assert.rejects(attempts.forgive('sign-in', who), UNAVAILABLE)
  await assert.rejects(store.share([{ key: 'read x', owed_s: 1, window_s: 60 }]))
  await redis.start()
  const answers = () =>
    attempts.spend('sign-in', someone()).then(
      () => true,
      () => false,
    )
  while (!(await answers())) await sleep(20)
  const { allowed, reset_s } = await attempts.spend('sign-in', who)
  assert.ok(allowed || reset_s > 0)
  assert.equal((await attempts.spend('sign-in', who)).allowed, false, 'its restart forgot nothing')
  assert.deepEqual(told, ['redis is lost'])
})

test('a server that takes the connection and says nothing is refused in time (row 36)', async () => {
  const sockets: Socket[] = []
  const mute = createServer((socket) => void sockets.push(socket.resume())).listen(0, '127.0.0.1')
  await new Promise((resolve) => mute.once('listening', resolve))
  const { port } = mute.address() as AddressInfo
  await assert.rejects(redisStore(`redis://127.0.0.1:${port}`, 'mute'), Trouble)
  sockets.forEach((socket) => socket.destroy())
  mute.close()
})

test('a Redis that is not there ends the start with a sentence that names the setting', async () => {
  for (const url of ['redis://127.0.0.1:1', 'rediss://127.0.0.1:1'])
    await assert.rejects(
      redisStore(url, 'nowhere'),
      (error) => error instanceof Trouble && /REDIS_URL/.test(error.message),
    )
  for (const REDIS_URL of ['http://localhost', 'localhost:6379', 'redis'])
    assert.throws(() => readConfig({ REDIS_URL }), /^Error: Set REDIS_URL to .*rediss:\/\//)
  assert.equal(readConfig({ REDIS_URL: 'rediss://:p%40ss@cache.example:6380/1' }).redisUrl?.startsWith('rediss:'), true)
  assert.equal(readConfig({}).redisUrl, undefined)
})

test(
  'a certificate that nobody vouches for, or of another name, is refused (ASVS 12.3.1, 12.3.2)',
  { skip },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-redis-tls-'))
    const { cert, key } = await ownCertificate(folder, ['localhost'])
    const files = { cert: join(folder, 'cert'), key: join(folder, 'key') }
    writeFileSync(files.cert, cert)
    writeFileSync(files.key, key, { mode: 0o600 })
    {
      await using redis = await startRedis(files)
      await assert.rejects(redisStore(redis.url, 'unknown'), Trouble)
      const asked = { who: someone(), count: 3, redis: redis.url, authority: join(folder, 'authority.pem') }
      assert.equal(await spendElsewhere(asked), 3)
      await assert.rejects(spendElsewhere({ ...asked, redis: redis.url.replace('localhost', '127.0.0.1') }), /altnames/)
    }
    rmSync(folder, { recursive: true })
  },
)
