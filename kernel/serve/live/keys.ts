import { setTimeout as sleep } from 'node:timers/promises'
import type { Told } from '../../contract/control.ts'
import type { Parts } from '../parts.ts'
import { canaryKey } from './canaries.ts'
import type { Planted } from './canaries.ts'

/**
 * The keys that a canary's probes ask with. A probe tries every operation with much that is wrong, and a budget that
 * others have emptied says nothing about what is being looked at: so there are several keys for each purpose, each with
 * the budget that anybody's has, and whoever is told to wait goes on with the next.
 */
export class Keys {
  private readonly parts: Parts
  private readonly planted: Planted
  private readonly rings = new Map<string, { role: string; keys: Promise<string>[]; at: number }>()

  constructor(parts: Parts, planted: Planted) {
    this.parts = parts
    this.planted = planted
    const roles = Object.keys(parts.edition.roles)
    for (const role of roles) this.rings.set(role, { role, keys: [], at: 0 })
    for (const purpose of OWN_PURPOSES) this.rings.set(purpose, { role: roles[0]!, keys: [], at: 0 })
  }

  /** The first of a role, for probes that look at one key. */
  async first(as: string): Promise<string> {
    return (await this.key(as, 0))!
  }

  /** Asks until somebody is heard, or until every key has been told to wait. */
  async asking(as: string, once: (key: string | undefined) => Promise<Told>): Promise<Told> {
    if (as === 'limits') return await once(await this.first(as))
    const deadline = Date.now() + WAIT_IN_ALL_MS
    const ring = this.rings.get(as)
    for (let turn = 1; ; turn++) {
      const at = ring?.at ?? 0
      const told = await once(await this.key(as, at))
      const wait_ms = Number(told.headers.get('retry-after')) * 1_000
      if (told.status !== 429 || !(wait_ms > 0)) return told
      if (ring && turn < MOST_KEYS) {
        // Others may have been told so at the same moment, and gone on already.
        if (ring.at === at) ring.at = (at + 1) % MOST_KEYS
      } else if (Date.now() + wait_ms > deadline) return told
      else await sleep(wait_ms)
    }
  }

  /** Nobody has none. */
  private async key(as: string, at: number): Promise<string | undefined> {
    const ring = this.rings.get(as)
    if (!ring) return undefined
    const name = at === 0 ? as : `${as} ${at}`
    return await (ring.keys[at] ??= canaryKey(this.parts, this.planted, ring.role, name))
  }
}

/** Owner's keys for probes that look at what keys of their own do. */
const OWN_PURPOSES = ['limits', 'input', 'injection', 'keys', 'invitations']

/** As many as all probes at once have ever needed, twice. */
const MOST_KEYS = 40

/** As long as a probe may wait for its turn and still be done in time. */
const WAIT_IN_ALL_MS = 20_000
