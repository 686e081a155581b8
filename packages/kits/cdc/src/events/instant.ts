// A moment in the three units of an event, computed once and shared by all events of a transaction or a batch.

/** A moment since the epoch. `ns` is a bigint: today's nanoseconds are beyond the safe integers. */
export interface Instant {
  readonly ms: number
  readonly us: number
  readonly ns: number | bigint
}

const instant = (ms: number, us: number): Instant => {
  const ns = us * 1000
  return { ms, us, ns: Number.isSafeInteger(ns) ? ns : BigInt(us) * 1000n }
}

/** The moment of microseconds since the epoch. */
export function instantOfMicros(us: number): Instant {
  return instant(Math.floor(us / 1000), us)
}

/** The moment of milliseconds since the epoch. */
export function instantOfMillis(ms: number): Instant {
  return instant(ms, ms * 1000)
}

const START_US = Math.round(performance.timeOrigin * 1000)

/** Gives the time of processing. One object is made a microsecond at most, and {@link EventClock.tick} says when to look again. */
export class EventClock {
  #now: Instant = instantOfMillis(Date.now())

  /** The moment of the last tick. */
  get now(): Instant {
    return this.#now
  }
  /** Reads the clock: call it once a chunk of input, not once a row. */
  tick(): Instant {
    const wall = Date.now()
    // The monotonic clock gives the microseconds, as long as it agrees with the wall clock, which may be set.
    const us = START_US + Math.floor(performance.now() * 1000)
    const fits = Math.abs(us - wall * 1000) < 1_000_000
    this.#now = fits ? instantOfMicros(us) : instantOfMillis(wall)
    return this.#now
  }
}
