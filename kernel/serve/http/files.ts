import { Readable, finished } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { Refusal } from '../../contract/refusal.ts'
import type { Caller } from '../../identity/whois.ts'
import type { Served } from '../catalogue.ts'
import type { Asked } from '../dispatch.ts'
import { exporting } from '../files/exporting.ts'
import type { Parts } from '../parts.ts'

/** A file as it is read, no faster than it is taken: in chunks, so that one that was broken off can be told from one
 * that came to its end. */
export async function sendFile(parts: Parts, served: Served, caller: Caller, asked: Asked, reply: FastifyReply) {
  // Without chunks the end of a file and the end of its connection look the same.
  if (reply.request.raw.httpVersion !== '1.1') throw new Refusal(505, 'http-too-old')
  const { type, name, pieces, cut, end } = await exporting(parts, served, caller, asked)
  // Whichever way it is over, and even if it was before it began.
  finished(reply.raw, end)
  return reply
    .header('content-type', `${type}; charset=utf-8`)
    .header('content-disposition', `attachment; filename="${name}"`)
    .send(Readable.from(pieces, { objectMode: false, highWaterMark: HELD_BYTES, signal: cut }))
}

/** Beyond what the socket holds; less than that of the next piece is read ahead. */
const HELD_BYTES = 65_536
