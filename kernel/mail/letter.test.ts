import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { Writing } from '../postgres/work.ts'
import { asAdmin } from '../tenancy/cluster.ts'
import type { Realm } from '../tenancy/realms.ts'
import { openStage } from '../testing.ts'
import type { Stage } from '../testing.ts'
import { letter } from './letter.ts'
import type { Written } from './letter.ts'
import type { Template } from './templates.ts'

/** What becomes a letter: what was committed, in the workspace of its change, to one address. */
const LOBBY = '00000000-0000-0000-0000-000000000000'
let stage: Stage
let realm: Realm
before(async () => {
  stage = await openStage(jeweller)
  realm = stage.parts.deployment.known.find(({ kind }) => kind === 'pool')!
})
after(() => stage[Symbol.asyncDispose]())
beforeEach(() => sql('delete from mail.letter'))

test('what was rolled back, and what was said in another workspace’s name, is no letter', async () => {
  const recorder = scope()
  {
    await using work = new Writing(pool(), recorder)
    await work.as(recorder, [letterTo('asha@example.com')])
  }
  assert.deepEqual(await rows(), [])
  const { workspace } = await stage.parts.deployment.createWorkspace('pool')
  await assert.rejects(write('asha@example.com', workspace), { code: '42501' })
  assert.deepEqual(await rows(), [])
})

test('an address that is more than one address is refused by the table: mail injection (ASVS 1.3.11)', async () => {
  for (const to of [
    'asha@example.com\r\nBcc: all@example.com',
    'asha@example.com\nall@example.com',
    'asha@example.com\r',
    'asha@example.com, all@example.com',
    'asha@example.com;all@example.com',
    'Asha <asha@example.com>',
    '"asha@elsewhere.example x"@example.com',
    'asha@elsewhere.example@example.com',
    'all:asha@example.com;',
    'asha@example.com\u0000',
    'asha@[127.0.0.1]',
    'asha',
    '',
    `${'a'.repeat(250)}@example.com`,
  ])
    await assert.rejects(write(to), JSON.stringify(to))
  assert.deepEqual(await rows(), [])
})

test('what was committed is one letter, and it belongs to the workspace of its change', async () => {
  await write('asha@example.com')
  const [row, ...more] = await rows()
  assert.deepEqual(
    [row!['workspace_id'], row!['recipient'], row!['template'], more],
    [LOBBY, 'asha@example.com', 'sign-in-link', []],
  )
})

test('a letter that could not be written is refused to the change that asks for it', () => {
  const ask =
    (values: Record<string, unknown>, template = 'sign-in-link') =>
    () =>
      letter(stage.parts.vault, {
        workspace: LOBBY,
        to: 'asha@example.com',
        template,
        locale: 'en',
        values,
      } as Written<Template>)
  const good = { link: '/in#link_secret', expires: new Date() }
  assert.doesNotThrow(ask(good))
  assert.throws(ask({ ...good, link: 'https://elsewhere.example/in' }), TypeError)
  assert.throws(ask({ link: good.link }), TypeError)
  assert.throws(ask({ ...good, expires: 'soon' }), RangeError)
  assert.throws(ask(good, 'advertisement'), TypeError)
})

const pool = () => stage.parts.deployment.realms.open(realm)
const scope = () => ({ role: stage.parts.deployment.names.recorder, schema: 'audit', workspace: LOBBY })

const letterTo = (to: string, workspace = LOBBY) =>
  letter(stage.parts.vault, {
    workspace,
    to,
    template: 'sign-in-link',
    locale: 'ar',
    values: { link: '/in#link_secret', expires: new Date() },
  })

async function write(to: string, workspace?: string) {
  const recorder = scope()
  await using work = new Writing(pool(), recorder)
  await work.commit(recorder, [letterTo(to, workspace)])
}

const sql = (text: string) =>
  asAdmin(stage.admin, realm.database, async (client) => (await client.query<Record<string, unknown>>(text)).rows)
const rows = () => sql('select * from mail.letter')
