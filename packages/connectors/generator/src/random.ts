// Random numbers that depend on nothing but a seed and a record's number: any record can be made again at any time.

const MIX_1 = 0x85ebca6b
const MIX_2 = 0xc2b2ae35

/** A small fast generator (mulberry32), set anew for each record. Not for secrets. */
export class Random {
  readonly #seed: number
  #state = 0

  /** @param seed any safe integer */
  constructor(seed: number) {
    this.#seed = mix(mix(0x9e3779b9, seed | 0), Math.floor(seed / 2 ** 32) | 0)
  }

  /** Begins the sequence that belongs to record `index`, from 0. */
  at(index: number): this {
    this.#state = mix(mix(this.#seed, index | 0), Math.floor(index / 2 ** 32) | 0)
    return this
  }

  /** A whole number below 2^32. */
  next(): number {
    const state = (this.#state = (this.#state + 0x6d2b79f5) | 0)
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** A whole number from `low` to `high`, both included, less than 2^32 apart. */
  int(low: number, high: number): number {
    return low + Math.floor((this.next() / 2 ** 32) * (high - low + 1))
  }

  /** A whole number from `low` to `high`, both included, up to 2^53 apart. */
  long(low: number, high: number): number {
    return low + Math.floor(((this.next() * 2 ** 21 + (this.next() >>> 11)) / 2 ** 53) * (high - low + 1))
  }

  /** A number from `low` up to `high`, with `decimals` digits after the point. */
  double(low: number, high: number, decimals = 2): number {
    const unit = 10 ** decimals
    return Math.round((low + (this.next() / 2 ** 32) * (high - low)) * unit) / unit
  }

  /** One of `options`. */
  pick<T>(options: readonly T[]): T {
    return options[Math.floor((this.next() / 2 ** 32) * options.length)] as T
  }

  /** Text by a pattern in which `#` is a digit, `@` a lower-case letter; all else stands for itself. */
  text(pattern: string): string {
    let text = ''
    for (const char of pattern) {
      text += char === '#' ? this.int(0, 9) : char === '@' ? String.fromCharCode(97 + this.int(0, 25)) : char
    }
    return text
  }
}

function mix(state: number, value: number): number {
  let mixed = state ^ value
  mixed = Math.imul(mixed ^ (mixed >>> 16), MIX_1)
  mixed = Math.imul(mixed ^ (mixed >>> 13), MIX_2)
  return mixed ^ (mixed >>> 16)
}
