import type { Rule, Seen, Weight } from './rule.ts'

/**
 * What entries come to, in their order and from nothing but themselves: the same entries make the same alerts, whoever
 * looks at them and however many at a time.
 */
export function judge(rules: readonly Rule[], { before, entries, alerts }: Given): Alert[] {
  const accounts = new Map<string, Account>()
  const account = (rule: Rule, workspace: string, subject: string) => {
    const key = `${rule.name} ${workspace} ${subject}`
    const known = accounts.get(key)
    if (known) return known
    const fresh: Account = { noted: [], last: lastOf(alerts, rule, workspace, subject) }
    accounts.set(key, fresh)
    return fresh
  }
  for (const entry of before)
    each(rules, entry, (rule, of) => note(account(rule, entry.workspace, of.subject), entry, of))
  const touched = new Set<Alert>()
  for (const entry of entries)
    each(rules, entry, (rule, of) => {
      const alert = weigh(account(rule, entry.workspace, of.subject), rule, entry, of)
      if (alert) touched.add(alert)
    })
  return [...touched]
}

export type Given = {
  /** Looked at before, as far back as the longest window. */
  before: readonly Seen[]
  entries: readonly Seen[]
  /** Of the last day. */
  alerts: readonly Alert[]
}

export type Alert = {
  /** Undefined until it is raised. */
  id: string | undefined
  workspace: string
  rule: Rule['name']
  severity: Rule['severity']
  subject: string
  from_ms: number
  to_ms: number
  times: number
  entries: string[]
  isOpen: boolean
}

/** What somebody did that a rule counts, and the last alert that it came to. */
type Account = { noted: Noted[]; last: Alert | undefined }
type Noted = Weight & { id: string; at_ms: number }

/** What goes on while nobody has looked is one alert; after this long without it, it is another. */
const QUIET_ms = 60 * 60_000
/** And once a day it is said again. */
const LONGEST_ms = 24 * 60 * 60_000
/** Whoever looks at a hundred entries has seen what it is. */
const MOST_ENTRIES = 100

function each(rules: readonly Rule[], entry: Seen, then: (rule: Rule, of: Weight) => void) {
  for (const rule of rules) for (const of of rule.counts(entry)) then(rule, of)
}

const note = ({ noted }: Account, { id, at_ms }: Seen, of: Weight) => void noted.push({ ...of, id, at_ms })

/** The alert that this entry raises, or belongs to. */
function weigh(account: Account, rule: Rule, entry: Seen, of: Weight): Alert | undefined {
  const { at_ms } = entry
  const { last } = account
  const window_ms = rule.window_minutes * 60_000
  if (last?.isOpen && at_ms - last.to_ms <= Math.max(window_ms, QUIET_ms) && at_ms - last.from_ms <= LONGEST_ms) {
    last.to_ms = Math.max(last.to_ms, at_ms)
    last.times += of.weight
    if (last.entries.length < MOST_ENTRIES) last.entries.push(entry.id)
    return last
  }
  note(account, entry, of)
  const since_ms = Math.max(at_ms - window_ms, last?.to_ms ?? 0)
  // What an alert has told of is not told of again.
  account.noted = account.noted.filter((one) => one.id === entry.id || one.at_ms > since_ms)
  const times = account.noted.reduce((sum, { weight }) => sum + weight, 0)
  if (times < rule.threshold || rule.isEnough?.(account.noted) === false) return undefined
  account.last = raised(account.noted, rule, entry, of.subject, times)
  account.noted = []
  return account.last
}

const raised = (noted: readonly Noted[], rule: Rule, entry: Seen, subject: string, times: number): Alert => ({
  id: undefined,
  workspace: entry.workspace,
  rule: rule.name,
  severity: rule.severity,
  subject,
  from_ms: Math.min(...noted.map(({ at_ms }) => at_ms)),
  to_ms: Math.max(...noted.map(({ at_ms }) => at_ms)),
  times,
  entries: noted.slice(-MOST_ENTRIES).map(({ id }) => id),
  isOpen: true,
})

const lastOf = (alerts: readonly Alert[], rule: Rule, workspace: string, subject: string) =>
  alerts
    .filter((one) => one.rule === rule.name && one.workspace === workspace && one.subject === subject)
    .reduce<Alert | undefined>((last, one) => (last && last.to_ms >= one.to_ms ? last : one), undefined)
