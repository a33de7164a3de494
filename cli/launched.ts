/**
 * For a process that the launcher started: once the launcher is gone, nobody could stop this one any more, so it stops
 * as if asked to. The channel closes by itself when its other end dies, whatever it dies of.
 */
export function stopWithLauncher(): void {
  if (!process.channel) return
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref()
}
