/**
 * Inputs that are well formed to the very edge of what their schema allows, or just beyond it, or torn, over every
 * operation; with odd headers around them. Whatever comes, the answer is never our own mistake, and is of one form.
 */
import { z } from 'zod'
import type { Result, Say, Size } from '../../cli/campaign.ts'
import { jeweller } from '../../editions/jeweller/edition.ts'
import type { Canary, LiveOperation } from '../../kernel/contract/control.ts'
import { world } from '../../kernel/testing.ts'
import type { World } from '../../kernel/testing.ts'
import { dice } from '../dice.ts'
import type { Dice } from '../dice.ts'
import { edgeOf, odd } from '../edges.ts'
import type { Schema } from '../edges.ts'
import { inLanes, knockAt } from '../knock.ts'
import type { Heard } from '../knock.ts'

export const summary = 'sends what is at the edge of every schema, beyond it, or torn: nothing answers 500 or more'

const REQUESTS: Record<Size, number> = { small: 2_000, full: 1_000_000 }
const AT_ONCE = 32
const SEED = 20_261_121
/** What was accepted is taken away again, or every list would become longer than in any shop. */
const CLEAR_EVERY = 20_000

type Sent = { method: string; path: string; headers: Record<string, string>; body?: string | Uint8Array }
type Target = LiveOperation & { schema: Schema }

export async function campaign(size: Size, say: Say): Promise<Result> {
  await using here = await world(jeweller)
  using knock = knockAt(here.served.listening.port, AT_ONCE)
  const { north } = here.served.live.canaries[0]!
  const targets = targetsOf(here)
  const counts = {
    requests: 0,
    accepted: 0,
    refused: 0,
    'our mistake': 0,
    'of another form': 0,
    'without an answer': 0,
  }
  const started = await north.catalogue('select now()::text as at')
  await inLanes(mutants(targets, north, REQUESTS[size]), AT_ONCE, async (sent) => {
    const heard = await knock(sent.path, sent.method, sent.headers, sent.body).catch((error: unknown) => String(error))
    const kind = judge(heard)
    counts[kind]++
    if (kind !== 'accepted' && kind !== 'refused') say(`${kind}: ${show(sent)} ${JSON.stringify(heard).slice(0, 200)}`)
    if (++counts.requests % 50_000 === 0) say(`${counts.requests} requests`)
    if (counts.requests % CLEAR_EVERY === 0) await clear(north, String(started[0]!['at']))
  })
  const alive = (await here.as('owner').call('identity.workspace.get')).status === 200
  const faults = counts['our mistake'] + counts['of another form'] + counts['without an answer']
  return { counts, ok: alive && faults === 0 && counts.accepted > 0 && counts.refused > 0 }
}

const targetsOf = ({ served: { live, parts } }: World): Target[] =>
  live.operations
    .filter(({ kind }) => kind !== 'job')
    .map((operation) => {
      const { input } = parts.catalogue.get(operation.name)!.operation
      return { ...operation, schema: z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Schema }
    })

function judge(
  heard: Heard | string,
): 'accepted' | 'refused' | 'our mistake' | 'of another form' | 'without an answer' {
  if (typeof heard === 'string') return 'without an answer'
  const { status, type, id, text } = heard
  if (status >= 500) return 'our mistake'
  const isGood = status === 200 && isWhole(type, text)
  const isProblem = status >= 400 && type.startsWith('application/problem+json') && text.includes(`urn:uuid:${id}`)
  if (!isGood && !isProblem) return 'of another form'
  return isGood ? 'accepted' : 'refused'
}

/** A document, or a file of lines that are documents, or one of cells. */
function isWhole(type: string, text: string): boolean {
  if (type.startsWith('text/csv')) return true
  const documents = type.startsWith('application/jsonl') ? text.split('\n').filter(Boolean) : [text]
  return type.startsWith('application/json') && documents.every((one) => JSON.parse(one) !== undefined)
}

