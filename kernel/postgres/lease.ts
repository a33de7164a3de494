import pg from 'pg'
import { Refusal } from '../contract/refusal.ts'
import { isRefusal, send } from './batch.ts'
import type { Prepared, Result, Statement } from './batch.ts'

/** One connection in one caller's hands, and the judgement whether anybody else may have it afterwards. */
export class Lease implements AsyncDisposable {
  private readonly client: pg.Client
  private readonly prepared: Prepared
  private readonly giveBack: (isGood: boolean) => void
  /** A statement was refused: the server's word on what is open comes only with the next answer. */
  private failed = false
  private broken = false
  private over = false
  private underWay = 0

  constructor(client: pg.Client, prepared: Prepared, giveBack: (isGood: boolean) => void) {
    this.client = client
    this.prepared = prepared
    this.giveBack = giveBack
  }

  async run(statements: readonly Statement[]): Promise<Result[]> {
    // By now the connection may be in other hands.
    if (this.over) throw new TypeError('a statement came after the end of what it belongs to')
    this.underWay++
    try {
      return await send(this.client, this.prepared, statements)
    } catch (error) {
      this.failed = true
      if (!isRefusal(error)) this.broken = true
      throw isLost(error) ? unavailable(String(error)) : error
    } finally {
      this.underWay--
    }
  }

  /** Back to the pool only if the server says that nothing is open; nobody waits for a statement that nobody wants. */
  end(): Promise<void> | undefined {
    if (this.over) return undefined
    if (this.underWay > 0) this.broken = true
    if (!this.broken && (this.failed || this.isOpen())) return this.undo()
    return this.leave()
  }

  private async undo() {
    await this.run([{ text: 'rollback', name: 'rollback' }]).catch(() => (this.broken = true))
    this.leave()
  }

  private leave(): undefined {
    if (!this.over) this.giveBack(!this.broken && !this.isOpen())
    this.over = true
  }

  async [Symbol.asyncDispose]() {
    await this.end()
  }

  private isOpen() {
    return (this.client as pg.Client & { getTransactionStatus(): string | null }).getTransactionStatus() !== 'I'
  }
}

/** The connection or the time ended under us; what was not committed is gone, and the caller may ask again. */
function isLost(error: unknown) {
  if (error instanceof pg.DatabaseError) return /^(?:57|25P0[34]|08|53)/.test(error.code ?? '')
  // These two are our own mistakes, which asking again does not mend.
  return !(error instanceof TypeError || error instanceof RangeError)
}

export const unavailable = (inside: string) => new Refusal(503, 'unavailable', { retryAfter_s: 1, inside })
