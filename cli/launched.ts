/** Resolves at the first request to end; a second one ends the process at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    let asked = false
    const onSignal = () => (asked ? process.exit(130) : ((asked = true), resolve()))
    for (const signal of signals) process.on(signal, onSignal)
  })
}

/**
 * For a process that the launcher started: once the launcher is gone, nobody could stop this one any more, so it stops
 * as if asked to. The channel closes by itself when its other end dies, whatever it dies of.
 */
export function stopWithLauncher(): void {
  if (!process.channel) return
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref()
}
