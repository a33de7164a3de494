import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { openStage } from '../../testing.ts'
import type { Stage } from '../../testing.ts'
import { ownAuthority, vouchFor } from '../../transport/authority.ts'
import type { Pair } from '../../transport/authority.ts'
import { givenCertificate } from '../../transport/certificate.ts'
import { serve } from '../serve.ts'

/** A deployment whose certificate somebody else renews, as an ACME client does: two files, one after the other. */
let stage: Stage
before(async () => {
  stage = await openStage(jeweller)
})
after(() => stage[Symbol.asyncDispose]())

const DAY_ms = 86_400_000

test('a renewed certificate reaches new visitors, and no connection is dropped (ASVS 12.2.2)', async () => {
  const folder = join(stage.folder, 'renewed')
  mkdirSync(folder, { recursive: true })
  const authority = await ownAuthority(folder, ['localhost'])
  const life = { from: new Date(Date.now() - DAY_ms), to: new Date(Date.now() + 90 * DAY_ms) }
  const [first, second] = [
    await vouchFor(authority, ['localhost'], life),
    await vouchFor(authority, ['localhost'], life),
  ]
  const paths = { cert: join(folder, 'fullchain.pem'), key: join(folder, 'privkey.pem') }
  const put = ({ cert, key }: Pair) => (writeFileSync(paths.cert, cert), writeFileSync(paths.key, key))
  put(first)
  await using served = await serve(stage.parts, {
    host: '127.0.0.1',
    port: 0,
    tlsPort: 0,
    certificate: givenCertificate(paths),
    certificates: () => givenCertificate(paths),
    probing: false,
  })
  const { tlsPort: port } = served.listening
  const kept = new Agent({ keepAlive: true, maxSockets: 1, ca: authority.cert, servername: 'localhost' })
  const ask = async () => {
    const asked = request({ port, host: '127.0.0.1', path: '/livez', agent: kept }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()
    await once(answer, 'end')
    return { status: answer.statusCode, isSame: asked.reusedSocket }
  }
  try {
    assert.deepEqual(await ask(), { status: 200, isSame: false })
    assert.equal(await shownAt(port, authority), fingerprint(first))
    put(second)
    while ((await shownAt(port, authority)) !== fingerprint(second)) await sleep(200)
    assert.deepEqual(await ask(), { status: 200, isSame: true }, 'on the connection that stood before')
    assert.equal((await served.live.http('/livez')).status, 200)
  } finally {
    kept.destroy()
  }
})

const fingerprint = ({ cert }: Pair) => new X509Certificate(cert).fingerprint256

/** What a new visitor is shown, who trusts the authority and nobody else. */
async function shownAt(port: number, { cert }: Pair): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: cert })
  try {
    await once(socket, 'secureConnect')
    return socket.getPeerX509Certificate()!.fingerprint256
  } finally {
    socket.destroy()
  }
}
