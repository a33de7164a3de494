import Fastify from 'fastify'
import pg from 'pg'
import { answering } from './process.ts'
import type { Login } from '../kernel/postgres/pool.ts'

/**
 * The limit: what Fastify and Postgres can do for these operations when nobody asks who is calling. The same SQL on the
 * same tables, as a superuser whom no policy applies to; the workspace is believed as it stands in the address, nothing
 * is checked, and a new row's audit entry travels in the same statement. Tuned as far as we know how: statements
 * prepared by name, JSON written by Postgres and passed through as text.
 */
export type Opening = { login: Login; connections: number }
type Question = Opening | 'usage'

const columns = `id, created_at as "createdAt", name, phone, email, tax_number as "taxNumber", address, note`

const LIST = `select coalesce(json_agg(q), '[]')::text as body
  from (select ${columns} from shop.customer where workspace_id = $1 order by id desc limit $2) q`
const GET = `select row_to_json(q)::text as body
  from (select ${columns} from shop.customer where workspace_id = $1 and id = $2) q`
const CREATE = `with created as (
    insert into shop.customer (workspace_id, name, phone, email, tax_number, address, note)
    values ($1, $2, $3, $4, $5, $6, $7) returning ${columns}
  ), audited as (
    insert into audit.entry
      (workspace_id, action, outcome, actor_kind, actor_id, actor_name, address, user_agent, request_id, target, input)
    select $1, 'shop.customer.create', 'done', 'key', $1::text, 'First key', $8, $9, $10, id::text, $11 from created
  ) select row_to_json(created)::text as body from created`

type Asked = { workspace: string; id: string; limit: string }
type Card = { name: string; phone: string; email: string; taxNumber: string; address: string; note: string }
type Told = { body: string }

let opened: { port: number; close: () => Promise<void> } | undefined

answering<Question, number>(
  async (question) => {
    if (question === 'usage') return usage_us()
    opened = await open(question)
    return opened.port
  },
  async () => await opened?.close(),
)

async function open({ login, connections }: Opening) {
  const pool = new pg.Pool({ ...login, max: connections })
  const app = Fastify({ logger: false })
  app.get('/list', async (request, reply) => {
    const { workspace, limit } = request.query as Asked
    const { rows } = await pool.query<Told>({ name: 'list', text: LIST, values: [workspace, limit] })
    return reply.header('content-type', 'application/json; charset=utf-8').send(`{"data":${rows[0]!.body}}`)
  })
  app.get('/get', async (request, reply) => {
    const { workspace, id } = request.query as Asked
    const { rows } = await pool.query<Told>({ name: 'get', text: GET, values: [workspace, id] })
    if (!rows[0]) return reply.code(404).header('content-type', 'application/json; charset=utf-8').send(NOT_FOUND)
    return reply.header('content-type', 'application/json; charset=utf-8').send(rows[0].body)
  })
  app.post('/create', async (request, reply) => {
    const { workspace } = request.query as Asked
    const card = request.body as Card
    const values = [workspace, card.name, card.phone, card.email, card.taxNumber, card.address, card.note]
    const origin = [request.ip, request.headers['user-agent'] ?? null, request.id, JSON.stringify(card)]
    const { rows } = await pool.query<Told>({ name: 'create', text: CREATE, values: [...values, ...origin] })
    return reply.header('content-type', 'application/json; charset=utf-8').send(rows[0]!.body)
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const close = async () => {
    await app.close()
    await pool.end()
  }
  return { port: (app.server.address() as { port: number }).port, close }
}

const NOT_FOUND = '{"error":"not found"}'

const usage_us = () => {
  const { user, system } = process.cpuUsage()
  return user + system
}
