// The one helper for waiting between tries: exponential, capped before it is multiplied, with jitter, ended by a signal.
import { setTimeout as sleep } from 'node:timers/promises'

/** Bounds of the wait, in milliseconds. */
export interface BackoffOptions {
  readonly initialMs: number
  readonly maxMs: number
}

const FACTOR = 2
const JITTER = 0.2
/** Beyond this many doublings every wait is at its cap: keeps the power small however long something fails. */
const LAST_DOUBLING = 30

/** Wait before try `attempt` (0 for the first retry): doubling up to the cap, then a fifth up or down. */
export function backoffMs(options: BackoffOptions, attempt: number, random: () => number = Math.random): number {
  const exact = Math.min(options.maxMs, options.initialMs * FACTOR ** Math.min(attempt, LAST_DOUBLING))
  return Math.max(0, exact * (1 - JITTER + 2 * JITTER * random()))
}

/** Waits; rejects with the signal's reason when it aborts. */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    throw signal?.reason ?? error
  })
}
