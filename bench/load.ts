import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { answering } from './process.ts'
import { requestsOf } from './requests.ts'
import type { Kind, Server } from './requests.ts'
import type { Workspace } from './world.ts'

/**
 * The load: connections that are kept, each with one request under way. It speaks just enough HTTP to send a text and
 * to find the end of an answer, since every microsecond it takes is taken from the two servers that are compared.
 */
export type Order = {
  server: Server
  kind: Kind
  port: number
  workspaces?: readonly Workspace[]
  connections: number
  lasts_ms: number
  /** Requests per second, sent when they are due whatever became of the others; without it as fast as answers come. */
  pace_per_s?: number
}
export type Outcome = { answered: number; wrong: number; lasts_ms: number; p50_ms: number; p99_ms: number }
export type Question = { workspaces: readonly Workspace[] } | Order

let world: readonly Workspace[] = []

answering<Question, Outcome | null>(async (question) => {
  if (!('kind' in question)) {
    world = question.workspaces
    return null
  }
  return await drive(question)
})

async function drive(order: Order): Promise<Outcome> {
  const { next, right } = requestsOf(order, order.workspaces ?? world)
  const latencies: number[] = []
  let wrong = 0
  const lines = await Promise.all(Array.from({ length: order.connections }, () => open(order.port)))
  const started = performance.now()
  const until = started + order.lasts_ms
  const due = order.pace_per_s ? pacing(order.pace_per_s, started) : () => performance.now()
  await Promise.all(
    lines.map(async (line) => {
      for (;;) {
        const since = due()
        const now = performance.now()
        if (Math.max(since, now) >= until) break
        if (since > now) await new Promise((resolve) => setTimeout(resolve, since - now))
        const status = await line.ask(next())
        const end = performance.now()
        if (end > until && !order.pace_per_s) break
        if (right.includes(status)) latencies.push(end - since)
        else wrong++
      }
    }),
  )
  for (const line of lines) line.end()
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN
  return { answered: latencies.length, wrong, lasts_ms: order.lasts_ms, p50_ms: at(0.5), p99_ms: at(0.99) }
}

/** Hands out moments at an even distance to whichever connection is free; who takes one late still counts from it. */
function pacing(pace_per_s: number, started: number): () => number {
  let sent = 0
  return () => started + (sent++ * 1_000) / pace_per_s
}

type Line = { ask: (request: string) => Promise<number>; end: () => void }

function open(port: number): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let answered: (status: number) => void = () => undefined
    let failed: (error: Error) => void = reject
    socket.on('error', (error) => failed(error))
    socket.on('close', () => failed(new Error('the server closed a connection')))
    readAnswers(socket, (status) => answered(status))
    socket.on('connect', () =>
      resolve({
        ask: (request) =>
          new Promise((resolve, reject) => {
            answered = resolve
            failed = reject
            socket.write(request, 'latin1')
          }),
        end: () => {
          failed = () => undefined
          socket.destroy()
        },
      }),
    )
  })
}

/** Both servers say how long every answer is. */
const LENGTH = /\r\ncontent-length: (\d+)/i
const STATUS_AT = 'HTTP/1.1 '.length

function readAnswers(socket: Socket, answered: (status: number) => void) {
  let head = ''
  let missing = 0
  let status = 0
  socket.on('data', (chunk) => {
    if (missing > 0) {
      missing -= chunk.length
    } else {
      const end = chunk.indexOf('\r\n\r\n')
      head += chunk.toString('latin1', 0, end === -1 ? chunk.length : end)
      if (end === -1) return
      status = Number(head.slice(STATUS_AT, STATUS_AT + 3))
      missing = end + 4 + Number(LENGTH.exec(head)?.[1]) - chunk.length
      head = ''
    }
    if (!(missing > 0)) answered(status)
  })
}
