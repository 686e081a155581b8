// Avro's binary encoding, read, with every step checked: bytes that lie cost an error, and neither time nor memory.
// Source: https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
import { ByteCursor } from '../raw/reading.ts'

const TWO_28 = 2 ** 28
/** Bits of the third group of four bytes that a number has room for. */
const SAFE_MIDDLE = 2 ** 24
const LONGEST = 10
/** Items that take no bytes at all are believed up to this many. */
const MOST_EMPTY = 100_000

/** A place in Avro's bytes. */
export class AvroIn extends ByteCursor {
  constructor() {
    super('Avro')
  }

  int(): number {
    const { buffer, end } = this
    let { at } = this
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= end) throw this.bad('the bytes end within an int')
      const byte = buffer[at++] as number
      value |= (byte & 127) << shift
      if (byte < 128) {
        this.at = at
        return (value >>> 1) ^ -(value & 1)
      }
    }
    throw this.bad('an int is longer than five bytes')
  }

  /** A number when it is safe. */
  long(): number | bigint {
    const { buffer, end } = this
    let { at } = this
    let low = 0
    // The first four bytes: values up to 2^27 are done here.
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= end) throw this.bad('the bytes end within a long')
      const byte = buffer[at++] as number
      low |= (byte & 127) << shift
      if (byte < 128) {
        this.at = at
        return (low >>> 1) ^ -(low & 1)
      }
    }
    let middle = 0
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= end) throw this.bad('the bytes end within a long')
      const byte = buffer[at++] as number
      middle |= (byte & 127) << shift
      if (byte < 128) {
        this.at = at
        if (middle < SAFE_MIDDLE) {
          const value = middle * TWO_28 + low
          return value % 2 === 0 ? value / 2 : -(value + 1) / 2
        }
        return this.#huge(low, middle, 0)
      }
    }
    let high = 0
    for (let shift = 0; shift < 14; shift += 7) {
      if (at >= end) throw this.bad('the bytes end within a long')
      const byte = buffer[at++] as number
      high |= (byte & 127) << shift
      if (byte < 128) {
        this.at = at
        return this.#huge(low, middle, high)
      }
    }
    throw this.bad(`a long is longer than ${LONGEST} bytes`)
  }
  #huge(low: number, middle: number, high: number): number | bigint {
    const value = BigInt.asUintN(64, (BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low))
    const signed = (value >> 1n) ^ -(value & 1n)
    const number = Number(signed)
    return Number.isSafeInteger(number) ? number : signed
  }

  float(): number {
    return this.buffer.readFloatLE(this.take(4))
  }
  double(): number {
    return this.buffer.readDoubleLE(this.take(8))
  }
  boolean(): boolean {
    const value = this.u8()
    if (value > 1) throw this.bad(`${value} is no boolean`)
    return value === 1
  }
  string(): string {
    const { at } = this
    const first = at < this.end ? (this.buffer[at] as number) : 1
    // Most texts are short: then one byte says how long they are.
    if (first > 127 || (first & 1) !== 0) return this.text(this.#length())
    this.at = at + 1
    return this.text(first >> 1)
  }
  /** The key of a map: likely to be met again. */
  key(): string {
    return this.name(this.#length())
  }
  block(): Buffer {
    return this.bytes(this.#length())
  }
  /** The index of a union's member or an enum's symbol, below `limit`. */
  index(limit: number): number {
    const { at } = this
    const first = at < this.end ? (this.buffer[at] as number) : 1
    if (first < 128 && (first & 1) === 0 && first >> 1 < limit) {
      this.at = at + 1
      return first >> 1
    }
    const value = this.int()
    if (value < 0 || value >= limit) throw this.bad(`${value} is no index from 0 to ${limit - 1}`)
    return value
  }
  skip(length: number): void {
    this.take(length)
  }
  skipBlock(): void {
    this.take(this.#length())
  }

  /** How many items follow in the next block of an array or map; 0 at its end. `empty` when items may take no bytes. */
  items(empty: boolean, before: number): number {
    let count = this.#number('a count of items')
    if (count < 0) {
      count = -count
      const size = this.#number('a size of a block')
      if (size < 0 || size > this.end - this.at) throw this.bad(`a block of ${size} bytes is longer than what is left`)
    }
    if (empty ? count + before > MOST_EMPTY : count > this.end - this.at) {
      throw this.bad(`${count} items are more than there are bytes for`)
    }
    return count
  }
  #length(): number {
    const length = this.#number('a length')
    if (length < 0) throw this.bad(`a length is ${length}`)
    return length
  }
  #number(what: string): number {
    const value = this.long()
    if (typeof value === 'number') return value
    throw this.bad(`${what} is ${value}`)
  }
}
