// The shape of a JSON object: the bytes between its values, which the records of a topic mostly have in common. A record of a
// known shape is read by comparing those bytes and taking the values, at less than half of what JSON.parse costs.
import { isUtf8 } from 'node:buffer'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const LOWER_E = 0x65
const UPPER_E = 0x45
/** A number of this many digits is an exact double, and so is its quotient by a power of ten of as many. */
const EXACT_DIGITS = 15
/** Objects of more values are left to JSON.parse. */
const MAX_VALUES = 128

const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, digits) => 10 ** digits)
const WORDS = new Map<number, readonly [Buffer, unknown]>(
  [true, false, null].map((value) => [String(value).charCodeAt(0), [Buffer.from(String(value)), value]]),
)

/** Says that a text is not of the shape, or that its values need the full parser. */
export const OTHER_SHAPE: unique symbol = Symbol('other shape')

/** Reads objects of one shape. */
export class Shape {
  /** What stands before each value; a value follows each. */
  readonly #before: readonly Uint8Array[]
  readonly #after: Uint8Array
  readonly #make: (values: readonly unknown[]) => object
  readonly #values: unknown[]
  /** Where the value read last ended. */
  #at = 0

  constructor(before: readonly string[], after: string, make: (values: readonly unknown[]) => object) {
    this.#before = before.map((text) => Buffer.from(text))
    this.#after = Buffer.from(after)
    this.#make = make
    this.#values = new Array<unknown>(before.length).fill(null)
  }

  /**
   * The object in `[start, end)` of `buffer`, exactly as JSON.parse gives it, or {@link OTHER_SHAPE}.
   * `text` is the same text; `isAscii` says that it has as many characters as bytes, as ASCII has (and malformed UTF-8 can).
   */
  read(text: string, isAscii: boolean, buffer: Buffer, start: number, end: number): object | typeof OTHER_SHAPE {
    const before = this.#before
    const values = this.#values
    let at = start
    for (let field = 0; field < before.length; field++) {
      const bytes = before[field]!
      for (let i = 0; i < bytes.length; i++) if (buffer[at + i] !== bytes[i]) return OTHER_SHAPE
      at += bytes.length
      const first = buffer[at]!
      let value: unknown
      if (first === QUOTE) value = this.#string(text, isAscii, buffer, start, at + 1, end)
      else if (first <= NINE) value = this.#number(buffer, at, end)
      else value = this.#word(buffer, at, first)
      if (value === OTHER_SHAPE) return OTHER_SHAPE
      values[field] = value
      at = this.#at
    }
    const after = this.#after
    if (at + after.length !== end) return OTHER_SHAPE
    for (let i = 0; i < after.length; i++) if (buffer[at + i] !== after[i]) return OTHER_SHAPE
    return this.#make(values)
  }

  #string(text: string, isAscii: boolean, buffer: Buffer, start: number, from: number, end: number): unknown {
    let at = from
    let bits = 0
    let byte = buffer[at]!
    while (byte !== QUOTE) {
      // Escapes are not worth it here, and control characters are an error.
      if (byte === BACKSLASH || byte < 0x20 || at >= end) return OTHER_SHAPE
      bits |= byte
      byte = buffer[++at]!
    }
    this.#at = at + 1
    if (bits < 0x80) return isAscii ? text.substring(from - start, at - start) : buffer.latin1Slice(from, at)
    return isUtf8(buffer.subarray(from, at)) ? buffer.utf8Slice(from, at) : OTHER_SHAPE
  }

  #number(buffer: Buffer, from: number, end: number): unknown {
    const isNegative = buffer[from] === MINUS
    const first = isNegative ? from + 1 : from
    let at = first
    let byte = buffer[at]!
    let number = 0
    while (byte >= ZERO && byte <= NINE) {
      number = number * 10 + byte - ZERO
      byte = buffer[++at]!
    }
    let digits = at - first
    if (digits === 0 || (digits > 1 && buffer[first] === ZERO)) return OTHER_SHAPE
    if (byte === POINT) {
      const point = at
      byte = buffer[++at]!
      while (byte >= ZERO && byte <= NINE) {
        number = number * 10 + byte - ZERO
        byte = buffer[++at]!
      }
      const decimals = at - point - 1
      digits += decimals
      if (decimals === 0 || digits > EXACT_DIGITS) return OTHER_SHAPE
      number /= POWERS[decimals]!
    }
    if (digits > EXACT_DIGITS || byte === LOWER_E || byte === UPPER_E || at > end) return OTHER_SHAPE
    this.#at = at
    return isNegative ? -number : number
  }

  #word(buffer: Buffer, at: number, first: number): unknown {
    const word = WORDS.get(first)
    if (word === undefined) return OTHER_SHAPE
    const [bytes, value] = word
    for (let i = 1; i < bytes.length; i++) if (buffer[at + i] !== bytes[i]) return OTHER_SHAPE
    this.#at = at + bytes.length
    return value
  }
}

/**
 * The shape of a text that JSON.parse accepted; null for what has none: anything but an object, arrays in it, two members of
 * one name, a member named `__proto__`, too many values.
 */
export function shapeOf(text: string): Shape | null {
  const learner = new Learner(text)
  return learner.learn()
}

/** Walks a text known to be JSON, and collects what lies between its values. */
class Learner {
  readonly #text: string
  #at = 0
  /** Where the bytes before the next value begin. */
  #begin = 0
  readonly #before: string[] = []

  constructor(text: string) {
    this.#text = text
  }

  learn(): Shape | null {
    this.#skipSpace()
    if (this.#text[this.#at] !== '{') return null
    const code = this.#object()
    if (code === null || this.#before.length === 0 || this.#before.length > MAX_VALUES) return null
    // Names come from records: quoted as JSON they are literals of JavaScript and nothing else.
    const make = new Function('v', `return ${code}`) as (values: readonly unknown[]) => object
    return new Shape(this.#before, this.#text.slice(this.#begin), make)
  }

  /** The object literal that makes such an object from `v`. */
  #object(): string | null {
    const members: string[] = []
    const names = new Set<string>()
    this.#at++
    this.#skipSpace()
    while (this.#text[this.#at] !== '}') {
      const name = JSON.parse(this.#scalar()) as string
      if (names.has(name) || name === '__proto__') return null
      names.add(name)
      this.#skipSpace()
      this.#at++
      this.#skipSpace()
      const value = this.#value()
      if (value === null) return null
      members.push(`${JSON.stringify(name)}:${value}`)
      this.#skipSpace()
      if (this.#text[this.#at] === ',') this.#at++
      this.#skipSpace()
    }
    this.#at++
    return `{${members.join()}}`
  }

  #value(): string | null {
    const first = this.#text[this.#at]
    if (first === '{') return this.#object()
    if (first === '[') return null
    const slot = this.#before.push(this.#text.slice(this.#begin, this.#at)) - 1
    this.#scalar()
    this.#begin = this.#at
    return `v[${slot}]`
  }

  #scalar(): string {
    const pattern = this.#text[this.#at] === '"' ? STRING : WORD
    pattern.lastIndex = this.#at
    const [found] = pattern.exec(this.#text) ?? ['']
    this.#at += found.length
    return found
  }

  #skipSpace(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at++
  }
}

const STRING = /"(?:[^"\\]|\\.)*"/y
const WORD = /[^\s,}\]]+/y
