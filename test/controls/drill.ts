import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { jeweller } from '../../editions/jeweller/edition.ts'
import type { Breakable, Control, Heal } from '../../kernel/contract/control.ts'
import { createLimits } from '../../kernel/limits/limits.ts'
import { breakable } from '../../kernel/serve/live/breakable.ts'
import type { Served } from '../../kernel/serve/serve.ts'
import { world } from '../../kernel/testing.ts'
import type { Evidence } from '../../kernel/trust/evidence.ts'
import { runControl } from '../../kernel/trust/runner.ts'
import { slots } from '../../kernel/trust/slots.ts'
import { dashboard } from '../../web/build.ts'

/**
 * A probe that cannot fail is decoration. Each guarantee is broken in a throw-away deployment: its own control must
 * turn red, others must go on holding, and once it is healed it holds again. Budgets are those of a real deployment.
 */
export type Drill = AsyncDisposable & {
  served: Served
  live: Breakable
  names: readonly string[]
  /** What does not hold here before anybody breaks anything, and rightly so. */
  failing: readonly string[]
  look: (name: string) => Promise<Evidence>
  /** Those of the controls that do not hold though nobody broke anything, with what they saw. */
  alarms: (names: readonly string[]) => Promise<string[]>
  /** Breaks one guarantee and looks at it, at the others that are named, and at itself again when it is healed. */
  sabotage: (name: string, others: readonly string[]) => Promise<Broken>
  /** How long each probe took at most. */
  took: ReadonlyMap<string, number>
}

export type Broken = {
  turnsRed: boolean
  /** Others that turned red, though nothing that they promise was broken, with what they saw. */
  falseAlarms: string[]
  heals: boolean
  saw: string
}

/** Guarantees that stand on another: whoever breaks the one has broken the other too, and both controls must say so. */
const STANDS_ON: Readonly<Record<string, readonly string[]>> = {
  // What is watched, and what is forgotten, is the log as it was sealed, and most of it are refusals.
  'audit.sealed': ['audit.watched', 'audit.erasure'],
  'audit.refusals': ['audit.watched'],
  // Where everybody may do everything, nobody's rights are those of the workspace they are in, and all read its log.
  'access.matrix': ['identity.switching', 'audit.reading'],
  // Letters to whoever forgot a password are attempts too.
  'limits.attempts': ['identity.reset'],
  // Whoever joins cannot say another address than the invited one, since there is no field to say it in.
  'serve.input': ['identity.invitations'],
}

export async function openDrill(): Promise<Drill> {
  const { limits, refill, refillStrangers } = budgets()
  const here = await world(jeweller, 'pool', limits, await dashboard())
  const { served } = here
  const live = breakable(served)
  const { controls } = served
  const failing = (await isPatched(live)) ? [] : ['postgres.version']
  const took = new Map<string, number>()
  const inSlot = slots(AT_ONCE)
  const probe = async (name: string) => {
    refillStrangers()
    const evidence = await runControl(name, controls.get(name)!, live)
    took.set(name, Math.max(took.get(name) ?? 0, evidence.took_ms))
    assert.notEqual(evidence.holds, null, `${name} could not look: ${JSON.stringify(evidence.detail)}`)
    return evidence
  }
  const look = async (names: readonly string[]) => {
    refill()
    const seen = await Promise.all(names.map((name) => inSlot(() => probe(name))))
    return new Map(seen.map((evidence) => [evidence.control, evidence]))
  }
  return {
    served,
    live,
    names: [...controls.keys()],
    failing,
    look: async (name) => (await look([name])).get(name)!,
    alarms: async (names) => alarmsIn(await look(names), failing),
    sabotage: async (name, others) => await sabotaged(controls.get(name)!, name, others),
    took,
    [Symbol.asyncDispose]: () => here[Symbol.asyncDispose](),
  }

  async function sabotaged(control: Control, name: string, others: readonly string[]): Promise<Broken> {
    const whole = failing.includes(name) ? (await look([name])).get(name)! : undefined
    const seen = await whileBroken(
      () => control.sabotage(live),
      () => look([name, ...others]),
    )
    const broken = seen.get(name)!
    const healed = (await look([name])).get(name)!
    const expected = [name, ...failing, ...(STANDS_ON[name] ?? [])]
    return {
      // What fails even when nobody breaks it must at least look otherwise when somebody does.
      turnsRed: whole ? !isDeepStrictEqual(broken.detail, whole.detail) : broken.holds === false,
      falseAlarms: alarmsIn(seen, expected),
      heals: healed.holds === (whole ? whole.holds : true),
      saw: broken.saw,
    }
  }
}

export async function whileBroken<Seen>(breaks: () => Promise<Heal> | Heal, look: () => Promise<Seen>): Promise<Seen> {
  const heal = await breaks()
  try {
    return await look()
  } finally {
    await heal()
  }
}

/**
 * The others that are looked at while one is broken: its neighbours, which are about the same things, and some from all
 * over. All have their turn equally often.
 */
export function sampleFor(name: string, names: readonly string[]): string[] {
  const at = names.indexOf(name)
  const step = Math.max(1, Math.floor(names.length / (FAR + 1)))
  const offsets = [
    ...Array.from({ length: NEAR }, (_, index) => index + 1),
    ...Array.from({ length: FAR }, (_, index) => NEAR + (index + 1) * step),
  ]
  return [...new Set(offsets.map((offset) => names[(at + offset) % names.length]!))].filter((one) => one !== name)
}

const NEAR = 3
const FAR = 3

/** More than a deployment runs side by side, so that probes meet each other. */
const AT_ONCE = 6

/** As in a real deployment, and full again when time would have passed. */
function budgets() {
  const limits = createLimits()
  let [strangers, others] = [createLimits(), createLimits()]
  limits.spend = (rate, ...asked) => (rate === 'public' ? strangers : others).spend(rate, ...asked)
  return {
    limits,
    /** All strangers of a test come from one network, which nobody's do who are not probes. */
    refillStrangers: () => (strangers = createLimits()),
    /** Between two looks lies more than the minute that it takes. */
    refill: () => (others = createLimits()),
  }
}

const alarmsIn = (seen: ReadonlyMap<string, Evidence>, expected: readonly string[]) =>
  [...seen.values()]
    .filter(({ control, holds }) => !holds && !expected.includes(control))
    .map(({ control, saw, detail }) => `${control}: ${saw} ${JSON.stringify(detail).slice(0, MOST_SHOWN_chars)}`)
    .toSorted()

/** Enough to see what it was. */
const MOST_SHOWN_chars = 600

/** Read otherwise than the probe reads it: from the words in which the server introduces itself. */
async function isPatched(live: Breakable): Promise<boolean> {
  const [row] = await live.directory('select version() as words')
  const [, major, minor] = /^PostgreSQL (\d+)\.(\d+)/.exec(String(row!['words'])) ?? []
  const fixedIn: Record<string, number> = { 15: 20, 16: 16, 17: 12, 18: 7 }
  return Number(minor) >= (fixedIn[major ?? ''] ?? Number.POSITIVE_INFINITY)
}
