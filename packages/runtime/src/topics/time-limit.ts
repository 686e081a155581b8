// Time limits of what internal topics are asked for: every wait has an end, and its error says what was waited for.
import { setTimeout as sleep } from 'node:timers/promises'
import { isRetriable, KafkaException } from '@millrace/kafka'

/** The result of `work`, or a `TimeoutException` after `ms`; the work is left to end by itself. */
export async function withinMs<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(timedOut(what, ms)), Math.max(0, Math.min(ms, 0x7fffffff)))
  })
  work.catch(() => {})
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}

/** Tries until the deadline (of `performance.now`) for as long as errors are retriable. @throws the last of them */
export async function untilDeadline<T>(
  deadline: number,
  signal: AbortSignal,
  what: string,
  work: (timeoutMs: number) => Promise<T>,
): Promise<T> {
  for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
    const left = deadline - performance.now()
    if (left <= 0) throw timedOut(what, 0)
    try {
      return await work(Math.min(left, 60_000))
    } catch (error) {
      if (!isRetriable(error) || signal.aborted || performance.now() + pause >= deadline) throw error
      await sleep(pause, undefined, { signal })
    }
  }
}

/** An allowance of time that several steps share. */
export class TimeBudget {
  readonly #end: number

  constructor(totalMs: number) {
    this.#end = performance.now() + totalMs
  }
  /** Milliseconds that are left, 0 at least. */
  get leftMs(): number {
    return Math.max(0, this.#end - performance.now())
  }
}

function timedOut(what: string, ms: number): KafkaException {
  const within = ms > 0 ? ` within ${Math.round(ms)} ms` : ' in time'
  return new KafkaException(`${what} did not succeed${within}`, { exception: 'TimeoutException', retriable: true })
}
