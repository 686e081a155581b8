// How far the slot may be moved: only past what is committed. What the server keeps for us must never be less than what a
// restart would ask for.
import type { Position } from './offset.ts'

/** Knows what was stored, what was written last, and what the server has sent. */
export class Confirmations {
  /** False when somebody else moves the slot. */
  readonly #mayFlush: boolean
  /** Whether the slot may go past the stored offset when nothing is under way. */
  readonly #mayLead: boolean
  #stored: Position | null
  #flushed = 0

  /** @param stored position that is stored as the stream begins, null when none is */
  constructor(mayFlush: boolean, mayLead: boolean, stored: Position | null) {
    this.#mayFlush = mayFlush
    this.#mayLead = mayLead
    this.#stored = stored
  }

  /** The furthest that was confirmed so far; null when somebody else moves the slot. */
  get flushed(): number | null {
    return this.#mayFlush ? this.#flushed : null
  }

  /** An offset is stored, and all before it. */
  committed(position: Position): void {
    this.#stored = position
  }

  /**
   * What may be confirmed now. With everything stored that was written, all that the server has sent may go, also what did
   * not concern us: or else a quiet table would keep the log of a busy one.
   * @param last position of the last record that was made
   * @param reached end of the last transaction that was read, or what the server said after it; null inside a transaction
   *   of which a part is written
   */
  flushLsn(last: Position, reached: number | null): number {
    const stored = this.#stored
    if (!this.#mayFlush || stored === null) return this.#flushed
    const isSettled = this.#mayLead && isSame(stored, last) && reached !== null
    const safe = isSettled ? reached : (stored.lsnCommit ?? 0)
    if (safe > this.#flushed) this.#flushed = safe
    return this.#flushed
  }
}

function isSame(a: Position, b: Position): boolean {
  return a === b || (a.lsn === b.lsn && a.txId === b.txId && a.events === b.events && a.messageType === b.messageType)
}
