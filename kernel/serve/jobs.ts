import { randomUUID } from 'node:crypto'
import { inside, log } from '../base/log.ts'
import type { Later, Post } from '../contract/operation.ts'
import { Refusal } from '../contract/refusal.ts'
import type { Statement } from '../postgres/batch.ts'
import { letter } from '../mail/letter.ts'
import type { Written } from '../mail/letter.ts'
import type { Postman } from '../mail/postman.ts'
import type { Template } from '../mail/templates.ts'
import type { Pool } from '../postgres/pool.ts'
import { Writing } from '../postgres/work.ts'
import type { Place, Realm } from '../tenancy/realms.ts'
import type { Served } from './catalogue.ts'
import { contextOf, onlyFiles } from './context.ts'
import { finish } from './finish.ts'
import type { Parts } from './parts.ts'

/**
 * What `later` asked for. A job is taken, done, recorded and removed in one transaction inside its own workspace: it
 * takes effect exactly once, however often it was tried, and a process that dies leaves it for the next.
 */
type Job = { id: string; workspace_id: string; name: string; input: unknown; request_id: string; attempts: number }

/** One kind of work; answers whether there may be more. */
type Round = { name: string; doOne: (pool: Pool) => Promise<boolean> }

/** How often every realm is looked at for work that another process left; what this one made is done at once. */
const SWEEP_MS = 15_000
/** With the pauses below that is about a day; then somebody must look. */
const MOST_ATTEMPTS = 12
const FIRST_PAUSE_S = 5
const TAKE = `select id, workspace_id, name, input, request_id, attempts from events.job
  where run_at <= now() and attempts < ${MOST_ATTEMPTS} order by run_at limit 1 for update skip locked`
const PUT_OFF = `update events.job set attempts = attempts + 1, last_error = $2,
  run_at = now() + make_interval(secs => ${FIRST_PAUSE_S} * 2 ^ attempts) where id = $1`

/** Collects what an action asks for; the statements travel with its commit. */
export function asking(parts: Parts, { workspace }: Place, requestId: string, actor: string) {
  const statements: Statement[] = []
  const later: Later = async (name, input) => {
    const served = parts.catalogue.get(name)
    if (served?.operation.kind !== 'job') throw new Refusal(500, 'internal', { inside: `there is no job ${name}` })
    const accepted = parts.boundary.acceptInput(served, input)
    const values = [name, JSON.stringify(accepted), requestId, actor]
    statements.push({
      text: 'insert into events.job (name, input, request_id, asked_by) values ($1, $2, $3, $4)',
      name: 'later',
      values,
    })
  }
  const post: Post = (written) =>
    void statements.push(letter(parts.vault, { workspace, ...written } as Written<Template>))
  return { asks: { later, post, provenLog: onlyFiles }, statements }
}

/** Does what is due in the realms of this deployment, and has letters sent, until it is disposed of. */
export class Worker implements AsyncDisposable {
  private readonly parts: Parts
  /** Beside each other: a mail server that does not answer holds up no job. */
  private readonly rounds: readonly Round[]
  private readonly timer: NodeJS.Timeout
  private readonly busy = new Map<string, Promise<void>>()
  private readonly sweeping = new Set<Round>()
  private stopped = false

  constructor(parts: Parts, postman: Postman) {
    this.parts = parts
    this.rounds = [
      { name: 'jobs', doOne: (pool) => this.doOne(pool) },
      { name: 'letters', doOne: (pool) => postman.sendOne(pool) },
    ]
    this.timer = setInterval(() => this.sweepAll(), SWEEP_MS).unref()
    this.sweepAll(parts.deployment.known)
  }

  /** Something was asked for in this realm: does it, and whatever else is due there, beside the requests. */
  wake(realm: Realm): void {
    for (const round of this.rounds) void this.visit(realm, round)
  }

  async [Symbol.asyncDispose]() {
    this.stopped = true
    clearInterval(this.timer)
    await Promise.all(this.busy.values())
  }

  /** Realms that nobody has used since the start are looked at in the first sweep, and then when somebody comes. */
  private sweepAll(realms: readonly Realm[] = this.parts.deployment.realms.inUse()) {
    for (const round of this.rounds) void this.sweep(realms, round)
  }

  /** One that lasts until the next is due does that one's work too. */
  private async sweep(realms: readonly Realm[], round: Round) {
    if (this.sweeping.has(round)) return
    this.sweeping.add(round)
    for (const realm of realms) if (!this.stopped) await this.visit(realm, round)
    this.sweeping.delete(round)
  }

  /** One visit at a time in each realm; a second caller waits for a visit that began after it asked. */
  private visit(realm: Realm, round: Round): Promise<void> {
    const key = `${realm.id} ${round.name}`
    const before = this.busy.get(key) ?? Promise.resolve()
    const next = before
      .then(() => this.drain(this.parts.deployment.realms.open(realm), round))
      .catch((error: unknown) => log(`${round.name} are waiting`, inside(error)))
      .finally(() => this.busy.get(key) === next && this.busy.delete(key))
    this.busy.set(key, next)
    return next
  }

  private async drain(pool: Pool, round: Round) {
    while (!this.stopped && (await round.doOne(pool)));
  }

  private async doOne(pool: Pool): Promise<boolean> {
    const queue = { role: this.parts.deployment.names.worker, schema: 'events', workspace: '' }
    let job: Job | undefined
    try {
      await using work = new Writing(pool, queue)
      const { rows } = await work.run({ text: TAKE, name: 'take' })
      job = rows[0] as Job | undefined
      if (!job) return false
      await this.perform(job, work, pool)
    } catch (error) {
      if (!job) throw error
      log('job failed', { job: job.id, name: job.name, attempts: job.attempts + 1, ...inside(error) })
      await using work = new Writing(pool, queue)
      await work.commit(queue, [{ text: PUT_OFF, values: [job.id, String(error).slice(0, 500)] }])
    }
    return true
  }

  private async perform(job: Job, work: Writing, pool: Pool) {
    const served = this.parts.catalogue.get(job.name)
    if (served?.operation.kind !== 'job') throw new Error(`there is no job ${job.name}`)
    const place = await this.parts.deployment.realms.place(job.workspace_id)
    if (!place) throw new Error('the workspace of a job has no place')
    await work.as({ role: this.parts.deployment.names.worker, schema: 'events', workspace: '' }, [
      { text: 'delete from events.job where id = $1', name: 'taken', values: [job.id] },
    ])
    await runJob(this.parts, served, place, pool, job, work)
  }
}

/** As any action, with the job for an actor and the request that asked for it as its origin. */
async function runJob(parts: Parts, served: Served, place: Place, pool: Pool, job: Job, work: Writing) {
  const actor = { id: job.id, kind: 'job' as const, name: served.name }
  const always = Number.POSITIVE_INFINITY
  const caller = {
    place,
    pool,
    actor,
    rights: new Uint32Array(0),
    rank: 'job',
    heldFrom_ms: always,
    provedAt_ms: always,
  }
  const scope = { role: parts.deployment.names.role(served.module), schema: served.module, workspace: place.workspace }
  work.move(scope)
  const input = parts.boundary.acceptInput(served, job.input)
  const { asks, statements } = asking(parts, place, job.request_id, job.id)
  const answer = await served.operation.run(contextOf(parts, caller, input, work, scope.role, asks))
  await finish(parts, served, caller, work, {
    input,
    answer,
    origin: { requestId: job.request_id || randomUUID() },
    more: () => statements,
  })
}
