// Waiting for facts instead of for time.
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks `fact` again and again until it gives something truthy, which is returned.
 * @throws Error naming `what` after `timeoutMs`, with the last error of `fact` as its cause
 */
export async function until<T>(
  what: string,
  fact: () => T | Promise<T>,
  options: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const { timeoutMs = 30_000, everyMs = 10 } = options
  const deadline = Date.now() + timeoutMs
  let cause: unknown
  do {
    try {
      const answer = await fact()
      if (answer) return answer as NonNullable<Exclude<T, false>>
      cause = undefined
    } catch (error) {
      cause = error
    }
    await sleep(everyMs)
  } while (Date.now() < deadline)
  throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`, { cause })
}

/** The result of `work`, or an error naming `what` when it takes longer than `timeoutMs`. */
export async function within<T>(what: string, timeoutMs: number, work: PromiseLike<T> | T): Promise<T> {
  const timer = new AbortController()
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(
    () => {
      throw new Error(`Took longer than ${timeoutMs} ms: ${what}`)
    },
    () => undefined as never,
  )
  try {
    return await Promise.race([work, late])
  } finally {
    timer.abort()
  }
}
