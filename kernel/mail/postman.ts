import { createTransport } from 'nodemailer'
import { log } from '../base/log.ts'
import type { Pool } from '../postgres/pool.ts'
import type { Statement } from '../postgres/batch.ts'
import { changing } from '../postgres/work.ts'
import type { Names } from '../tenancy/names.ts'
import type { Vault } from '../vault/vault.ts'
import { letterScope, openLetter } from './kept.ts'
import type { Kept } from './kept.ts'
import type { Sender } from './templates.ts'
import type { Smtp } from './smtp.ts'

/**
 * Brings letters to the mail server, never inside a transaction: a letter is taken for as long as sending may last,
 * sent, and marked. While one process has it no other takes it; a process that dies leaves it for the next. So a letter
 * is sent once, and twice only if the end came between the server's yes and our mark; both then have one Message-ID.
 * Without a mail server letters stay where they are.
 */
export class Postman {
  readonly smtp: Smtp | undefined
  private readonly round: Round
  private readonly pruned = new WeakMap<Pool, number>()

  constructor(smtp: Smtp | undefined, round: Round) {
    this.smtp = smtp
    this.round = round
  }

  /** Sends one letter that is due in a realm; false when there is nothing to do there for now. */
  async sendOne(pool: Pool): Promise<boolean> {
    const letter = this.smtp && (await this.run(pool, { text: TAKE, name: 'take letter' }))[0]
    if (!letter) return await this.prune(pool)
    return await this.bring(pool, letter as Kept)
  }

  private async bring(pool: Pool, letter: Kept): Promise<boolean> {
    const mine = [letter.workspace_id, letter.id, letter.attempts]
    try {
      await send(this.smtp!, letter, this.round)
    } catch (error) {
      const { code, responseCode, message } = error as SmtpError
      log('letter not sent', { letter: letter.id, attempts: letter.attempts, code, responseCode })
      await this.run(pool, { text: PUT_OFF, name: 'put letter off', values: [...mine, message.slice(0, 500)] })
      // A letter that cannot be written, or that the server does not want, says nothing of the next.
      return code === undefined || code === 'EENVELOPE' || code === 'EMESSAGE'
    }
    await this.run(pool, { text: SENT, name: 'letter sent', values: mine })
    return true
  }

  /** Now and then, when there is nothing else to do. */
  private async prune(pool: Pool): Promise<false> {
    if (Date.now() - (this.pruned.get(pool) ?? 0) < PRUNE_EVERY_MS) return false
    this.pruned.set(pool, Date.now())
    await this.run(pool, { text: PRUNE, name: 'prune letters' })
    return false
  }

  private async run(pool: Pool, statement: Statement) {
    return (await changing(pool, letterScope(this.round.names)).run(statement)).rows
  }
}

export type Round = Sender & { names: Names; vault: Vault }
type SmtpError = Error & { code?: string; responseCode?: number }

const CONNECT_WITHIN_MS = 10_000
const SEND_WITHIN_MS = 30_000
/** Longer than sending may last, so that nobody takes what is still in somebody's hands. */
const TAKEN_FOR_S = 4 * (SEND_WITHIN_MS / 1_000)
/** With the pauses below that is a day and a half; then nobody waits for it any more. */
const MOST_ATTEMPTS = 12
const FIRST_PAUSE_S = 30
/** What is older is no news: it is not sent, should a mail server come to be known after all. */
const SENT_WITHIN = '2 days'
/** How long whoever runs this can see what was sent, or was kept. */
const KEPT_FOR = '7 days'
const PRUNE_EVERY_MS = 600_000

/** Addresses that nobody can have (RFC 6761) are those of probes: a mail server would only send such a letter back. */
const NOWHERE = '%.invalid'

const TAKE = `update mail.letter set attempts = attempts + 1, last_error = null,
    taken_until = now() + make_interval(secs => ${TAKEN_FOR_S})
  where (workspace_id, id) = (select workspace_id, id from mail.letter
    where sent_at is null and taken_until <= now() and attempts < ${MOST_ATTEMPTS}
      and created_at > now() - interval '${SENT_WITHIN}' and recipient not like '${NOWHERE}'
    order by taken_until limit 1 for update skip locked)
  returning workspace_id, id, created_at, recipient, template, locale, content, attempts`

/** Whoever took it later has the word. */
const MINE = 'workspace_id = $1 and id = $2 and attempts = $3'
const SENT = `update mail.letter set sent_at = now(), content = null where ${MINE}`
const PUT_OFF = `update mail.letter set last_error = $4,
  taken_until = now() + make_interval(secs => ${FIRST_PAUSE_S} * 2 ^ (attempts - 1)) where ${MINE}`
const PRUNE = `delete from mail.letter where created_at < now() - interval '${KEPT_FOR}'`

async function send(smtp: Smtp, letter: Kept, round: Round): Promise<void> {
  const { subject, text, html } = openLetter(letter, round)
  const domain = smtp.from.address.split('@')[1]!
  const post = createTransport({
    host: smtp.host,
    port: smtp.port,
    name: domain,
    secure: smtp.encryption === 'tls',
    requireTLS: smtp.encryption === 'starttls',
    ignoreTLS: smtp.encryption === 'none',
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(smtp.ca ? { ca: smtp.ca } : {}) },
    ...(smtp.auth ? { auth: smtp.auth } : {}),
    connectionTimeout: CONNECT_WITHIN_MS,
    greetingTimeout: CONNECT_WITHIN_MS,
    socketTimeout: SEND_WITHIN_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  await post.sendMail({
    from: smtp.from,
    to: { name: '', address: letter.recipient },
    envelope: { from: smtp.from.address, to: [letter.recipient] },
    messageId: `<${letter.id}@${domain}>`,
    date: new Date(letter.created_at),
    subject,
    text,
    html,
    headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': letter.locale },
    signal: AbortSignal.timeout(SEND_WITHIN_MS),
  })
}
