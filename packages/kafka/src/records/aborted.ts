// Which batches a read_committed reader leaves out: those of a producer between its aborted transaction's first offset
// and its abort marker. The list comes with the fetch answer. Source: KIP-98, "Reading committed data".
import { ControlType } from './control.ts'

/** One entry of a fetch answer's list. */
export interface AbortedTransaction {
  readonly producerId: number | bigint
  readonly firstOffset: number | bigint
}

/** Follows one partition's batches in offset order. */
export class AbortedFilter {
  readonly #pending: { producerId: number; firstOffset: number }[]
  #next = 0
  readonly #open = new Set<number>()

  constructor(list: readonly AbortedTransaction[]) {
    this.#pending = list
      .map((entry) => ({ producerId: Number(entry.producerId), firstOffset: Number(entry.firstOffset) }))
      .sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** True when a transactional batch of this producer that ends at `lastOffset` was aborted. */
  drops(producerId: number, lastOffset: number): boolean {
    this.#openUpTo(lastOffset)
    return this.#open.has(producerId)
  }

  /**
   * The control record of this producer at `offset` was passed: an abort marker ends its aborted transaction, also one of which
   * only the marker is here, because an earlier answer ended before it. Otherwise the producer's next transaction were dropped.
   */
  marker(producerId: number, offset: number, type: number): void {
    this.#openUpTo(offset)
    if (type === ControlType.abort) this.#open.delete(producerId)
  }

  #openUpTo(offset: number): void {
    for (; this.#next < this.#pending.length; this.#next++) {
      const entry = this.#pending[this.#next]!
      if (entry.firstOffset > offset) break
      this.#open.add(entry.producerId)
    }
  }
}
