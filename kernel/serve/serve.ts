import { vouchingFor } from '../audit/sealing/witness/memory.ts'
import { inside, log } from '../base/log.ts'
import type { Control, Live } from '../contract/control.ts'
import { shareLimits } from '../limits/sharing.ts'
import { openDecoys } from '../limits/sightings.ts'
import type { Certificate } from '../transport/certificate.ts'
import { trustedProxies } from '../transport/client.ts'
import { setCookie } from '../transport/cookie.ts'
import { hardeningHeaders } from '../transport/headers.ts'
import { hostCheck } from '../transport/host.ts'
import { insistOnOwnOrigin } from '../transport/origin.ts'
import { keepCertificate } from '../transport/renewal.ts'
import type { Source } from '../transport/renewal.ts'
import type { Store } from '../trust/evidence.ts'
import { refuseUnbound } from '../trust/register.ts'
import { schedule } from '../trust/schedule.ts'
import type { Schedule } from '../trust/schedule.ts'
import { databaseStore } from '../trust/store.ts'
import { booksOf } from './books.ts'
import { controlsOf } from './register.ts'
import type { Door } from './http/door.ts'
import { addDashboard } from './http/dashboard.ts'
import { addEnter } from './http/enter.ts'
import { httpServer, isJson } from './http/http.ts'
import { listen } from './http/listen.ts'
import type { Listening } from './http/listen.ts'
import { addLog } from './http/log.ts'
import { addMailbox } from './http/mailbox.ts'
import { Worker } from './jobs.ts'
import { Postman } from '../mail/postman.ts'
import type { Smtp } from '../mail/smtp.ts'
import { sealerOf } from './open.ts'
import { liveOf } from './live/live.ts'
import { readWords } from './http/locale.ts'
import type { Words } from './http/locale.ts'
import { addPages } from './http/pages.ts'
import type { Standing } from './http/pages.ts'
import { addReports } from './http/reports.ts'
import { addWays } from './http/ways.ts'
import type { Parts } from './parts.ts'

/** A deployment with its doors open and its probes running. Disposing of it closes them in the opposite order. */
export type Served = AsyncDisposable & {
  parts: Parts
  door: Door
  listening: Listening
  live: Live
  controls: ReadonlyMap<string, Control>
  standing: Standing
  schedule: Schedule | undefined
}

export type Serving = {
  host: string
  port: number
  tlsPort: number
  certificate: Certificate
  /** Where that certificate came from, and where the one that follows it will come from. */
  certificates?: Source
  /** The folder into which an ACME client puts what it is asked to show. */
  acmeWebroot?: string | undefined
  trustedProxies?: readonly string[]
  allowedHosts?: readonly string[]
  /** Where the deployed commit can be read. */
  source?: string | undefined
  publicUrl?: string | undefined
  /** Without it letters are kept, and shown on this machine. */
  smtp?: Smtp | undefined
  /** The keys of logs of others, for which this deployment is a witness. */
  witnessOf?: readonly string[]
  /** The folder of the built dashboard; without one there is none. */
  dashboard?: string | undefined
  /** False where another process seals the audit logs. */
  sealing?: boolean
  /** False where somebody else runs the probes: `vouchsafe prove`, or a test. */
  probing?: boolean
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

export async function serve(parts: Parts, given: Serving): Promise<Served> {
  const controls = controlsOf(parts.modules)
  refuseUnbound(parts.edition.page)
  await using opened = new AsyncDisposableStack()
  opened.use(parts.refusals)
  opened.use(await shareLimits(parts.limits, parts.counting))
  const door: Door = {
    parts,
    decoys: opened.use(await openDecoys(booksOf(parts.deployment))),
    words: { en: wordsOf(parts, 'en'), ar: wordsOf(parts, 'ar') },
    proxies: trustedProxies(given.trustedProxies ?? []),
    headers: hardeningHeaders,
    checkHost: hostCheck([...LOOPBACK, given.host, ...(given.allowedHosts ?? [])]),
    insistOnOwnOrigin,
    setCookie,
    accepts: isJson,
    tell: (problem) => problem,
  }
  const standing: Standing = { store: evidenceStore(parts), source: given.source, isReady: () => isReady(parts) }
  const app = httpServer(door)
  addWays(app, door)
  addPages(app, door, standing)
  addEnter(app, door)
  if (given.dashboard) addDashboard(app, door, given.dashboard)
  addReports(app, door)
  const host = URL.parse(given.publicUrl ?? '')?.host ?? parts.deployment.names.deployment
  addLog(app, door, await vouchingFor(given.witnessOf ?? [], booksOf(parts.deployment), parts.vault, host))
  if (!given.smtp) addMailbox(app, door)
  const listening = await listen(app, door, { ...given, policy: parts.edition.policy })
  opened.defer(() => listening.close())
  if (given.certificates) opened.use(keepCertificate(listening, given.certificates))
  const certificate = () => listening.certificate.cert
  const base = { url: new URL(`https://localhost:${listening.tlsPort}`), certificate }
  const near = listening.plain === app.server ? { url: new URL(`http://127.0.0.1:${listening.port}`) } : base
  const doors = { tls: { host: 'localhost', port: listening.tlsPort }, plain: listening.plainDoors }
  const live = opened.use(await liveOf(parts, near, doors))
  parts.publicUrl = given.publicUrl ?? (near === base ? base.url.origin : `http://localhost:${listening.port}`)
  const { vault, edition } = parts
  const round = { names: parts.deployment.names, vault, title: edition.title, origin: parts.publicUrl }
  // Before what writes: what jobs record while they end is sealed too.
  if (given.sealing !== false) parts.sealer = opened.use(sealerOf(parts))
  parts.worker = opened.use(new Worker(parts, new Postman(given.smtp, round)))
  const tell = (control: string, problem: unknown) => log('probe could not see', { control, ...inside(problem) })
  const probes = given.probing === false ? undefined : schedule({ controls, live, store: standing.store, tell })
  opened.use(probes)
  const all = opened.move()
  return {
    parts,
    door,
    listening,
    live,
    controls,
    standing,
    schedule: probes,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

const wordsOf = ({ modules }: Parts, locale: 'en' | 'ar') =>
  readWords(locale, [new URL('./', import.meta.url), ...modules.map(({ directory }) => directory)]) as Words

export const evidenceStore = (parts: Parts): Store => databaseStore(booksOf(parts.deployment))

async function isReady({ deployment }: Parts): Promise<boolean> {
  return await deployment.directory.run([{ text: 'select 1' }]).then(
    () => true,
    () => false,
  )
}
