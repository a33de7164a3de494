import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { sampleLog } from '../../../../test/sample-log.ts'
import { bucketIn, copiesBucket } from './bucket.ts'
import { signed } from './signing.ts'

/** The two examples that the definition of the signature works out, with the keys that it prints. */
const ACCESS = {
  key: 'AKIAIOSFODNN7EXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
}
const DAY = new Date('2013-05-24T00:00:00Z')
const signatureOf = (headers: Record<string, string>) => /Signature=(.+)$/.exec(headers['authorization']!)![1]

test('requests are signed as the definition has it', () => {
  const root = 'https://examplebucket.s3.amazonaws.com'
  const read = { method: 'GET', url: new URL(`${root}/test.txt`), body: '', headers: { range: 'bytes=0-9' } }
  assert.equal(
    signatureOf(signed(read, ACCESS, DAY)),
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  )
  const written = {
    method: 'PUT',
    url: new URL(`${root}/test%24file.text`),
    body: 'Welcome to Amazon S3.',
    headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
  }
  assert.equal(
    signatureOf(signed(written, ACCESS, DAY)),
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  )
})

/** A store on a real socket, which takes nothing that is not signed for now. */
async function store() {
  const objects = new Map<string, string>()
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const body = Buffer.concat(pieces).toString('utf8')
      const at = String(headers['x-amz-date']).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z')
      const asked = { method, url: new URL(url, `http://${headers.host}`), body, headers: {} }
      const wanted = signed(asked, ACCESS, new Date(at))['authorization']
      const isSigned = wanted === headers.authorization && Math.abs(Date.parse(at) - Date.now()) < 60_000
      if (isSigned && method === 'PUT') objects.set(url, body)
      response.statusCode = !isSigned ? 403 : method === 'GET' && !objects.has(url) ? 404 : 200
      response.end(method === 'GET' ? objects.get(url) : '')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const setting = (secret: string) =>
    `http://${ACCESS.key}:${encodeURIComponent(secret)}@127.0.0.1:${port}/heads/of-ours`
  return { objects, setting, [Symbol.asyncDispose]: async () => void (await new Promise((end) => server.close(end))) }
}

const headers = async (size: number) => JSON.parse((await sampleLog(size).export(OURS)).split('\n')[0]!) as Header
type Header = { checkpoint: string; origin: string }
const { WORKSPACES } = await import('../../../../test/sample-log.ts')
const OURS = WORKSPACES[0]!

test('the last head is found again, each one is kept, and none that contradicts it is written over it', async () => {
  await using there = await store()
  const [early, late] = [await headers(5), await headers(15)]
  const log = { origin: early.origin, realm: 'pool', epoch: 1 }
  const told: string[] = []
  const keep = async (note: string) => {
    await using place = copiesBucket(there.setting(ACCESS.secret), (event) => void told.push(event), 1)
    place.keep(log, note)
  }
  await using place = copiesBucket(there.setting(ACCESS.secret), (event) => void told.push(event), 1)
  assert.equal(await place.newest(log.origin), undefined)
  await keep(early.checkpoint)
  await keep(late.checkpoint)
  assert.equal((await place.newest(log.origin))?.note, late.checkpoint)
  assert.equal([...there.objects.keys()].filter((name) => !name.endsWith('newest.txt')).length, 2)
  assert.deepEqual(told, [])
  await keep(early.checkpoint)
  assert.deepEqual(told, ['checkpoint contradicts its copy'])
  assert.equal((await place.newest(log.origin))?.note, late.checkpoint)
})

test('a store that refuses is told of, and a setting that would send a secret in the clear is none', async () => {
  await using there = await store()
  const { checkpoint, origin } = await headers(5)
  const told: string[] = []
  const place = copiesBucket(there.setting('another secret'), (event) => void told.push(event), 1)
  place.keep({ origin, realm: 'pool', epoch: 1 }, checkpoint)
  await place[Symbol.asyncDispose]()
  assert.deepEqual([told, [...there.objects.keys()]], [['checkpoint not copied'], []])
  await assert.rejects(place.newest(origin), /answered 403/)
  for (const setting of ['http://a:b@store.example/heads', 'https://store.example/heads', 'https://a:b@store.example/'])
    assert.throws(() => bucketIn(setting), /VOUCHSAFE_CHECKPOINT_BUCKET/)
})
