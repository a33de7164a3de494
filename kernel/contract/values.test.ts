import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Pool } from '../postgres/pool.ts'
import { testServer } from '../testing.ts'
import { Day, Id, Moment, Money, SignedMoney } from './values.ts'

/** What a schema accepts, Postgres must take and give back in a form that the same schema accepts again. */
let server: Awaited<ReturnType<typeof testServer>>
let pool: Pool
before(async () => {
  server = await testServer()
  pool = new Pool(server.admin, 1)
})
after(async () => {
  await pool.end()
  await server.stop()
})

const YEARS = ['0000', '0001', '0099', '0999', '1582', '1900', '1969', '1970', '2024', '2026', '2038', '9998', '9999']
const DAYS = ['01-01', '01-02', '02-28', '02-29', '06-30', '10-10', '12-30', '12-31']
const TIMES = [
  '00:00:00',
  '23:59:59',
  '23:59:59.9',
  '23:59:59.999999',
  '23:59:59.9999999999',
  '12:34:56.123456789',
  '12:34',
]
const ZONES = [
  'Z',
  '+00:00',
  '-00:00',
  '+05:30',
  '-12:00',
  '+14:00',
  '-14:59',
  '+15:00',
  '+15:59',
  '+16:00',
  '+23:59',
  '-23:59',
]

test('every moment that is accepted is stored as that moment, and comes back as one', async () => {
  const all = YEARS.flatMap((year) =>
    DAYS.flatMap((day) => TIMES.flatMap((time) => ZONES.map((zone) => `${year}-${day}T${time}${zone}`))),
  )
  const accepted = all.filter((moment) => Moment.safeParse(moment).success)
  assert.ok(accepted.length > 1_000 && accepted.length < all.length)
  const [told] = await pool.run([{ text: 'select m::timestamptz as at from unnest($1::text[]) m', values: [accepted] }])
  told!.rows.forEach(({ at }, n) => {
    assert.ok(Moment.safeParse(at).success, `${accepted[n]} came back as ${String(at)}`)
    const off_ms = Math.abs(Date.parse(String(at)) - Date.parse(accepted[n]!))
    assert.ok(off_ms <= 1, `${accepted[n]} became ${String(at)}`)
  })
})

test('every day that is accepted comes back as it was', async () => {
  const all = YEARS.flatMap((year) => DAYS.map((day) => `${year}-${day}`))
  const accepted = all.filter((day) => Day.safeParse(day).success)
  assert.ok(accepted.length > 50 && accepted.length < all.length)
  const [told] = await pool.run([{ text: 'select d::date as day from unnest($1::text[]) d', values: [accepted] }])
  assert.deepEqual(
    told!.rows.map(({ day }) => day),
    accepted,
  )
})

test('what is neither a moment nor a day is refused', () => {
  for (const no of [
    '',
    'now',
    'infinity',
    'epoch',
    '2026-02-30',
    '2026-11-20 09:00:00Z',
    '2026-11-20T09:00:00',
    '+02026-11-20T09:00:00Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T09:00:00z',
  ])
    assert.equal(Moment.safeParse(no).success, false, no)
  for (const no of [
    '',
    'today',
    '20261120',
    '2026-1-1',
    '2026-02-30',
    '10000-01-01',
    '2026-11-20T00:00:00Z',
    '0000-01-01',
  ])
    assert.equal(Day.safeParse(no).success, false, no)
})

test('every amount that is accepted is one that a bigint and JavaScript both hold', async () => {
  const edges = [0, 1, Number.MAX_SAFE_INTEGER, -1, Number.MIN_SAFE_INTEGER]
  const accepted = edges.filter((amount) => SignedMoney.safeParse(amount).success)
  assert.deepEqual(accepted, edges)
  const [told] = await pool.run([
    { text: 'select a::bigint as amount from unnest($1::text[]) a', values: [accepted.map(String)] },
  ])
  assert.deepEqual(
    told!.rows.map(({ amount }) => amount),
    accepted,
  )
  for (const no of [-1, 0.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN, Number.POSITIVE_INFINITY, '1', null])
    assert.equal(Money.safeParse(no).success, false, String(no))
})

test('every id that is accepted is one to Postgres', async () => {
  const ids = [
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '01A1F848-DA0A-77A5-B12D-19E77FBB8427',
  ]
  const accepted = ids.filter((id) => Id.safeParse(id).success)
  await pool.run([{ text: 'select i::uuid from unnest($1::text[]) i', values: [accepted] }])
  for (const no of ['', '{01a1f848-da0a-77a5-b12d-19e77fbb8427}', '01a1f848da0a77a5b12d19e77fbb8427', `${ids[2]!} `])
    assert.equal(Id.safeParse(no).success, false, no)
})
