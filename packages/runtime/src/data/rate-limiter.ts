// Holds a task to a rate: a bucket for records, one for bytes, asked once a batch. A limit can be changed at any time.
import { setTimeout as sleep } from 'node:timers/promises'
import type { RateLimit } from '../plane/messages.ts'

/** Share of a second's worth that is waited for: many small steps instead of one burst a second. */
const STEP = 0.1
/** Bytes of a record before one was seen. */
const FIRST_GUESS = 256
/** Weight of the last batch in the average size of records. */
const NEWEST = 0.2

/** Fills with a second's worth at most, and may be overdrawn. */
class Bucket {
  readonly #perMs: number
  readonly #capacity: number
  #tokens: number
  #at = performance.now()

  constructor(perSecond: number) {
    this.#perMs = perSecond / 1000
    this.#capacity = Math.max(1, perSecond)
    // A task that is restarted again and again must not get a second's worth each time.
    this.#tokens = this.#step
  }

  get #step(): number {
    return Math.max(1, this.#capacity * STEP)
  }
  tokens(now: number): number {
    this.#tokens = Math.min(this.#capacity, this.#tokens + (now - this.#at) * this.#perMs)
    this.#at = now
    return this.#tokens
  }
  take(count: number): void {
    this.#tokens -= count
  }
  /** Milliseconds until a step's worth is there. */
  waitMs(now: number): number {
    return Math.max(0, (this.#step - this.tokens(now)) / this.#perMs)
  }
}

/** The limit of one task. Without one, {@link active} is all that is ever asked. */
export class RateLimiter {
  /** Told when the limit changed: a wait under way may be too long. */
  onChange: (() => void) | null = null
  /** Bytes counted and not yet charged, where {@link countsBytes}. */
  bytes = 0
  #limit: RateLimit | null = null
  #records: Bucket | null = null
  #bytes: Bucket | null = null
  #averageSize = FIRST_GUESS
  /** Records whose bytes are in {@link bytes}. */
  #counted = 0
  #waitedMs = 0
  #changed = new AbortController()

  /** @param limit null for none */
  constructor(limit: RateLimit | null = null) {
    this.set(limit)
  }

  get active(): boolean {
    return this.#limit !== null
  }
  get countsBytes(): boolean {
    return this.#bytes !== null
  }
  get limit(): RateLimit | null {
    return this.#limit
  }
  /** Milliseconds spent in {@link wait}, and told by {@link waited}. */
  get waitedMs(): number {
    return this.#waitedMs
  }

  /** What was overdrawn under another limit is forgiven. */
  set(limit: RateLimit | null): void {
    if (same(limit, this.#limit)) return
    this.#limit = limit
    this.#records = limit?.recordsPerSecond == null ? null : new Bucket(limit.recordsPerSecond)
    this.#bytes = limit?.bytesPerSecond == null ? null : new Bucket(limit.bytesPerSecond)
    this.bytes = this.#counted = 0
    this.#changed.abort()
    this.#changed = new AbortController()
    this.onChange?.()
  }

  /** How many records may go now; for bytes, by their average size. 0: {@link waitMs}. */
  room(now = performance.now()): number {
    const records = this.#records === null ? Number.POSITIVE_INFINITY : Math.floor(this.#records.tokens(now))
    if (this.#bytes === null) return Math.max(0, records)
    this.#charge(this.#bytes)
    const bytes = this.#bytes.tokens(now)
    return bytes <= 0 ? 0 : Math.max(0, Math.min(records, Math.max(1, Math.floor(bytes / this.#averageSize))))
  }
  /** So many records went. Their bytes may be counted before or after. */
  took(records: number): void {
    this.#records?.take(records)
    this.#counted += records
  }
  #charge(bucket: Bucket): void {
    if (this.#counted === 0) return
    bucket.take(this.bytes)
    this.#averageSize = Math.max(1, this.#averageSize * (1 - NEWEST) + (this.bytes / this.#counted) * NEWEST)
    this.bytes = this.#counted = 0
  }
  /** Milliseconds until there is {@link room}; 0 when there is. */
  waitMs(now = performance.now()): number {
    if (this.room(now) > 0) return 0
    return Math.max(1, this.#records?.waitMs(now) ?? 0, this.#bytes?.waitMs(now) ?? 0)
  }
  /** Somebody waited elsewhere because of the limit. */
  waited(ms: number): void {
    this.#waitedMs += ms
  }
  /** Waits for room, `mostMs` at most, or until the limit changes or the signal aborts. */
  async wait(signal: AbortSignal, mostMs = Number.POSITIVE_INFINITY): Promise<void> {
    const began = performance.now()
    const either = AbortSignal.any([signal, this.#changed.signal])
    await sleep(Math.min(this.waitMs(began), mostMs), undefined, { signal: either }).catch(() => {})
    this.#waitedMs += performance.now() - began
  }
}

function same(one: RateLimit | null, other: RateLimit | null): boolean {
  return one?.recordsPerSecond === other?.recordsPerSecond && one?.bytesPerSecond === other?.bytesPerSecond
}
