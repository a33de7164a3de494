/**
 * Heads outside of the database, which whoever can write the database cannot take back: what a log signed last, in places
 * of their own. They tell a database that was set back, by a restore or by somebody, from one that only grew.
 */
export type Copies = {
  /** The largest head of the log that any place has kept; undefined where none was. It throws where none can be asked. */
  newest(origin: string): Promise<{ size: number; root: Buffer; note: string } | undefined>
  /** What was signed now. It waits for nobody, and is never called within a transaction. */
  keep(log: { origin: string; realm: string; epoch: number }, note: string): void | Promise<void>
}
