// Which offsets were written under which leader epoch (KIP-101, KIP-320): what OffsetForLeaderEpoch answers from.
import type { EpochStart } from './segment-index.ts'

/** Epochs in ascending order, each with its first offset. */
export class EpochHistory {
  #entries: EpochStart[] = []

  get entries(): readonly EpochStart[] {
    return this.#entries
  }

  /** A batch at `offset` was written under `epoch`. */
  note(epoch: number, offset: number): void {
    const last = this.#entries.at(-1)
    if (last === undefined || epoch > last.epoch) this.#entries.push({ epoch, startOffset: offset })
  }

  /** The highest known epoch not above `epoch`, and where it ends; undefined when all known ones are above. */
  endOf(epoch: number, nextOffset: number): { epoch: number; endOffset: number } | undefined {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = this.#entries[i]!
      if (entry.epoch <= epoch) {
        return { epoch: entry.epoch, endOffset: this.#entries[i + 1]?.startOffset ?? nextOffset }
      }
    }
    return undefined
  }

  /** Entries that begin in `[from, to)`. */
  between(from: number, to: number): EpochStart[] {
    return this.#entries.filter((e) => e.startOffset >= from && e.startOffset < to)
  }

  /** Forgets epochs that ended before `offset`; the one that covers it stays. */
  dropBefore(offset: number): void {
    const keep = this.#entries.findLastIndex((e) => e.startOffset <= offset)
    if (keep > 0) this.#entries = this.#entries.slice(keep)
  }
}
