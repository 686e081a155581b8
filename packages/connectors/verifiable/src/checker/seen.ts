// How often each number of a dense range was seen, in a byte each.

const FIRST_SIZE = 1 << 12
const MOST = 255

/** Counts of numbers from 0 on; a count stops at 255. */
export class Seen {
  #counts = new Uint8Array(FIRST_SIZE)
  /** How many different numbers were seen, and the greatest of them, -1 for none. */
  distinct = 0
  greatest = -1

  /** Notes `number`; returns how often it was seen before. */
  add(number: number): number {
    if (number >= this.#counts.length) this.#grow(number)
    const before = this.#counts[number] as number
    if (before < MOST) this.#counts[number] = before + 1
    if (before === 0) this.distinct++
    if (number > this.greatest) this.greatest = number
    return before
  }

  has(number: number): boolean {
    return (this.#counts[number] ?? 0) > 0
  }

  #grow(number: number): void {
    const larger = new Uint8Array(Math.max(this.#counts.length * 2, number + 1))
    larger.set(this.#counts)
    this.#counts = larger
  }
}
