// Avro's binary encoding, written. Source: https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
import { DataException, javaClassOf } from '@millrace/api'
import { BytesOut, wellFormed } from '../bytes-out.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
/** Twice this is still exact. */
const HALF_SAFE = 2 ** 52
const TWO_28 = 2 ** 28
/** Room for the longest varint. */
const LONGEST = 10
/** Texts of at most so many characters are written in one go: their length takes one byte. */
const SHORT_TEXT = 21

/** A growing buffer that speaks Avro. Each method checks its value's type. @throws DataException */
export class AvroOut extends BytesOut {
  /** An index, a size or a count: not negative, below 2^30. */
  count(value: number): void {
    this.ensure(LONGEST)
    this.#varint(value << 1)
  }
  int(value: unknown): void {
    if (typeof value !== 'number' || (value | 0) !== value) throw unfit('INT32', value)
    this.ensure(LONGEST)
    this.#varint(((value << 1) ^ (value >> 31)) >>> 0)
  }
  int8(value: unknown): void {
    if (typeof value !== 'number' || (value << 24) >> 24 !== value) throw unfit('INT8', value)
    this.int(value)
  }
  int16(value: unknown): void {
    if (typeof value !== 'number' || (value << 16) >> 16 !== value) throw unfit('INT16', value)
    this.int(value)
  }
  long(value: unknown): void {
    if (typeof value === 'number') {
      if ((value | 0) === value) {
        this.ensure(LONGEST)
        this.#varint(((value << 1) ^ (value >> 31)) >>> 0)
        return
      }
      if (value > -HALF_SAFE && value < HALF_SAFE && Number.isInteger(value)) {
        this.#wide(value < 0 ? -value * 2 - 1 : value * 2)
        return
      }
      if (!Number.isSafeInteger(value)) throw unfit('INT64', value)
    } else if (typeof value !== 'bigint' || value < INT64_MIN || value > INT64_MAX) throw unfit('INT64', value)
    this.#huge(BigInt(value as number | bigint))
  }
  float(value: unknown): void {
    if (typeof value !== 'number') throw unfit('FLOAT32', value)
    this.ensure(4)
    this.at = this.buffer.writeFloatLE(value, this.at)
  }
  double(value: unknown): void {
    if (typeof value !== 'number') throw unfit('FLOAT64', value)
    this.ensure(8)
    this.at = this.buffer.writeDoubleLE(value, this.at)
  }
  boolean(value: unknown): void {
    if (typeof value !== 'boolean') throw unfit('BOOLEAN', value)
    this.u8(value ? 1 : 0)
  }
  string(value: unknown): void {
    if (typeof value !== 'string') throw unfit('STRING', value)
    const { length } = value
    // In UTF-8 at most three bytes for each: the length of a short text takes one byte whatever its characters.
    if (length <= SHORT_TEXT) {
      const { at } = this
      this.u8(length << 1)
      if (this.shortAscii(value)) return
      this.at = at
    }
    const text = wellFormed(value)
    const size = Buffer.byteLength(text)
    this.count(size)
    this.utf8(text, size)
  }
  /** Bytes with their length before them. */
  block(value: unknown): void {
    if (!(value instanceof Uint8Array)) throw unfit('BYTES', value)
    this.count(value.length)
    this.bytes(value)
  }

  #varint(value: number): void {
    const { buffer } = this
    let { at } = this
    let rest = value >>> 0
    while (rest > 127) {
      buffer[at++] = (rest & 127) | 128
      rest >>>= 7
    }
    buffer[at++] = rest
    this.at = at
  }
  /** A zigzag value below 2^53. */
  #wide(value: number): void {
    this.ensure(LONGEST)
    const { buffer } = this
    let { at } = this
    let rest = value
    while (rest >= TWO_28) {
      buffer[at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.at = at
    this.#varint(rest)
  }
  #huge(value: bigint): void {
    this.ensure(LONGEST)
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    while (rest > 127n) {
      this.buffer[this.at++] = Number(rest & 127n) | 128
      rest >>= 7n
    }
    this.buffer[this.at++] = Number(rest)
  }
}

/** The error for a value that is not of its schema's type. */
export function unfit(type: string, value: unknown): DataException {
  if (value === null || value === undefined) return new DataException('Found null value for non-optional schema')
  return new DataException(
    `Invalid type for ${type}: class ${javaClassOf(value)}${typeof value === 'number' ? ` (${value})` : ''}`,
  )
}
