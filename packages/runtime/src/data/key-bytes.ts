// Where a key is converted to before its partition, and with it its batch, is known: one buffer for all records.
import type { ByteSink } from '@millrace/api'

const FIRST_SIZE = 1024
/** Bytes of UTF-8 that a UTF-16 unit takes at most. */
const WORST_UTF8 = 3
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** The bytes of one key: the first {@link length} of {@link buffer}, until the next {@link clear}. */
export class KeyBytes implements ByteSink {
  buffer = Buffer.allocUnsafeSlow(FIRST_SIZE)
  length = 0

  clear(): void {
    this.length = 0
  }

  utf8(text: string): void {
    this.#reserve(text.length * WORST_UTF8)
    const written = this.buffer.write(text, this.length)
    // The engine writes U+FFFD for a lone surrogate where the JVM writes `?`.
    this.length +=
      written === text.length || text.isWellFormed()
        ? written
        : this.buffer.write(text.replace(LONE_SURROGATE, '?'), this.length)
  }
  ascii(text: string): void {
    this.#reserve(text.length)
    this.length += this.buffer.write(text, this.length, 'latin1')
  }
  bytes(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.#reserve(end - start)
    this.buffer.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.length)
    this.length += end - start
  }
  int8(value: number): void {
    this.#reserve(1)
    this.buffer[this.length++] = value
  }
  int16(value: number): void {
    this.#reserve(2)
    this.buffer[this.length++] = value >> 8
    this.buffer[this.length++] = value
  }
  int32(value: number): void {
    this.#reserve(4)
    this.length = this.buffer.writeInt32BE(value | 0, this.length)
  }
  int64(value: number | bigint): void {
    this.#reserve(8)
    this.length = this.buffer.writeBigInt64BE(BigInt(value), this.length)
  }
  float32(value: number): void {
    this.#reserve(4)
    this.length = this.buffer.writeFloatBE(value, this.length)
  }
  float64(value: number): void {
    this.#reserve(8)
    this.length = this.buffer.writeDoubleBE(value, this.length)
  }

  #reserve(more: number): void {
    const needed = this.length + more
    if (needed <= this.buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2))
    larger.set(this.buffer.subarray(0, this.length))
    this.buffer = larger
  }
}
