import { Refusal } from '../contract/refusal.ts'
import { isThisMachine } from './suspicion.ts'
import type { Charge, Hidden, Rule, Store } from './store.ts'

/**
 * The slow and strict kind of limit, for secrets that can be guessed and mails that can be caused: counted per network
 * and per account, by all processes together and over every restart, and the same for an account that there is and one
 * that there is not. Without the store nothing is let through. How the numbers were chosen, and why nobody can lock
 * anybody else out, is written in `guessing.md`.
 */
export function createAttempts(store: Store, hide: (text: string) => string, { scale = 1 } = {}): Attempts {
  const chargesOf = (what: What, who: Who) => {
    const hidden = { account: hide(`account ${spelled(who.account ?? '')}`), network: hide(`network ${who.network}`) }
    return { hidden, charges: charges(what, who, hidden, scale) }
  }
  return {
    async spend(what, who) {
      const { hidden, charges } = chargesOf(what, who)
      const wait_s = await store.spend(charges, hidden).catch(refuseUnseen)
      return { allowed: wait_s === 0, reset_s: Math.ceil(wait_s) }
    },
    async forgive(what, who) {
      const { hidden, charges } = chargesOf(what, who)
      // A letter that was sent was sent: only what was no failure after all is given back.
      const isSecret = RULES[what] === guessed
      const due = isSecret ? charges : charges.filter(({ of }) => of !== 'all')
      await store.forgive(due, hidden, isSecret ? MOST_PLACES : 0).catch(refuseUnseen)
    },
  }
}

export type Attempts = {
  /**
   * Counts one attempt before the secret is looked at or the mail is written. `what` names the secret, not the door:
   * whoever checks a password anywhere spends from 'sign-in'.
   */
  spend: (what: What, who: Who) => Promise<Attempted>
  /**
   * After a success: the secret was right, or somebody set a new one through a reset. From then on this network has a
   * budget of its own for this account, under the name that was given here.
   */
  forgive: (what: What, who: { network: string; account: string }) => Promise<void>
}

/** One attempt, or 429 with the time to come back. */
export async function insistOnAttempt(attempts: Attempts, what: What, who: Who): Promise<void> {
  const { allowed, reset_s } = await attempts.spend(what, who)
  if (!allowed) throw new Refusal(429, 'rate-limited', { retryAfter_s: reset_s })
}

export type What = 'sign-in' | 'factor' | 'reset' | 'link' | 'invitation' | 'sign-up' | 'contact'

/**
 * `network` is an IPv4 address or the /64 of an IPv6 one; `account` the address of the one who signs in or is written
 * to, as it was typed.
 */
export type Who = { network: string; account?: string | undefined }

/** `reset_s`: seconds until there may be another. */
export type Attempted = { allowed: boolean; reset_s: number }

const MINUTE_s = 60
const DAY_s = 86_400

/** Attempts that fail, and all mails; a success gives back what it cost. One office is one network. */
const FAILURES: Rule = { burst: 30, each_s: MINUTE_s, doublings: 0, most: 1e9, forget_s: 0 }
const MAILS: Rule = { burst: 20, each_s: 3 * MINUTE_s, doublings: 0, most: 1e9, forget_s: 0 }
/** One person gets so many mails that somebody else asked for: each pause is twice the last, up to eight hours. */
const MAILBOX: Rule = { burst: 3, each_s: 15 * MINUTE_s, doublings: 5, most: 1e9, forget_s: DAY_s }

/**
 * From a network that this account never came from, and from one that it did. Together with every place no more than
 * a hundred failures in a row (NIST SP 800-63B), with pauses that grow to half a day.
 */
const STRANGERS = { burst: 10, each_s: MINUTE_s, doublings: 10, most: 40, forget_s: 90 * DAY_s }
const PLACE = { burst: 10, each_s: MINUTE_s, doublings: 6, most: 20, forget_s: 90 * DAY_s }

/** Home, work and the phone: the last ones from which somebody signed in. */
export const MOST_PLACES = 3

/** Behind a proxy that the operator did not name everybody comes from this machine: it has this many times as much. */
const THIS_MACHINE = 10

type Rules = { network: Rule; strangers: Rule; place: Rule }
const guessed: Rules = { network: FAILURES, strangers: STRANGERS, place: PLACE }
const mailed: Rules = { network: MAILS, strangers: MAILBOX, place: MAILBOX }

export const RULES: Readonly<Record<What, Rules>> = {
  'sign-in': guessed,
  /** Six digits: forty of a million, and never before the password was right. */
  factor: guessed,
  reset: mailed,
  link: mailed,
  invitation: mailed,
  'sign-up': mailed,
  contact: mailed,
}

/** What the store can count to. */
const MOST_TRIES = 2_000_000_000

/** One account, however it is typed: to count two people as one costs little, to count one as two is a way around. */
const spelled = (account: string) => account.normalize('NFKC').trim().toLowerCase()

function charges(what: What, { network, account }: Who, hidden: Hidden, scale: number): Charge[] {
  const rules = RULES[what]
  const width = scale * (isThisMachine(network) ? THIS_MACHINE : 1)
  const all: Charge = { ...wider(rules.network, width), of: 'all', key: `${what} ${hidden.network}` }
  if (account === undefined) return [all]
  const key = `${what} ${hidden.account}`
  return [
    all,
    { ...wider(rules.strangers, scale), of: 'strangers', key },
    { ...wider(rules.place, scale), of: 'place', key: `${key} ${hidden.network}` },
  ]
}

const wider = (rule: Rule, scale: number): Rule => ({
  ...rule,
  burst: Math.ceil(rule.burst * scale),
  most: Math.min(MOST_TRIES, Math.ceil(rule.most * Math.max(1, scale))),
})

/** Whoever could not be counted is not let in. */
function refuseUnseen(error: unknown): never {
  const because = error instanceof Refusal ? (error.inside ?? error.code) : String(error)
  throw new Refusal(503, 'unavailable', { retryAfter_s: 1, inside: `attempts cannot be counted: ${because}` })
}