function* mutants(targets: readonly Target[], canary: Canary, many: number): Generator<Sent> {
  const roll = dice(SEED)
  for (let n = 0; n < many; n++) yield mutant(targets[roll(targets.length)]!, canary, roll)
}

/** From the example or from the schema's edges, with up to two of its parts spoilt, and the envelope around it. */
function mutant({ name, kind, schema, example }: Target, canary: Canary, roll: Dice): Sent {
  // What is spoilt here is looked at by others after us.
  const input = structuredClone(roll(3) ? example(canary) : edgeOf(schema, roll, canary)) as Record<string, unknown>
  for (let spoilt = roll(3); spoilt > 0; spoilt--) spoil(input, schema, roll, canary)
  const headers = envelope(canary, roll)
  if (kind === 'query') return { method: 'GET', path: `/v1/${name}?${search(input, roll)}`, headers }
  const text = JSON.stringify(input)
  return { method: 'POST', path: `/v1/${name}`, headers, body: roll(10) ? text : torn(text, roll) }
}

function spoil(input: Record<string, unknown>, schema: Schema, roll: Dice, canary: Canary): void {
  const known = Object.keys(schema.properties ?? {})
  const keys = [...known, ...known, ...known, ...Object.keys(input), 'extra', '__proto__', 'workspaceId', '']
  const key = keys[roll(keys.length)]!
  const property = schema.properties?.[key]
  if (roll(8) === 0) delete input[key]
  else if (property && roll(2)) input[key] = edgeOf(property, roll, canary)
  else Object.defineProperty(input, key, { value: odd(roll), enumerable: true, configurable: true, writable: true })
}

function envelope({ key }: Canary, roll: Dice): Record<string, string> {
  const headers: Record<string, string> = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const anything = () =>
    JSON.stringify(odd(roll))
      .replace(/[^\x20-\x7e]/g, '?')
      .slice(0, 2_000)
  const oddities = [
    'idempotency-key',
    'accept-language',
    'user-agent',
    'x-forwarded-for',
    'accept',
    'authorization',
    'x-request-id',
  ]
  if (roll(8) === 0) headers[oddities[roll(oddities.length)]!] = anything()
  if (roll(40) === 0) headers['content-type'] = ['text/plain', 'application/json; charset=utf-16', anything()][roll(3)]!
  return headers
}

/** As an address could carry it: escaped, or now and then as it is. */
function search(input: Record<string, unknown>, roll: Dice): string {
  const said = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
  const part = (text: string) =>
    roll(20) ? encodeURIComponent(text.toWellFormed()) : text.replace(/[^\x21-\x7e]/g, '%').slice(0, 4_000)
  return Object.entries(input)
    .map(([key, value]) => `${part(key)}=${part(said(value)).slice(0, 6_000)}`)
    .join('&')
}

function torn(text: string, roll: Dice): string | Uint8Array {
  const at = roll(text.length)
  const bytes = Buffer.from(text)
  bytes[roll(bytes.length)] = roll(256)
  const tears = [
    text.slice(0, at),
    text + text,
    `${text.slice(0, at)}\\${text.slice(at)}`,
    '['.repeat(roll(100_000)),
    `\ufeff${text}`,
    bytes,
    '',
  ]
  return tears[roll(tears.length)]!
}

const show = ({ method, path, headers, body }: Sent) =>
  JSON.stringify({ method, path, headers: { ...headers, authorization: '…' }, body: String(body) }).slice(0, 900)

/** The log stays as it is: it is sealed, and what is removed from it shows. */
async function clear({ catalogue, workspace }: Canary, since: string) {
  for (const table of ['events.outbox', 'serve.answer', 'shop.rate'])
    await catalogue(`delete from ${table} where workspace_id = $1 and created_at > $2`, [workspace, since])
  await catalogue(`delete from identity.key where workspace_id = $1 and created_at > $2 and revoked_at is null`, [
    workspace,
    since,
  ])
}
