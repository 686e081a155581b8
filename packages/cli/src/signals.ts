// How a running command is told to stop.
import { ExitCode } from './exit-codes.ts'

/** Resolves at the first SIGINT or SIGTERM (or after `limitMs`); a second signal ends the process at once. */
export function untilStopped(limitMs?: number): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const stop = () => {
      if (asked) process.exit(ExitCode.FAILED)
      asked = true
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    if (limitMs !== undefined) setTimeout(() => !asked && stop(), limitMs)
  })
}
