// The two byte windows of the converter contract over plain buffers: plain and exact, where the runtime's are fast.
import type { ByteSink, ByteSource } from '@millrace/api'

const LONE_SURROGATE = /\p{Surrogate}/gu

/** Collects what a converter writes. */
export class MemorySink implements ByteSink {
  #parts: Uint8Array[] = []

  /** Everything written so far, in one buffer. */
  get written(): Buffer {
    return Buffer.concat(this.#parts)
  }
  utf8(text: string): void {
    this.#parts.push(Buffer.from(text.replace(LONE_SURROGATE, '?')))
  }
  /** @throws RangeError when the text is not ASCII: the caller has vouched for it */
  ascii(text: string): void {
    const bytes = Buffer.from(text)
    if (bytes.length !== text.length) throw new RangeError(`Written as ASCII, and is not: ${text}`)
    this.#parts.push(bytes)
  }
  bytes(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.#parts.push(Uint8Array.from(bytes.subarray(start, end)))
  }
  int8(value: number): void {
    this.#put(1, (view) => view.setInt8(0, value))
  }
  int16(value: number): void {
    this.#put(2, (view) => view.setInt16(0, value))
  }
  int32(value: number): void {
    this.#put(4, (view) => view.setInt32(0, value))
  }
  int64(value: number | bigint): void {
    this.#put(8, (view) => view.setBigInt64(0, BigInt(value)))
  }
  float32(value: number): void {
    this.#put(4, (view) => view.setFloat32(0, value))
  }
  float64(value: number): void {
    this.#put(8, (view) => view.setFloat64(0, value))
  }

  #put(length: number, set: (view: DataView) => void): void {
    const bytes = new Uint8Array(length)
    set(new DataView(bytes.buffer))
    this.#parts.push(bytes)
  }
}

/** A slice with other bytes around it, as in a fetched batch; what lies there can be destroyed, as when the batch's memory is used again. */
export class MemorySource implements ByteSource {
  readonly buffer: Buffer
  readonly start = 5
  readonly end: number

  constructor(bytes: Uint8Array) {
    // Digits and letters around the slice: a converter that reads too far changes its result.
    this.buffer = Buffer.concat([Buffer.from('12345'), bytes, Buffer.from('67890"}]')])
    this.end = this.start + bytes.length
  }
  text(): string {
    return this.buffer.toString('utf8', this.start, this.end)
  }
  bytes(): Buffer {
    return Buffer.from(this.buffer.subarray(this.start, this.end))
  }
  /** Overwrites the slice: a value that was made of it must not change. */
  destroy(): void {
    this.buffer.fill(0)
  }
}
