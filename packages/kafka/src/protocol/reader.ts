// Reads the primitive types of the Kafka protocol from one buffer (https://kafka.apache.org/protocol#protocol_types).

/** Bytes that do not hold what the protocol says they should: truncated, or a length that cannot be. */
export class MalformedBytesError extends Error {
  override readonly name = 'MalformedBytesError'
}

/** A cursor over a buffer. Byte fields are given as views of it, not copies. */
export class ByteReader {
  readonly buffer: Buffer
  at: number
  readonly end: number

  constructor(buffer: Buffer, at = 0, end = buffer.length) {
    this.buffer = buffer
    this.at = at
    this.end = end
  }

  get remaining(): number {
    return this.end - this.at
  }

  int8(): number {
    return this.buffer.readInt8(this.#take(1))
  }
  int16(): number {
    return this.buffer.readInt16BE(this.#take(2))
  }
  uint16(): number {
    return this.buffer.readUInt16BE(this.#take(2))
  }
  int32(): number {
    return this.buffer.readInt32BE(this.#take(4))
  }
  uint32(): number {
    return this.buffer.readUInt32BE(this.#take(4))
  }
  /** As a number: offsets, ids and times of Kafka stay below 2^53. Larger values lose their last bits. */
  int64(): number {
    const at = this.#take(8)
    return this.buffer.readInt32BE(at) * 0x1_0000_0000 + this.buffer.readUInt32BE(at + 4)
  }
  float64(): number {
    return this.buffer.readDoubleBE(this.#take(8))
  }
  bool(): boolean {
    return this.int8() !== 0
  }
  /** Unsigned varint of at most five bytes. */
  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.#take(1)] as number
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new MalformedBytesError(`A varint at byte ${this.at} is longer than five bytes`)
  }
  /** UUID in Kafka's text form: 22 characters of URL-safe base64. */
  uuid(): string {
    const at = this.#take(16)
    return this.buffer.toString('base64url', at, at + 16)
  }
  /** `length` bytes as text; -1 is null. */
  text(length: number): string | null {
    if (length < 0) return null
    const at = this.#take(length)
    return this.buffer.utf8Slice(at, at + length)
  }
  /** `length` bytes as a view; -1 is null. */
  view(length: number): Buffer | null {
    if (length < 0) return null
    const at = this.#take(length)
    return this.buffer.subarray(at, at + length)
  }
  /** Checks an array length against what could be there, so that a broken length cannot ask for all memory. */
  count(length: number): number {
    if (length > this.remaining) {
      throw new MalformedBytesError(
        `An array of ${length} elements at byte ${this.at}, where ${this.remaining} bytes are left`,
      )
    }
    return length
  }
  skip(length: number): void {
    this.#take(length)
  }

  #take(length: number): number {
    const at = this.at
    if (length < 0 || at + length > this.end) {
      throw new MalformedBytesError(`${length} bytes wanted at byte ${at}, ${this.end - at} are left`)
    }
    this.at = at + length
    return at
  }
}
