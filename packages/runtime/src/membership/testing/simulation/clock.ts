// Simulated time: events in order, nothing waits. The same seed gives the same run.
import { Random } from '@millrace/testkit'

interface Event {
  readonly at: number
  readonly number: number
  readonly run: () => void
}

/** Stops an event that has not run yet. */
export type Cancel = () => void

export class SimulatedClock {
  readonly random: Random
  /** Milliseconds since the epoch of the simulation. */
  now = 1_000_000
  readonly #events: Event[] = []
  #number = 0

  constructor(seed: number) {
    this.random = new Random(seed)
  }

  after(ms: number, run: () => void): Cancel {
    let cancelled = false
    this.#push({ at: this.now + ms, number: this.#number++, run: () => cancelled || run() })
    return () => {
      cancelled = true
    }
  }

  /** Runs everything that is due until then. */
  runUntil(at: number): void {
    for (;;) {
      const next = this.#events[0]
      if (next === undefined || next.at > at) break
      this.#pop()
      this.now = next.at
      next.run()
    }
    this.now = at
  }

  #push(event: Event): void {
    const heap = this.#events
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (before(heap[parent]!, event)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#events
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (before(last, heap[child]!)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}

function before(one: Event, other: Event): boolean {
  return one.at !== other.at ? one.at < other.at : one.number < other.number
}

/** One worker's connection: messages arrive in order, late, or not at all. */
export class SimulatedLink {
  readonly #clock: SimulatedClock
  readonly #arrivals = { there: 0, back: 0 }
  /** Share of messages that are lost, 0 to 1. */
  loss = 0
  /** Longest way of a message in milliseconds. */
  slowMs = 20

  constructor(clock: SimulatedClock) {
    this.#clock = clock
  }

  send(way: 'there' | 'back', deliver: () => void): void {
    const { random, now } = this.#clock
    if (random.chance(this.loss)) return
    this.#arrivals[way] = Math.max(this.#arrivals[way], now + 1 + random.below(this.slowMs))
    this.#clock.after(this.#arrivals[way] - now, deliver)
  }
}
