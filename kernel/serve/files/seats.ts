import { unavailable } from '../../postgres/lease.ts'

/**
 * So many at a time, and so many of one workspace: each holds a connection of the server's, for as long as its reader
 * takes. Who comes when all are taken waits a moment, in the order of arrival, and is then told when to come again.
 */
export class Seats {
  private readonly room: Room
  private readonly taken = new Map<string, number>()
  private readonly line = new Set<Waiter>()

  constructor(room: Partial<Room> = {}) {
    this.room = { ...ROOM, ...room }
  }

  /** Resolves with what gives the seat back; giving it back twice does nothing. */
  async take(workspace: string): Promise<() => void> {
    if (!this.isFree(workspace)) await this.wait(workspace)
    else this.count(workspace, 1)
    let isMine = true
    return () => {
      if (isMine) this.giveBack(workspace)
      isMine = false
    }
  }

  private isFree(workspace: string): boolean {
    const all = this.taken.values().reduce((sum, count) => sum + count, 0)
    return all < this.room.inAll && (this.taken.get(workspace) ?? 0) < this.room.each
  }

  /** Whoever is called has their seat already: nobody can come between. */
  private wait(workspace: string): Promise<void> {
    if (this.line.size >= this.room.waiting) throw unavailable('too many files are being sent, and wait to be')
    return new Promise((resolve, reject) => {
      const give = () => {
        clearTimeout(late)
        this.line.delete(waiter)
        this.count(workspace, 1)
        resolve()
      }
      const waiter: Waiter = { workspace, give }
      const late = setTimeout(() => {
        this.line.delete(waiter)
        reject(unavailable('too many files are being sent'))
      }, this.room.wait_ms)
      this.line.add(waiter)
    })
  }

  private giveBack(workspace: string) {
    this.count(workspace, -1)
    for (const waiter of this.line) if (this.isFree(waiter.workspace)) return waiter.give()
  }

  private count(workspace: string, more: 1 | -1) {
    const left = (this.taken.get(workspace) ?? 0) + more
    if (left > 0) this.taken.set(workspace, left)
    else this.taken.delete(workspace)
  }
}

type Waiter = { workspace: string; give: () => void }
type Room = { inAll: number; each: number; waiting: number; wait_ms: number }

const ROOM: Room = {
  /** Of the hundred connections that a server has by default; two processes together still leave it nine tenths. */
  inAll: 5,
  /** One workspace that is slow to read must not keep all others waiting. */
  each: 2,
  /** Each is a request that holds its socket and nothing more. */
  waiting: 50,
  /** As long as anybody waits for a connection. */
  wait_ms: 5_000,
}
