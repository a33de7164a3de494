/**
 * Two processes of one deployment, and sixty-four requests that want the same thing at the same moment: what may happen
 * once happens once, what is numbered has no gap, and what was revoked opens nowhere.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Result, Say, Size } from '../../cli/campaign.ts'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { serve } from '../../kernel/serve/serve.ts'
import { openWorkspace } from '../../kernel/serve/workspaces.ts'
import { openStage } from '../../kernel/testing.ts'
import { ownCertificate } from '../../kernel/transport/certificate.ts'
import { knockAt } from '../knock.ts'
import type { Knock } from '../knock.ts'
import { secondProcess } from '../second.ts'

export const summary = 'races sixty-four requests in two processes for keys, numbers and answers that there is one of'

const ROUNDS: Record<Size, number> = { small: 2, full: 60 }
const AT_ONCE = 64
/** A revoked key opens nothing after this long. */
const REVOKED_WITHIN_MS = 1_000

type Answer = { status: number; text: string; body: { id: string; code: string; token: string; number: number } }
type Ask = (
  at: number,
  name: string,
  input: object,
  headers?: Record<string, string>,
  token?: string,
) => Promise<Answer>
type Racing = { ask: Ask; round: number }
type Race = (racing: Racing) => Promise<number>

export async function campaign(size: Size, say: Say): Promise<Result> {
  await using stage = await openStage(jeweller)
  const { parts, admin, folder } = stage
  const certificate = await ownCertificate(folder, ['localhost'])
  await using served = await serve(parts, { host: '127.0.0.1', port: 0, tlsPort: 0, certificate, probing: false })
  await using second = await secondProcess({ admin, deployment: parts.deployment.names.deployment, folder })
  const { token } = await openWorkspace(parts, 'Racers', 'pool')
  using here = knockAt(served.listening.port, AT_ONCE)
  using there = knockAt(second.port, AT_ONCE)
  const ask = askThrough([here, there], token)
  const counts = { rounds: 0, requests: 0, 'broken races': 0 }
  for (let round = 0; round < ROUNDS[size]; round++) {
    for (const [name, race] of Object.entries(races)) {
      const broken = await race({ ask: (...asked) => (counts.requests++, ask(...asked)), round })
      if (broken) say(`round ${round}, ${name}: ${broken} broken`)
      counts['broken races'] += broken
    }
    counts.rounds++
    if (counts.rounds % 10 === 0) say(`${counts.rounds} rounds`)
  }
  return { counts, ok: counts['broken races'] === 0 }
}

