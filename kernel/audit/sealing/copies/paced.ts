import { setTimeout as sleep } from 'node:timers/promises'

/**
 * The newest of each kind, one after the other: while one is under way, or was a moment ago, those that come are
 * replaced by those that come later. The last one is always done, and what fails is tried again until there is a newer
 * one.
 */
export class Paced<Item> implements AsyncDisposable {
  private readonly every_ms: number
  private readonly work: (item: Item) => Promise<unknown>
  private readonly tell: (problem: unknown, item: Item) => void
  private readonly waiting = new Map<string, Item>()
  private readonly running = new Map<string, Promise<void>>()
  private readonly ending = new AbortController()

  constructor(every_ms: number, work: (item: Item) => Promise<unknown>, tell: (problem: unknown, item: Item) => void) {
    this.every_ms = every_ms
    this.work = work
    this.tell = tell
  }

  offer(kind: string, item: Item): void {
    this.waiting.set(kind, item)
    if (!this.running.has(kind)) this.running.set(kind, this.run(kind))
  }

  /** Whatever waits is done now, once. */
  async [Symbol.asyncDispose]() {
    this.ending.abort()
    await Promise.all(this.running.values())
  }

  private async run(kind: string) {
    let failures = 0
    for (let item = this.take(kind); item !== undefined; item = this.take(kind)) {
      const failed = await this.work(item).then(
        () => false,
        (problem: unknown) => (this.tell(problem, item!), true),
      )
      failures = failed ? failures + 1 : 0
      const { aborted } = this.ending.signal
      if (failed && !aborted && !this.waiting.has(kind)) this.waiting.set(kind, item)
      await this.pause(Math.min(this.every_ms * 2 ** failures, LONGEST_PAUSE_MS))
    }
    this.running.delete(kind)
  }

  private take(kind: string): Item | undefined {
    const item = this.waiting.get(kind)
    this.waiting.delete(kind)
    return item
  }

  private async pause(length_ms: number) {
    // Being woken is as good as having slept.
    await sleep(length_ms, undefined, { signal: this.ending.signal, ref: false }).catch(() => undefined)
  }
}

const LONGEST_PAUSE_MS = 60_000
