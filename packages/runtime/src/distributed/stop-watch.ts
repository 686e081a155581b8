// A stop in steps, each named: one that takes long is told in the log, with the step that it is at.
import type { Logger } from '@millrace/api'

const TELL_EVERY_MS = 5_000

/** What is done to stop, in order; a name may be asked for when it is told, as what it waits for may change. */
export type StopStep = readonly [name: string | (() => string), work: () => unknown]

/** Runs the steps one after another. @throws the error of the first that fails; those after it are not run */
export async function stopInSteps(log: Logger, steps: readonly StopStep[]): Promise<void> {
  const began = performance.now()
  let name: StopStep[0] = ''
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - began) / 1_000)
    log.warn(`Stopping for ${seconds} s already: ${typeof name === 'function' ? name() : name}`)
  }, TELL_EVERY_MS)
  timer.unref()
  try {
    for (const [next, work] of steps) {
      name = next
      await work()
    }
  } finally {
    clearInterval(timer)
  }
}
