import { Trouble } from '../../../base/trouble.ts'
import { headIn, type Kept, type OfLog, type Place, type Tell } from '../copies.ts'
import { nameOf } from './directory.ts'
import { Paced } from './paced.ts'
import { signed, type Access } from './signing.ts'

/**
 * Heads as objects of a store that speaks S3: best in a bucket whose objects nobody can remove or change for a time
 * (object lock), under an account of somebody else. Each head is an object of its own, and `newest.txt` is the last.
 */
export function copiesBucket(setting: string, tell: Tell, every_ms = EVERY_MS): Place {
  const bucket = bucketIn(setting)
  const paced = new Paced<Wanted>(
    every_ms,
    (wanted) => write(bucket, wanted, tell),
    (problem, { log }) => tell('checkpoint not copied', { origin: log.origin, place: bucket.name, problem }),
  )
  return {
    name: bucket.name,
    newest: (origin) => newestIn(bucket, origin),
    keep: (log, note) => paced.offer(log.origin, { log, note }),
    [Symbol.asyncDispose]: () => paced[Symbol.asyncDispose](),
  }
}

type Wanted = { log: OfLog; note: string }
type Bucket = Access & { name: string; root: URL }

/** Each is paid for; what was sealed since is in the folder and with witnesses. */
const EVERY_MS = 60_000
/** A store that does not answer holds up nobody but itself. */
const ANSWERS_WITHIN_MS = 10_000
/** A head is some lines; whatever is longer is none. */
const LONGEST_NOTE = 10_000

/** `https://KEY:SECRET@host/bucket/prefix?region=eu-west-1`; in the clear on this machine alone. */
export function bucketIn(setting: string): Bucket {
  const url = URL.parse(setting)
  const isNear = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  const [key, secret] = [decodeURIComponent(url?.username ?? ''), decodeURIComponent(url?.password ?? '')]
  if (!url || !(url.protocol === 'https:' || isNear) || !key || !secret || url.pathname === '/')
    throw new Trouble('Write VOUCHSAFE_CHECKPOINT_BUCKET as https://KEY:SECRET@host/bucket?region=….', 2)
  const root = new URL(`${url.origin}${url.pathname.replace(/\/$/, '')}/`)
  return { name: root.href, root, key, secret, region: url.searchParams.get('region') ?? 'us-east-1' }
}

async function write(bucket: Bucket, { log, note }: Wanted, tell: Tell): Promise<void> {
  const head = headIn(note)
  const there = await newestIn(bucket, log.origin)
  const isOther = there && there.size === head.size && !there.root.equals(head.root)
  if (there && (there.size > head.size || isOther))
    return tell('checkpoint contradicts its copy', { ...log, size: head.size, copy: bucket.name })
  await insist(await ask(bucket, 'PUT', `${log.origin}/${nameOf(head)}`, note))
  await insist(await ask(bucket, 'PUT', `${log.origin}/newest.txt`, note))
}

async function newestIn(bucket: Bucket, origin: string): Promise<Kept | undefined> {
  const answer = await ask(bucket, 'GET', `${origin}/newest.txt`)
  if (answer.status === 404) return undefined
  const note = (await insist(answer)).slice(0, LONGEST_NOTE)
  const head = headIn(note)
  if (head.origin !== origin) throw new Error(`${bucket.name} has a head of another log`)
  return { size: head.size, root: head.root, note }
}

async function ask(bucket: Bucket, method: 'GET' | 'PUT', path: string, body = ''): Promise<Response> {
  const url = new URL(path, bucket.root)
  const headers = signed({ method, url, body, headers: {} }, bucket, new Date())
  const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS)
  return await fetch(url, { method, headers, signal, redirect: 'error', ...(method === 'PUT' && { body }) })
}

async function insist(answer: Response): Promise<string> {
  const text = await answer.text()
  if (!answer.ok) throw new Error(`the bucket answered ${answer.status}: ${text.slice(0, 200)}`)
  return text
}
