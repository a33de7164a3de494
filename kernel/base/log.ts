/** One JSON line for whoever operates this: what went wrong inside, never shown to a caller. Values, not sentences. */
export type Log = (event: string, fields?: Record<string, unknown>) => void

export const log: Log = (event, fields = {}) => {
  process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...fields })}\n`)
}

/** An error as it may stand in a log: its own words and where it came from. */
export const inside = (error: unknown) =>
  error instanceof Error
    ? {
        error: error.message,
        stack: error.stack
          ?.split('\n')
          .slice(1, 6)
          .map((line) => line.trim()),
      }
    : { error: typeof error === 'string' ? error : JSON.stringify(error) }
