import { z } from 'zod'
import type { Edition } from '../../contract/edition.ts'
import type { Find, Operation } from '../../contract/operation.ts'
import { WAYS } from '../../identity/ways.ts'
import { STAFF_WAYS } from '../../staff/ways.ts'
import type { Way } from '../../identity/ways/way.ts'
import type { Catalogue, Served } from '../catalogue.ts'
import type { Locale, Words } from './locale.ts'
import { commonProblems } from './problem.ts'

/**
 * The API's description, from the same definitions that serve it: every operation, its example and every problem it
 * may answer.
 */
export function openapi(edition: Edition, catalogue: Catalogue, words: Record<Locale, Words>): object {
  const served = [...catalogue.values()].filter(({ operation }) => operation.kind !== 'job')
  return {
    openapi: '3.1.0',
    info: {
      title: edition.title.en,
      version: '1',
      summary: 'Every operation has one name: its route, its permission, its audit entry and its event.',
      license: { name: 'See the repository', url: 'https://spdx.org/licenses/' },
    },
    servers: [{ url: '/', description: 'This deployment' }],
    security: [{ key: [] }],
    tags: [
      { name: 'auth', description: 'The ways in and out, and what people do with what is theirs alone.' },
      ...[...Map.groupBy(served, tagOf)].map(([name, of]) => ({ name, description: of.map(verbOf).join(', ') })),
    ],
    paths: Object.fromEntries([
      ...[...WAYS, ...STAFF_WAYS].map((way) => [`/auth/${way.name}`, wayOf(way, words.en)]),
      ...served.map((one) => [`/v1/${one.name}`, pathOf(one, words.en, exampleIds(edition))]),
    ]),
    webhooks: Object.fromEntries(
      served.filter(({ operation }) => operation.webhook).map((one) => [one.name, webhookOf(one)]),
    ),
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key of one workspace.' },
        session: { type: 'http', scheme: 'bearer', description: 'The access token of a person who has signed in.' },
      },
      schemas: { Problem: problemSchema },
      responses: Object.fromEntries(
        Object.entries(commonProblems).map(([status, codes]) => [`Problem${status}`, problems(codes, words.en)]),
      ),
    },
  }
}

const verbOf = ({ name }: Served) => name.slice(name.lastIndexOf('.') + 1)
const tagOf = ({ name }: Served) => name.split('.').slice(0, 2).join('.')
/** Made-up ids, and the edition's first role where an example names one. */
const exampleIds = (edition: Edition) => (thing: string) =>
  thing === 'role'
    ? Object.keys(edition.roles)[0]!
    : `00000000-0000-7000-8000-${Buffer.from(thing).toString('hex').padEnd(12, '0').slice(0, 12)}`

function pathOf(served: Served, words: Words, id: Find) {
  const { name, operation } = served
  const isQuery = operation.kind === 'query'
  const example = operation.example(id)
  const input = schemaOf(operation.input, 'input')
  const described = {
    operationId: name,
    summary: operation.summary,
    description: `Needs the permission \`${name}\`; spends from the budget \`${operation.rate}\`.`,
    tags: [tagOf(served)],
    ...(isQuery ? { parameters: parametersOf(input, example as Record<string, unknown>) } : {}),
    ...(isQuery
      ? {}
      : {
          parameters: [idempotency],
          requestBody: { required: true, content: { 'application/json': { schema: input, example } } },
        }),
    responses: {
      200: {
        description: operation.file ? 'A file, sent as it is read; one that was broken off is no answer' : 'Done',
        headers: operation.file ? { ...headers, 'Content-Disposition': header('The name of the file.') } : headers,
        content: contentOf(operation),
      },
      ...refusals(operation.refuses, isQuery, words),
      ...(operation.file ? { 505: problems(['http-too-old'], words) } : {}),
    },
  }
  return { [isQuery ? 'get' : 'post']: described }
}

/** Of a file each line is one row: JSON as described, or the same fields under their names. */
function contentOf({ file, output }: Operation) {
  const schema = schemaOf(output, 'output')
  if (!file) return { 'application/json': { schema } }
  const described = { 'application/jsonl': { schema }, 'text/csv': { schema: { type: 'string' } } }
  return Object.fromEntries(file.types.map((type) => [type, described[type]]))
}

function wayOf({ name, summary, who, input, output, example, refuses }: Way, words: Words) {
  const content = (schema: z.ZodType, io: 'input' | 'output') => ({ schema: schemaOf(schema, io) })
  const described = {
    operationId: `auth.${name}`,
    summary,
    tags: ['auth'],
    security: who === 'person' ? [{ session: [] }] : [],
    requestBody: { required: true, content: { 'application/json': { ...content(input, 'input'), example } } },
    responses: {
      200: { description: 'Done', content: { 'application/json': content(output, 'output') } },
      ...commonRefusals(['422']),
      ...(refuses.length ? { 409: problems(refuses, words) } : {}),
    },
  }
  return { post: described }
}

/** 409 is the operation's own; the rest any operation may answer. */
function refusals(codes: readonly string[], isQuery: boolean, words: Words) {
  const own = isQuery ? [] : [...codes, 'busy', 'idempotency-key-in-use']
  return {
    ...commonRefusals(isQuery ? ['413', '415', '422'] : []),
    ...(own.length ? { 409: problems(own, words) } : {}),
  }
}

const commonRefusals = (unfit: readonly string[]) =>
  Object.fromEntries(
    Object.keys(commonProblems)
      .filter((status) => !unfit.includes(status))
      .map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
  )

const webhookOf = ({ name, operation }: Served) => ({
  post: {
    operationId: `on.${name}`,
    summary: `Happened: ${operation.summary}`,
    requestBody: { content: { 'application/json': { schema: schemaOf(operation.output, 'output') } } },
    responses: { 200: { description: 'Received' }, '4XX': { description: 'Not wanted' } },
  },
})

type Schema = { properties?: Record<string, Schema>; required?: string[]; [key: string]: unknown }

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: plainer }) as Schema
  return rest
}

/** Formats say it; the patterns behind them are noise, and so are the bounds that every JSON number has. */
function plainer({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) {
  if (jsonSchema.format) delete jsonSchema.pattern
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
}

const parametersOf = ({ properties = {}, required = [] }: Schema, example: Record<string, unknown>) =>
  Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
    ...(name in example ? { example: example[name] } : {}),
  }))

const problems = (codes: readonly string[], words: Words) => ({
  description: codes.map((code) => `\`${code}\`: ${words[code]?.title ?? code}`).join('. '),
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

const idempotency = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Asking again with the same key within 24 hours changes nothing again and gives the same answer.',
  schema: { type: 'string', maxLength: 257 },
}

const header = (description: string) => ({ description, schema: { type: 'string' } })
const headers = {
  'RateLimit-Policy': header('The budget that this request was counted against.'),
  RateLimit: header('What is left of it.'),
  'X-Request-Id': header('Names this request in the audit log.'),
}

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'instance'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'Never translated, never changed.' },
    instance: { type: 'string', description: 'The request id.' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { pointer: { type: 'string' }, code: { type: 'string' } } },
    },
  },
}
