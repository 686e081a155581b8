// Protobuf's wire format, written. Source: https://protobuf.dev/programming-guides/encoding/
import { DataException, javaClassOf } from '@millrace/api'
import { BytesOut, wellFormed } from '../bytes-out.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
const UINT32_MAX = 4_294_967_295
const TWO_28 = 2 ** 28
/** Room for the longest varint. */
const LONGEST = 10
/** Texts of at most so many characters are written in one go: their length takes one byte. */
const SHORT_TEXT = 42

/** A growing buffer that speaks Protobuf. Each method checks its value's type. @throws DataException */
export class ProtobufOut extends BytesOut {
  /** A tag, a length, or another number below 2^32. */
  varint(value: number): void {
    this.ensure(LONGEST)
    this.#varint(value)
  }
  int32(value: unknown): void {
    if (typeof value !== 'number' || (value | 0) !== value) throw unfit('INT32', value)
    this.ensure(LONGEST)
    if (value >= 0) this.#varint(value)
    else this.#negative(value)
  }
  int8(value: unknown): void {
    if (typeof value !== 'number' || (value << 24) >> 24 !== value) throw unfit('INT8', value)
    this.int32(value)
  }
  int16(value: unknown): void {
    if (typeof value !== 'number' || (value << 16) >> 16 !== value) throw unfit('INT16', value)
    this.int32(value)
  }
  /** Of an INT64's value the lower half, as a signed number. */
  lowerInt32(value: unknown): void {
    this.int32(lowerHalf(value) | 0)
  }
  sint32(value: unknown): void {
    if (typeof value !== 'number' || (value | 0) !== value) throw unfit('INT32', value)
    this.varint(((value << 1) ^ (value >> 31)) >>> 0)
  }
  /** Of an INT64's value the lower half, as the reference takes it. */
  uint32(value: unknown): void {
    this.varint(lowerHalf(value))
  }
  int64(value: unknown): void {
    if (typeof value === 'number') {
      if (value >= 0 && value <= UINT32_MAX && Number.isInteger(value)) {
        this.varint(value)
        return
      }
      if (!Number.isSafeInteger(value)) throw unfit('INT64', value)
      if (value > 0) {
        this.#wide(value)
        return
      }
    } else if (!isInt64(value)) throw unfit('INT64', value)
    this.#huge(BigInt.asUintN(64, BigInt(value as number | bigint)))
  }
  sint64(value: unknown): void {
    if (typeof value === 'number' && (value | 0) === value) {
      this.varint(((value << 1) ^ (value >> 31)) >>> 0)
      return
    }
    if (!isInt64(value)) throw unfit('INT64', value)
    const wide = BigInt(value as number | bigint)
    this.#huge(BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n)))
  }
  fixed32(value: unknown): void {
    const half = lowerHalf(value)
    this.ensure(4)
    this.at = this.buffer.writeUInt32LE(half, this.at)
  }
  sfixed32(value: unknown): void {
    if (typeof value !== 'number' || (value | 0) !== value) throw unfit('INT32', value)
    this.ensure(4)
    this.at = this.buffer.writeInt32LE(value, this.at)
  }
  fixed64(value: unknown): void {
    if (!isInt64(value)) throw unfit('INT64', value)
    this.ensure(8)
    this.at = this.buffer.writeBigInt64LE(BigInt(value as number | bigint), this.at)
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
  bool(value: unknown): void {
    if (typeof value !== 'boolean') throw unfit('BOOLEAN', value)
    this.u8(value ? 1 : 0)
  }
  string(value: unknown): void {
    if (typeof value !== 'string') throw unfit('STRING', value)
    const { length } = value
    if (length <= SHORT_TEXT) {
      const { at } = this
      this.u8(length)
      if (this.shortAscii(value)) return
      this.at = at
    }
    const text = wellFormed(value)
    const size = Buffer.byteLength(text)
    this.varint(size)
    this.utf8(text, size)
  }
  /** Bytes with their length before them. */
  block(value: unknown): void {
    if (!(value instanceof Uint8Array)) throw unfit('BYTES', value)
    this.varint(value.length)
    this.bytes(value)
  }

  /** Leaves room for a length of so many bytes, and gives where its content begins. */
  begin(room: number): number {
    this.ensure(room)
    this.at += room
    return this.at
  }
  /** Writes the length of the content, moving it when the room was not right; gives the room that would have been. */
  finish(start: number, room: number): number {
    const size = this.at - start
    const need = size < 128 ? 1 : size < 16_384 ? 2 : size < 2_097_152 ? 3 : size < 268_435_456 ? 4 : 5
    const first = start - room
    if (need !== room) {
      if (need > room) this.ensure(need - room)
      this.buffer.copyWithin(first + need, start, this.at)
    }
    this.at = first
    this.#varint(size)
    this.at = first + need + size
    return need
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
  /** A negative number of 32 bits, in the ten bytes it takes as one of 64. */
  #negative(value: number): void {
    const { buffer } = this
    let { at } = this
    buffer[at++] = (value & 127) | 128
    buffer[at++] = ((value >> 7) & 127) | 128
    buffer[at++] = ((value >> 14) & 127) | 128
    buffer[at++] = ((value >> 21) & 127) | 128
    buffer[at++] = ((value >> 28) & 127) | 128
    for (let left = 4; left > 0; left--) buffer[at++] = 255
    buffer[at++] = 1
    this.at = at
  }
  /** A positive safe integer. */
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
    let rest = value
    while (rest > 127n) {
      this.buffer[this.at++] = Number(rest & 127n) | 128
      rest >>= 7n
    }
    this.buffer[this.at++] = Number(rest)
  }
}

function isInt64(value: unknown): boolean {
  return typeof value === 'number'
    ? Number.isSafeInteger(value)
    : typeof value === 'bigint' && value >= INT64_MIN && value <= INT64_MAX
}
function lowerHalf(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= UINT32_MAX && Number.isInteger(value)) return value
  if (!isInt64(value)) throw unfit('INT64', value)
  return Number(BigInt.asUintN(32, BigInt(value as number | bigint)))
}

/** The error for a value that is not of its schema's type. */
export function unfit(type: string, value: unknown): DataException {
  if (value === null || value === undefined) return new DataException(`Found null where a value of ${type} is needed`)
  return new DataException(
    `Invalid type for ${type}: class ${javaClassOf(value)}${typeof value === 'number' ? ` (${value})` : ''}`,
  )
}
