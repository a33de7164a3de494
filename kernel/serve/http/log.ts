import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { tileAt } from '../../audit/log/tiles.ts'
import { logKey, logTile, openLog, type LogAt } from '../../audit/sealing/copies/published.ts'
import { addCheckpoint } from '../../audit/sealing/witness.ts'
import type { Vouching } from '../../audit/sealing/witness/memory.ts'
import { addressGroup } from '../../transport/address.ts'
import { reading } from '../../postgres/work.ts'
import { booksOf } from '../books.ts'
import { addressOf, spend, spendAsStranger } from './door.ts'
import type { Door } from './door.ts'

/**
 * The audit logs as anybody can follow them (c2sp.org/tlog-tiles): a head, the key that signs it, and the hashes of the
 * tree, which say nothing but how much happens. The shared realm's open log has an address that everybody knows. Each
 * log also has one that nobody can guess, since that of a single workspace tells how busy it is; it is listed nowhere.
 * Here a deployment that watches logs of others takes their heads as well (c2sp.org/tlog-witness).
 */
export function addLog(app: FastifyInstance, door: Door, vouching?: Vouching): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/audit/*',
    async handler(request, reply) {
      spendAsStranger(door, request)
      const found = await answerTo(door, pathOf(request), vouching)
      if (!found) return reply.callNotFound()
      return reply.headers({ 'content-type': found.type, 'cache-control': found.kept }).send(found.body)
    },
  })
  if (vouching) void app.register(async (inner) => addWitness(inner, door, vouching))
}

/** As it was sent: what stands for the same path in other letters is another one. */
const pathOf = ({ raw }: FastifyRequest) => (raw.url ?? '').replace(/\?.*$/s, '')

/** The script that checks an export and a head, so that whoever has those needs nothing else. */
const VERIFIER = readFileSync(new URL('../../audit/log/verifier.mjs', import.meta.url), 'utf8')

type Found = { body: string | Buffer; type: string; kept: string }

const asText = (body: string): Found => ({ body, type: 'text/plain; charset=utf-8', kept: 'no-cache' })
/** Whatever has this address once has it for ever. */
const asTile = (body: Buffer): Found => ({ body, type: 'application/octet-stream', kept: FOR_EVER })
const FOR_EVER = 'public, max-age=31536000, immutable'

const PATH = /^\/audit\/(?:(?<realm>[0-9a-f-]{36})\/(?<epoch>[1-9]\d{0,8})\/)?(?<what>checkpoint|key|tile\/.+)$/
const SHOWN = /^\/audit\/(?<origin>[0-9a-f]{64})\/checkpoint$/

async function answerTo(door: Door, path: string, vouching: Vouching | undefined): Promise<Found | undefined> {
  if (path === '/audit/verifier.mjs')
    return { body: VERIFIER, type: 'text/javascript; charset=utf-8', kept: 'no-cache' }
  if (path === '/audit/witness' && vouching) return asText(`${vouching.line}\n`)
  const shown = vouching && SHOWN.exec(path)?.groups
  const note = shown && (await vouching.memory.shown(shown['origin']!))
  if (note !== undefined) return asText(note)
  const { realm, epoch, what } = PATH.exec(path)?.groups ?? {}
  if (what === undefined) return undefined
  const log = await logAt(door, realm, epoch)
  return log && (await partOf(log, what))
}

/** Where the log lies; undefined for a realm that there is none of. */
async function logAt(
  { parts }: Door,
  realm: string | undefined,
  epoch: string | undefined,
): Promise<LogAt | undefined> {
  const { realms, names, known } = parts.deployment
  const place = realm === undefined ? { realm: known.at(-1)! } : await placeIn(parts.deployment, realm)
  return (
    place && {
      work: reading(realms.open(place.realm), openLog(names)),
      epoch: epoch === undefined ? undefined : Number(epoch),
    }
  )
}

/** By any workspace that lives in it: the directory knows where that is. */
async function placeIn(deployment: Door['parts']['deployment'], realm: string) {
  const [row] = await booksOf(deployment)('select id from directory.workspace where realm_id::text = $1 limit 1', [
    realm,
  ])
  return row && (await deployment.realms.place(String(row['id'])))
}

async function partOf(log: LogAt, what: string): Promise<Found | undefined> {
  if (what === 'checkpoint' || what === 'key') {
    const key = await logKey(log)
    const text = key?.[what]
    return text === undefined ? undefined : asText(text)
  }
  const tile = tileAt(what)
  const hashes = tile && (await logTile(log, tile))
  return hashes && asTile(hashes)
}

/** What others submit is read as it is, whatever it calls itself. */
function addWitness(app: FastifyInstance, door: Door, vouching: Vouching) {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.post(
    SUBMISSIONS,
    { bodyLimit: MOST_BYTES },
    async (request, reply) => await submitted(door, vouching, request, reply),
  )
}

export const SUBMISSIONS = '/audit/add-checkpoint'
/** A proof of 63 hashes, and a note with as many signatures as everybody has to read, of the longest kind. */
const MOST_BYTES = 131_072

async function submitted(door: Door, vouching: Vouching, request: FastifyRequest, reply: FastifyReply) {
  const who = `${addressGroup(addressOf(door, request))} submits`
  spend(door, 'public', who, reply)
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const { status, text, type } = await addCheckpoint(vouching, body)
  // A log that we know pays nothing for going on: it tells of each head, and only it can sign one.
  if (status === 200 || status === 409) door.parts.limits.spend('public', who, Date.now(), -1)
  return reply.code(status).header('content-type', type).send(text)
}
