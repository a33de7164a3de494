import assert from 'node:assert/strict'
import { test } from 'node:test'
import { longLog } from '../../../test/long-log.ts'

const { verify } = (await import(new URL('./verifier.mjs', import.meta.url).href)) as { verify: Verify }
type Verify = (pieces: AsyncIterable<Buffer>, given?: object, progress?: (lines: number) => void) => Promise<Section[]>
type Section = { seq: number; gone: { counts: object } }

test('an export is read as a stream, and each line is told when it is checked', async () => {
  const told: number[] = []
  const [section] = await verify(longLog(2_500), {}, (lines) => told.push(lines))
  assert.equal(section!.seq, 2_500)
  assert.deepEqual(section!.gone.counts, { who: 825, what: 0 })
  assert.deepEqual(
    told,
    Array.from({ length: 2_502 }, (_, at) => at + 1),
  )
})

test('an export that changes after thousands of entries is refused there', async () => {
  async function* changed() {
    for await (const line of longLog(2_500)) yield Buffer.from(String(line).replace('"amount":2222', '"amount":2223'))
  }
  await assert.rejects(verify(changed()), /^Error: Line 2224 \(entry 2223\): what is not what was sealed/)
})
