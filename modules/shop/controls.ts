import { control } from '#kernel'
import type { Canary, Live } from '#kernel'

export const money = control({
  claim: 'Money is kept in whole minor units, and an issued invoice is the sum of its lines to the last of them.',
  enforcedBy: [
    'modules/shop/pricing/price.ts',
    'modules/shop/pricing/rounding.ts',
    'modules/shop/pricing/taxing.ts',
    'modules/shop/migrations/0003_invoices.sql',
    'modules/shop/migrations/0004_final_invoices.sql',
    'modules/shop/migrations/0006_terms.sql',
  ],
  every: '1 hour',
  async probe(live) {
    const wrong: string[] = []
    for (const { north, south } of live.canaries) {
      wrong.push(...(await inexactColumns(north, live)))
      for (const canary of [north, south]) wrong.push(...(await wrongSums(canary)))
    }
    const saw =
      wrong.length === 0 ? 'every amount is a whole number, and issued invoices add up' : 'amounts do not add up'
    return { holds: wrong.length === 0, saw, detail: wrong }
  },
  /** An amount is changed in a way that each row alone would allow: only the sum of the lines can tell. */
  async sabotage({ canaries }) {
    const [{ north } = nobody()] = canaries
    await raiseFirstLine(north, 1)
    return () => raiseFirstLine(north, -1)
  },
})

/** Newest first: what was issued since the last look is what matters. */
const MOST_CHECKED = 10

const COLUMNS = `
  select n.nspname || '.' || c.relname || '.' || a.attname as name, coalesce(b.typname, e.typname, t.typname) as type
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'v', 'm')
  join pg_namespace n on n.oid = c.relnamespace
  join pg_type t on t.oid = a.atttypid
  left join pg_type b on b.oid = nullif(t.typbasetype, 0)
  left join pg_type e on e.oid = nullif(t.typelem, 0) and t.typcategory = 'A'
  where n.nspname = any($1) and a.attnum > 0 and not a.attisdropped`

async function inexactColumns({ catalogue }: Canary, { tables }: Live): Promise<string[]> {
  const rows = (await catalogue(COLUMNS, [Object.keys(tables)])) as { name: string; type: string }[]
  const amounts = rows.filter(({ name }) => name.endsWith('_minor'))
  if (amounts.length === 0) return ['no amount was found to look at']
  const inexact = rows.filter(({ type }) => ['float4', 'float8', 'numeric', 'money'].includes(type))
  return [...inexact, ...amounts.filter(({ type }) => type !== 'int8')].map(({ name, type }) => `${name} is ${type}`)
}

type Amounts = { taxableMinor: number; taxMinor: number; totalMinor: number }
type Whole = Amounts & { id: string; roundOffMinor: number; lines: Amounts[] }

async function wrongSums(canary: Canary): Promise<string[]> {
  const told = await canary.call('shop.invoice.list', { status: 'issued', limit: MOST_CHECKED })
  const recent = told.status === 200 ? (told.json().data as { id: string }[]).map(({ id }) => id) : []
  const wrong: string[] = []
  // The planted one is always among them: a list that came back empty must not look like a sum that holds.
  for (const id of new Set([canary.thing('invoice'), ...recent])) {
    const answer = await canary.call('shop.invoice.get', { id })
    if (answer.status !== 200) wrong.push(`invoice ${id} cannot be read: ${answer.status}`)
    else if (!addsUp(answer.json() as Whole)) wrong.push(`invoice ${id} is not the sum of its lines`)
  }
  return wrong
}

const addsUp = ({ lines, taxableMinor, taxMinor, roundOffMinor, totalMinor }: Whole) =>
  lines.length > 0 &&
  [...lines.flatMap(Object.values), taxableMinor, taxMinor, roundOffMinor, totalMinor]
    .filter(isAmount)
    .every(Number.isSafeInteger) &&
  sum(lines, 'taxableMinor') === taxableMinor &&
  sum(lines, 'taxMinor') === taxMinor &&
  sum(lines, 'totalMinor') + roundOffMinor === totalMinor &&
  taxableMinor + taxMinor + roundOffMinor === totalMinor

const isAmount = (value: unknown) => typeof value === 'number'

const sum = (lines: readonly Amounts[], part: keyof Amounts) => lines.reduce((total, line) => total + line[part], 0)

/** As whoever owns the tables could: past the trigger that keeps issued lines as they are, and leaving it as it was. */
async function raiseFirstLine(canary: Canary, by_minor: number) {
  await canary.catalogue(`do $$ begin
    perform set_config('app.workspace', '${canary.workspace}', true);
    alter table shop.invoice_line disable trigger keep_final;
    update shop.invoice_line
      set making_minor = making_minor + (${by_minor}), taxable_minor = taxable_minor + (${by_minor}),
          total_minor = total_minor + (${by_minor})
      where workspace_id = '${canary.workspace}' and invoice_id = '${canary.thing('invoice')}' and position = 1;
    alter table shop.invoice_line enable trigger keep_final;
  end $$`)
}

function nobody(): never {
  throw new Error('there is no canary to change')
}
