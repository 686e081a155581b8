// The two byte windows of the Converter contract over plain buffers, for tests and benchmarks.
import type { ByteSink, ByteSource } from '@millrace/api'

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Collects what a converter writes. */
export class BufferSink implements ByteSink {
  #buffer = Buffer.allocUnsafe(1 << 16)
  #at = 0

  /** Forgets what was written. */
  reset(): void {
    this.#at = 0
  }
  /** A copy of what was written. */
  get written(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#at))
  }
  utf8(text: string): void {
    this.#room(text.length * 3)
    this.#at += this.#buffer.write(text.isWellFormed() ? text : text.replace(LONE_SURROGATE, '?'), this.#at)
  }
  ascii(text: string): void {
    this.#room(text.length)
    this.#at += this.#buffer.write(text, this.#at, 'latin1')
  }
  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
  }
  int8(value: number): void {
    this.#room(1)
    this.#at = this.#buffer.writeInt8(value, this.#at)
  }
  int16(value: number): void {
    this.#room(2)
    this.#at = this.#buffer.writeInt16BE(value, this.#at)
  }
  int32(value: number): void {
    this.#room(4)
    this.#at = this.#buffer.writeInt32BE(value, this.#at)
  }
  int64(value: number | bigint): void {
    this.#room(8)
    this.#at = this.#buffer.writeBigInt64BE(BigInt(value), this.#at)
  }
  float32(value: number): void {
    this.#room(4)
    this.#at = this.#buffer.writeFloatBE(value, this.#at)
  }
  float64(value: number): void {
    this.#room(8)
    this.#at = this.#buffer.writeDoubleBE(value, this.#at)
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe((this.#at + bytes) * 2)
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}

/** A slice in the middle of a larger buffer, as in a fetched batch. */
export class SliceSource implements ByteSource {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number

  constructor(bytes: Uint8Array, margin = 3) {
    this.buffer = Buffer.concat([Buffer.alloc(margin, 0x39), bytes, Buffer.alloc(margin, 0x39)])
    this.start = margin
    this.end = margin + bytes.length
  }
  text(): string {
    return this.buffer.toString('utf8', this.start, this.end)
  }
  bytes(): Buffer {
    return this.buffer.subarray(this.start, this.end)
  }
}
