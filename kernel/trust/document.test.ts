import assert from 'node:assert/strict'
import { test } from 'node:test'
import { securityDocument } from './document.ts'
import { everyState, NOW } from './sample.ts'

test('the document counts each state once and lists every sentence with its state, in the order of the page', () => {
  const document = securityDocument(everyState())
  assert.deepEqual(document.counts, { proven: 1, attested: 1, failing: 1, unknown: 1, 'not claimed': 2 })
  assert.deepEqual(
    document.sections.map(({ sentences }) => sentences.map(({ id, state }) => `${id} ${state}`)),
    [
      ['house-1.1 proven', 'house-1.2 failing', 'house-1.3 unknown'],
      ['house-2.1 attested', 'house-2.2 not claimed', 'house-2.3 not claimed'],
    ],
  )
  assert.deepEqual(document.notClaimed, ['house-2.2', 'house-2.3'])
})

test('each control is shown with its name, when it was checked, when it will be, and how long that counts', () => {
  const [proven] = securityDocument(everyState()).sections[0]!.sentences
  assert.deepEqual(proven, {
    id: 'house-1.1',
    text: { en: 'The wall stands.', ar: 'الجدار قائم.' },
    state: 'proven',
    since: '2026-11-19T12:00:00Z',
    why: null,
    attestation: null,
    controls: [
      {
        name: 'house.wall',
        claim: 'Nothing goes through the wall.',
        state: 'holding',
        checkedAt: '2026-11-20T11:59:00Z',
        nextAt: '2026-11-20T12:01:30Z',
        validUntil: '2026-11-20T12:04:00Z',
        every: '5 minutes',
        saw: 'a ball came back',
        enforcedBy: ['house/wall.ts'],
      },
    ],
  })
})

test('a control that never ran shows no times, and a signature that is missing no name', () => {
  const given = everyState()
  const document = securityDocument({ ...given, latest: new Map(), attestations: new Map() })
  const [proven] = document.sections[0]!.sentences
  const { checkedAt, nextAt, validUntil, saw, state } = proven!.controls[0]!
  assert.deepEqual([checkedAt, nextAt, validUntil, saw, state], [null, null, null, null, 'unknown'])
  const [attested] = document.sections[1]!.sentences
  assert.deepEqual(attested!.attestation, { name: 'keys-kept', by: null, signedAt: null, expiresAt: null })
  assert.equal(document.updatedAt, null)
  assert.equal(document.counts.unknown, 4)
})

test('the page was last updated when a state last changed, not when it was last looked at', () => {
  const document = securityDocument(everyState())
  assert.equal(document.generatedAt, '2026-11-20T12:00:00Z')
  assert.equal(document.updatedAt, '2026-11-20T11:30:00Z', 'the door broke half an hour ago')
  const later = securityDocument({ ...everyState(), now: new Date(NOW.getTime() + 60 * 60_000) })
  assert.equal(later.updatedAt, '2026-11-20T12:04:00Z', 'the evidence for the wall lapsed')
})

test('what is for the auditor alone does not reach the document', () => {
  const text = JSON.stringify(securityDocument(everyState()))
  assert.doesNotMatch(text, /for the auditor|took_ms/)
})

test('files are linked only to a place on the web', () => {
  const source = (given: string) => securityDocument(everyState({ source: given })).source
  assert.equal(source('https://code.example/tree/abc/'), 'https://code.example/tree/abc/')
  for (const other of ['javascript:alert(1)//', 'file:///etc/', '', '//code.example/'])
    assert.equal(source(other), null)
})
