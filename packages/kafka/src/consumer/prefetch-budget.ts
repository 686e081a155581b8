// How much may be asked for: bytes held and not handed out, bytes reserved for answers under way, and one bound over both.

export interface PrefetchLimits {
  /** `prefetch.max.bytes`. */
  readonly prefetchBytes: number
  /** `fetch.max.bytes`. */
  readonly maxBytes: number
  /** `max.partition.fetch.bytes`. */
  readonly maxPartitionBytes: number
}

/** A request asks for at least so much, or waits until there is room for it. */
const LEAST_REQUEST = 64 * 1024

export class PrefetchBudget {
  readonly #limits: PrefetchLimits
  #held = 0
  #reserved = 0

  constructor(limits: PrefetchLimits) {
    this.#limits = limits
  }

  /** Bytes of answers whose records are not all handed out. */
  get held(): number {
    return this.#held
  }

  hold(bytes: number): void {
    this.#held += bytes
  }

  free(bytes: number): void {
    this.#held -= bytes
  }

  reserve(bytes: number): void {
    this.#reserved += bytes
  }

  unreserve(bytes: number): void {
    this.#reserved -= bytes
  }

  /**
   * Bytes to ask one of `brokers` for, for so many partitions; 0: wait until something is handed out.
   * @param starved what is held is of no use now (its partitions are paused), and nothing is under way: then something is
   *   asked for although there is no room, so that the others never stand still
   */
  room(brokers: number, partitions: number, starved: () => boolean): number {
    const { prefetchBytes, maxBytes, maxPartitionBytes } = this.#limits
    // Half of a broker's share: one answer is worked on while the next one comes.
    const most = Math.min(Math.ceil(prefetchBytes / brokers / 2), maxBytes, maxPartitionBytes * partitions)
    const share = Math.min(most, prefetchBytes - this.#held - this.#reserved)
    const least = Math.max(1, Math.min(LEAST_REQUEST, most))
    return share >= least ? share : starved() ? least : 0
  }
}
