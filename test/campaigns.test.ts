import assert from 'node:assert/strict'
import { test } from 'node:test'
import { campaigns, held, load } from '../cli/campaign.ts'

for (const name of campaigns())
  test(`${name} holds at small size`, async (t) => {
    const { summary, campaign } = await load(name)
    assert.match(summary, /^[a-z].{10,}/i, 'a campaign says in a sentence what it attacks')
    const said: string[] = []
    const { counts, ok } = held(await campaign('small', (line) => void said.push(line)))
    for (const line of said) t.diagnostic(line)
    assert.ok(ok, `${JSON.stringify(counts)} ${said.slice(-10).join('\n')}`)
  })

test('a campaign that counted nothing has not held', () => {
  assert.equal(held({ counts: {}, ok: true }).ok, false)
  assert.equal(held({ counts: { attempts: 0 }, ok: true }).ok, false)
  assert.equal(held({ counts: { attempts: 1 }, ok: true }).ok, true)
  assert.equal(held({ counts: { attempts: 1 }, ok: false }).ok, false)
})

test('an unknown campaign is told with what there is', async () => {
  await assert.rejects(load('../campaigns.test'), /There is no campaign/)
})
