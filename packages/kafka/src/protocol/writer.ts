// Writes the primitive types of the Kafka protocol into one growing buffer.

const FIRST_SIZE = 512

/** A growing buffer. Large byte fields are copied once, into it. */
export class ByteWriter {
  #buffer: Buffer
  #at = 0

  constructor(size = FIRST_SIZE) {
    this.#buffer = Buffer.allocUnsafe(size)
  }

  get length(): number {
    return this.#at
  }
  /** What was written, as a view that is valid until the writer is used again. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }

  int8(value: number): void {
    this.#room(1)
    this.#at = this.#buffer.writeInt8(value, this.#at)
  }
  int16(value: number): void {
    this.#room(2)
    this.#at = this.#buffer.writeInt16BE(value, this.#at)
  }
  uint16(value: number): void {
    this.#room(2)
    this.#at = this.#buffer.writeUInt16BE(value, this.#at)
  }
  int32(value: number): void {
    this.#room(4)
    this.#at = this.#buffer.writeInt32BE(value, this.#at)
  }
  uint32(value: number): void {
    this.#room(4)
    this.#at = this.#buffer.writeUInt32BE(value, this.#at)
  }
  int64(value: number): void {
    this.#room(8)
    const high = Math.floor(value / 0x1_0000_0000)
    this.#buffer.writeInt32BE(high, this.#at)
    this.#at = this.#buffer.writeUInt32BE(value - high * 0x1_0000_0000, this.#at + 4)
  }
  float64(value: number): void {
    this.#room(8)
    this.#at = this.#buffer.writeDoubleBE(value, this.#at)
  }
  bool(value: boolean): void {
    this.int8(value ? 1 : 0)
  }
  uvarint(value: number): void {
    this.#room(5)
    let rest = value
    while (rest > 0x7f) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80
      rest = Math.floor(rest / 128)
    }
    this.#buffer[this.#at++] = rest
  }
  uuid(value: string): void {
    this.#room(16)
    const written = this.#buffer.write(value, this.#at, 16, 'base64url')
    if (written !== 16) throw new RangeError(`Not a UUID of Kafka: ${value}`)
    this.#at += 16
  }
  raw(value: Uint8Array): void {
    this.#room(value.length)
    this.#buffer.set(value, this.#at)
    this.#at += value.length
  }
  /** Text with its length before it, in the classic (int16) or compact (uvarint of length + 1) form; null is -1 or 0. */
  text(value: string | null, compact: boolean): void {
    const length = value === null ? -1 : Buffer.byteLength(value)
    if (compact) this.uvarint(length + 1)
    else this.int16(length)
    if (value === null) return
    this.#room(length)
    this.#at += this.#buffer.utf8Write(value, this.#at, length)
  }
  /** Bytes with their length before them, in the classic (int32) or compact form; null is -1 or 0. */
  blob(value: Uint8Array | null, compact: boolean): void {
    const length = value === null ? -1 : value.length
    if (compact) this.uvarint(length + 1)
    else this.int32(length)
    if (value !== null) this.raw(value)
  }
  /** A fresh writer, for a part whose length must come before it. */
  scratch(): ByteWriter {
    return new ByteWriter()
  }
  /** Writes an int32 over an earlier place: a length that is known only now. */
  patchInt32(at: number, value: number): void {
    this.#buffer.writeInt32BE(value, at)
  }

  #room(more: number): void {
    const needed = this.#at + more
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}
