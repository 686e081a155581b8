// Admin calls take a list of things; each has its own outcome, and only those that may yet succeed are asked for again.
import { errorMessage } from '@millrace/api'
import { type BackoffOptions, backoffMs, wait } from '../backoff.ts'
import { isRetriable, type KafkaException, timedOut } from '../errors.ts'
import { ErrorCode } from '../protocol/index.ts'

/** Limits of every call of an admin client; times in milliseconds. */
export interface RetryOptions {
  readonly backoff: BackoffOptions
  readonly apiTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly retries: number
}

/** Limits of one call. */
export interface CallOptions {
  /** Instead of `default.api.timeout.ms`. */
  readonly timeoutMs?: number
  /** Ends the waiting between tries; what was sent may still be done. */
  readonly signal?: AbortSignal
}

/** How one thing of a call ended. */
export interface Outcome {
  readonly error: KafkaException | null
}

/**
 * Codes after which the same is asked again. Not all that are retriable elsewhere: that a topic is not there is an answer
 * here, and no reason to wait.
 */
const TRY_AGAIN: ReadonlySet<number> = new Set([
  ErrorCode.NOT_CONTROLLER,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.THROTTLING_QUOTA_EXCEEDED,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.UNSTABLE_OFFSET_COMMIT,
  ErrorCode.REBALANCE_IN_PROGRESS,
])

/** What one try has to say to its request: how long the broker may take. */
export interface Try {
  readonly timeoutMs: number
}

/**
 * Calls `once` with the keys that are not settled, until all are or the time is up. Outcomes come in the order of `keys`;
 * one that was still being retried at the end has its last error.
 * @throws KafkaException `TimeoutException` when the brokers could not be asked in time, or what `once` throws for good
 */
export async function settle<R extends Outcome>(
  options: RetryOptions,
  what: string,
  call: CallOptions,
  keys: readonly string[],
  once: (pending: readonly string[], one: Try) => Promise<ReadonlyMap<string, R>>,
): Promise<R[]> {
  const settled = new Map<string, R>()
  let pending = [...new Set(keys)]
  const apiTimeoutMs = call.timeoutMs ?? options.apiTimeoutMs
  const deadline = performance.now() + apiTimeoutMs
  let last: unknown
  for (let attempt = 0; pending.length > 0; attempt++) {
    call.signal?.throwIfAborted()
    const left = deadline - performance.now()
    try {
      const outcomes = await once(pending, { timeoutMs: Math.max(1, Math.min(left, options.requestTimeoutMs)) })
      for (const [key, outcome] of outcomes) settled.set(key, outcome)
      pending = pending.filter((key) => {
        const outcome = settled.get(key)
        return outcome === undefined || TRY_AGAIN.has(outcome.error?.errorCode ?? ErrorCode.NONE)
      })
      last = undefined
    } catch (error) {
      if (!isRetriable(error)) throw error
      last = error
    }
    if (pending.length === 0) break
    const pause = backoffMs(options.backoff, attempt)
    if (attempt >= options.retries || performance.now() + pause > deadline) {
      const unanswered = pending.some((key) => !settled.has(key))
      if (unanswered) throw gaveUp(what, apiTimeoutMs, last)
      break
    }
    await wait(pause, call.signal)
  }
  return keys.map((key) => settled.get(key) as R)
}

/** The one outcome of a call about one thing. @throws its error */
export function only<R extends Outcome>(outcomes: readonly R[]): R {
  const outcome = outcomes[0] as R
  if (outcome.error !== null) throw outcome.error
  return outcome
}

function gaveUp(what: string, ms: number, last: unknown): KafkaException {
  const reason = last === undefined ? 'the brokers gave no answer for a part of it' : errorMessage(last)
  return timedOut(`${what} was not done within ${ms} ms: ${reason}`, last)
}
