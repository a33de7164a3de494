import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isTls, spendAsStranger } from './door.ts'
import type { Door } from './door.ts'

/**
 * The dashboard's files, read once: they are the same for everybody and say nothing of anybody, since all that a person
 * sees comes from the operations that they may call. Whatever lies below `/app` and is no file is one of its screens.
 */
export function addDashboard(app: FastifyInstance, door: Door, folder: string): void {
  const index = readFile(folder, 'index.html')
  const files = new Map(filesIn(folder).map((name) => [name, readFile(folder, name)]))
  const send = (file: File, request: FastifyRequest, reply: FastifyReply) => {
    const isPacked = file.packed && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
    if (isPacked) void reply.header('content-encoding', 'gzip')
    return reply.headers(file.headers).send(isPacked ? file.packed : file.bytes)
  }
  const screen = (request: FastifyRequest, reply: FastifyReply) => {
    spendAsStranger(door, request)
    return send(index, request, reply.headers(door.headers('page', isTls(request))))
  }
  app.get('/app', screen)
  app.get('/app/*', (request, reply) => {
    const name = (request.params as { '*': string })['*']
    const file = files.get(name)
    if (!file) return name.includes('.') ? reply.callNotFound() : screen(request, reply)
    return send(file, request, reply)
  })
}

type File = { bytes: Buffer; packed: Buffer | undefined; headers: Readonly<Record<string, string>> }

function filesIn(folder: string): string[] {
  const assets = join(folder, 'assets')
  const named = existsSync(assets) ? readdirSync(assets).map((name) => `assets/${name}`) : []
  return ['first.js', ...named]
}

function readFile(folder: string, name: string): File {
  const bytes = readFileSync(join(folder, name))
  const [type, isText] = TYPES[extname(name)] ?? unknown(name)
  return {
    bytes,
    packed: isText ? gzipSync(bytes, { level: 9 }) : undefined,
    headers: {
      'content-type': type,
      // The name of an asset is made of what is in it.
      ...(name.startsWith('assets/') && { 'cache-control': 'public, max-age=31536000, immutable' }),
      ...(isText && { vary: 'accept-encoding' }),
    },
  }
}

const TYPES: Readonly<Record<string, readonly [string, boolean]>> = {
  '.html': ['text/html; charset=utf-8', true],
  '.js': ['text/javascript; charset=utf-8', true],
  '.css': ['text/css; charset=utf-8', true],
  '.svg': ['image/svg+xml', true],
  '.woff2': ['font/woff2', false],
}

function unknown(name: string): never {
  throw new Error(`the dashboard has a file of a kind that is not served: ${name}`)
}
