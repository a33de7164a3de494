import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { TLSSocket } from 'node:tls'
import { Trouble } from '../base/trouble.ts'
import { ownCertificate } from '../transport/certificate.ts'
import type { Certificate } from '../transport/certificate.ts'
import { Pool } from './pool.ts'
import { loginOf } from './url.ts'

const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-url-'))
after(() => rmSync(folder, { recursive: true }))

const verified = { rejectUnauthorized: true }
const good: Record<string, object> = {
  'postgres://sam:secret@db.example/shop': {
    host: 'db.example',
    port: 5432,
    user: 'sam',
    password: 'secret',
    database: 'shop',
    ssl: verified,
  },
  'postgresql://sam:secret@db.example:6543/shop': { host: 'db.example', port: 6543, ssl: verified },
  'postgres://s%40m:p%3Aa%2Fs%25@db.example/my_shop': { user: 's@m', password: 'p:a/s%', database: 'my_shop' },
  'postgres://sam@db.example/shop?sslmode=verify-full': { password: '', ssl: verified },
  'postgres://sam:x@[2001:db8::7]:5433/shop': { host: '2001:db8::7', port: 5433, ssl: verified },
  'postgres://sam:x@localhost/shop': { host: 'localhost', ssl: false },
  'postgres://sam:x@127.0.0.1/shop?sslmode=disable': { host: '127.0.0.1', ssl: false },
  'postgres://sam:x@[::1]/shop': { host: '::1', ssl: false },
  'postgres://sam:x@localhost/shop?sslmode=verify-full': { ssl: verified },
  'postgres://sam:x@localhost/shop?host=/run/postgresql': { host: '/run/postgresql', ssl: false },
  'postgres://sam:x@%2Frun%2Fpostgresql/shop': { host: '/run/postgresql', ssl: false },
  // What looks like this machine and is not.
  'postgres://sam:x@localhost.example/shop': { ssl: verified },
  'postgres://sam:x@127.0.0.1.example/shop': { ssl: verified },
  'postgres://sam:x@10.0.0.7/shop?host=db.example': { host: 'db.example', ssl: verified },
}
for (const [address, expected] of Object.entries(good))
  test(`DATABASE_URL ${address} is understood`, () => {
    const login = loginOf(address)
    assert.deepEqual({ ...login, ...expected }, login)
  })

const bad = [
  '',
  'db.example',
  'mysql://sam:x@db.example/shop',
  'http://sam:x@db.example/shop',
  'postgres://',
  'postgres://db.example/shop',
  'postgres://sam:x@db.example',
  'postgres://sam:x@db.example/',
  'postgres://sam:x@db.example:port/shop',
  'postgres://sam:x@db.example:99999/shop',
  'postgres://sam:x@db.example/shop?sslmode=disable',
  'postgres://sam:x@db.example/shop?sslmode=require',
  'postgres://sam:x@db.example/shop?sslmode=prefer',
  'postgres://sam:x@db.example/shop?sslmode=verify-ca',
  'postgres://sam:x@localhost/shop?sslmode=allow',
  'postgres://sam:x@localhost/shop?sslmode=',
  'postgres://sam:x@db.example/shop?options=-c%20row_security%3Doff',
  'postgres://sam:x@db.example/shop?application_name=x',
  'postgres://sam:x@localhost/shop?sslmode=verify-full&sslmode=disable',
  'postgres://sam:x@localhost/shop?host=db.example&host=localhost',
  'postgres://sam:100%@db.example/shop',
  'postgres://sam:x@db.example/100%',
  'postgres://sam%zz:x@db.example/shop',
  'postgres://sam:x@db.example/shop?sslrootcert=/nowhere/root.pem',
  ' ',
]
for (const address of bad)
  test(`DATABASE_URL ${JSON.stringify(address)} ends with a sentence that holds no password`, () => {
    assert.throws(
      () => loginOf(address),
      (error) => {
        assert.ok(error instanceof Trouble, String(error))
        assert.match(error.message, /^[A-Z].*\.$/)
        assert.ok(!/:x@|100%|:secret/.test(error.message))
        return true
      },
    )
  })

test('the password leaves only towards a server whose name somebody vouches for (ASVS 12.3.1, 12.3.2)', async () => {
  const ours = await ownCertificate(join(folder, 'ours'), ['localhost'])
  const stranger = await ownCertificate(join(folder, 'stranger'), ['localhost'])
  const elsewhere = await ownCertificate(join(folder, 'elsewhere'), ['db.example'])
  const byAddress = await ownCertificate(join(folder, 'address'), ['127.0.0.1'])
  assert.equal(await reached(ours, 'localhost', 'ours'), 'greeted')
  assert.equal(await reached(byAddress, '127.0.0.1', 'address'), 'greeted')
  assert.equal(await reached(stranger, 'localhost', 'ours'), 'nothing')
  assert.equal(await reached(elsewhere, 'localhost', 'elsewhere'), 'nothing')
  assert.equal(await reached(elsewhere, '127.0.0.1', 'elsewhere'), 'nothing')
  assert.equal(
    await reached(ours, '127.0.0.1', 'ours'),
    'nothing',
    'a certificate for localhost is none for an address',
  )
  assert.equal(
    await reached(undefined, 'localhost', 'ours'),
    'nothing',
    'a server that does not encrypt is not talked to',
  )
})

/** What a server hears that presents this certificate: the greeting carries the user, then comes the password. */
async function reached(
  presented: Certificate | undefined,
  host: string,
  trusted: string,
): Promise<'greeted' | 'nothing'> {
  let heard: 'greeted' | 'nothing' = 'nothing'
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.write(presented ? 'S' : 'N')
      if (!presented) return socket.once('data', () => (heard = 'greeted'))
      const tls = new TLSSocket(socket, { isServer: true, ...presented })
      tls.on('error', () => undefined)
      return tls.once('data', () => {
        heard = 'greeted'
        tls.end()
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const root = encodeURIComponent(join(folder, trusted, 'certificate.pem'))
  const pool = new Pool(
    loginOf(`postgres://sam:secret@${host}:${port}/shop?sslmode=verify-full&sslrootcert=${root}`),
    1,
  )
  await assert.rejects(pool.run([{ text: 'select 1' }]), { status: 503 })
  for (const socket of open) socket.destroy()
  await pool.end()
  await new Promise((resolve) => server.close(resolve))
  return heard
}