const races: Record<string, Race> = {
  /** One key, one payload: one change, and every answer is the same. */
  async idempotency({ ask, round }) {
    const name = `Once ${round}`
    const headers = { 'idempotency-key': `once-${round}` }
    const answers = await all((at) => ask(at, 'shop.customer.create', { name }, headers))
    const texts = new Set(answers.filter(({ status }) => status === 200).map(({ text }) => text))
    const others = answers.filter(({ status, body }) => status !== 200 && body.code !== 'idempotency-key-in-use')
    const found = await ask(0, 'shop.customer.list', { search: name, limit: 200 })
    return count(texts.size !== 1, others.length > 0, named(found, name) !== 1)
  },

  /** The same key for other payloads: one of them wins, the others are told that it is taken or in use. */
  async 'idempotency with other payloads'({ ask, round }) {
    const headers = { 'idempotency-key': `other-${round}` }
    const answers = await all((at) => ask(at, 'shop.customer.create', { name: `Other ${round} ${at}` }, headers))
    const found = await ask(1, 'shop.customer.list', { search: `Other ${round} `, limit: 200 })
    const refused = ['idempotency-key-in-use', 'idempotency-key-reused']
    const odd = answers.filter(({ status, body }) => status !== 200 && !refused.includes(body.code))
    return count(statuses(answers)[200] !== 1, odd.length > 0, rowsOf(found).length !== 1)
  },

  async 'a phone number stands on one card'({ ask, round }) {
    const phone = `+1555${String(round).padStart(6, '0')}`
    const answers = await all((at) => ask(at, 'shop.customer.create', { name: 'Racer', phone }))
    return count(statuses(answers)[200] !== 1, statuses(answers)[409] !== AT_ONCE - 1)
  },

  async 'a key has one successor'({ ask, round }) {
    const { body: key } = await ask(0, 'identity.key.create', { name: 'Raced', role: 'cashier' })
    const answers = await all((at) => ask(at, 'identity.key.rotate', { id: key.id, graceHours: round % 2 }))
    return count(statuses(answers)[200] !== 1, statuses(answers)[409] !== AT_ONCE - 1)
  },

  async 'a key that is revoked while it is replaced opens nowhere'({ ask }) {
    const { body: key } = await ask(0, 'identity.key.create', { name: 'Raced', role: 'cashier' })
    const opens = async (token: string) =>
      (await Promise.all([0, 1].map((at) => ask(at, 'identity.workspace.get', {}, {}, token)))).filter(
        ({ status }) => status === 200,
      ).length
    const known = await opens(key.token)
    const revoke = (at: number) => ask(at, 'identity.key.revoke', { id: key.id })
    const replace = (at: number) => ask(at, 'identity.key.rotate', { id: key.id, graceHours: 24 })
    const answers = await all((at) => (at % 4 < 2 ? revoke(at) : replace(at)))
    const odd = answers.filter(({ status, body }) => status !== 200 && body.code !== 'key_is_over')
    const heirs = new Set(answers.filter(({ status }) => status === 200).flatMap(({ body }) => body.token ?? []))
    await sleep(REVOKED_WITHIN_MS)
    const living = await Promise.all([...heirs].map(opens))
    return count(
      known !== 2,
      odd.length > 0,
      heirs.size > 1,
      (await opens(key.token)) > 0,
      living.some((both) => both !== 2),
    )
  },

  async 'invoice numbers have no gap'({ ask, round }) {
    const series = `R${round}`
    const { body: buyer } = await ask(0, 'shop.customer.create', { name: 'Buyer' })
    const made = await all((at) => ask(at, 'shop.invoice.draft', { ...order(series), customerId: buyer.id }))
    const issued = await Promise.all(made.map(({ body }, at) => ask(at + 1, 'shop.invoice.issue', { id: body.id })))
    const numbers = issued.map(({ body }) => body.number).toSorted((a, b) => a - b)
    const once = await all((at) => ask(at, 'shop.invoice.issue', { id: made[round % AT_ONCE]!.body.id }))
    return count(
      numbers.some((number, at) => number !== at + 1),
      statuses(once)[409] !== AT_ONCE,
    )
  },

  async 'one draft is issued once'({ ask, round }) {
    const series = `O${round}`
    const { body: buyer } = await ask(0, 'shop.customer.create', { name: 'Buyer' })
    const draft = () => ask(0, 'shop.invoice.draft', { ...order(series), customerId: buyer.id })
    const [first, next] = [await draft(), await draft()]
    const answers = await all((at) => ask(at, 'shop.invoice.issue', { id: first.body.id }))
    const after = await ask(1, 'shop.invoice.issue', { id: next.body.id })
    return count(statuses(answers)[200] !== 1, statuses(answers)[409] !== AT_ONCE - 1, after.body.number !== 2)
  },
}

const all = (make: (at: number) => Promise<Answer>) => Promise.all(Array.from({ length: AT_ONCE }, (_, at) => make(at)))

const count = (...broken: readonly boolean[]) => broken.filter(Boolean).length

function statuses(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

const rowsOf = ({ text }: Answer) => (JSON.parse(text) as { data: { name: string }[] }).data
const named = (found: Answer, name: string) => rowsOf(found).filter((row) => row.name === name).length

const order = (series: string) => ({
  currency: 'INR',
  series,
  lines: [{ description: 'Ring', metal: 'gold', purity: 916, weightMg: 3_217, rateMinor: 1_179_850, taxPerMille: 30 }],
})

/** Even requests go to one process, odd ones to the other. */
function askThrough(doors: readonly Knock[], token: string): Ask {
  const queries = ['shop.customer.list', 'identity.workspace.get']
  return async (at, name, input, headers = {}, as = token) => {
    const isQuery = queries.includes(name)
    const search = new URLSearchParams(input as Record<string, string>).toString()
    const { status, text } = await doors[at % doors.length]!(
      isQuery ? `/v1/${name}?${search}` : `/v1/${name}`,
      isQuery ? 'GET' : 'POST',
      { authorization: `Bearer ${as}`, ...(isQuery ? {} : { 'content-type': 'application/json' }), ...headers },
      isQuery ? undefined : JSON.stringify(input),
    )
    return { status, text, body: JSON.parse(text) as Answer['body'] }
  }
}
