import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, test } from 'node:test'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { identityFor, mailServer, readLetter } from '../../test/mailserver.ts'
import type { MailServer } from '../../test/mailserver.ts'
import { exportOf, verified } from '../../test/sealed.ts'
import { asAdmin } from '../tenancy/cluster.ts'
import { openStage } from '../testing.ts'
import type { Stage } from '../testing.ts'
import { ownCertificate } from '../transport/certificate.ts'
import { sealerOf } from './open.ts'
import { serve } from './serve.ts'
import { callIn, openWorkspace } from './workspaces.ts'
import type { Opened } from './workspaces.ts'

/** Heads in somebody's mailbox: over a real mail server, and once, however many seal. */
let stage: Stage
let mail: MailServer
let north: Opened
const opened = new AsyncDisposableStack()
before(async () => {
  mail = opened.use(await mailServer({ identity: await identityFor('127.0.0.1') }))
  stage = opened.use(await openStage(jeweller))
  const { parts, folder } = stage
  parts.headsTo = 'auditor@example.com'
  const from = { name: 'Jeweller', address: 'no-reply@example.com' }
  const smtp = { host: '127.0.0.1', port: mail.port, encryption: 'none', ca: undefined, auth: undefined, from } as const
  const certificate = await ownCertificate(folder, ['localhost'])
  opened.use(await serve(parts, { host: '127.0.0.1', port: 0, tlsPort: 0, certificate, probing: false, smtp }))
  north = await openWorkspace(parts, 'North', 'pool')
})
after(() => opened.disposeAsync())

async function until<Found>(find: () => Promise<Found | undefined> | Found | undefined): Promise<Found> {
  for (const end_ms = Date.now() + 90_000; ; await sleep(50)) {
    const found = await find()
    if (found !== undefined) return found
    assert.ok(Date.now() < end_ms, 'it did not come')
  }
}
const letters = () => mail.received.filter(({ to }) => to[0] === 'auditor@example.com')

test('the first head brings a letter, whose lines are what an export is verified with', async () => {
  const { headers, parts } = readLetter((await until(() => letters()[0])).raw)
  assert.match(headers.get('subject')![0]!, /Heads of the audit logs/)
  const text = parts.get('text/plain')!
  assert.match(text, /vouchsafe audit verify EXPORT --since FILE/)
  const note = /^vouchsafe\/[^\n]+\n\d+\n[^\n]+\n\n(?:— [^\n]+\n)+/m.exec(text)![0]
  await callIn(stage.parts, north.place)('shop.customer.create', { name: 'Later' })
  const told = await until(async () => {
    try {
      return await exportOf(stage.parts, north.place, [note])
    } catch (error) {
      assert.match(String(error), /Ask again/)
      return undefined
    }
  })
  const { status, said } = await verified(told, '--since', note)
  assert.equal(status, 0, said)
  assert.ok(parts.get('text/html')!.includes(note.split('\n')[2]!))
})

test('of all that seal, one writes the letter of a day', async () => {
  const { parts, admin } = stage
  for (let n = 0; n < 3; n++) {
    await callIn(parts, north.place)('shop.customer.create', { name: `Customer ${n}` })
    await using one = sealerOf(parts)
    await using other = sealerOf(parts)
    await Promise.all([one.settled(north.place.realm), other.settled(north.place.realm)])
  }
  const rows = await asAdmin(admin, north.place.realm.database, async (client) => {
    const text = `select recipient from mail.letter where template = 'heads'`
    return (await client.query<{ recipient: string }>(text)).rows
  })
  assert.deepEqual(rows, [{ recipient: 'auditor@example.com' }])
  assert.equal(letters().length, 1)
})
