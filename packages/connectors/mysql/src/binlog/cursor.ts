// Reads little-endian fields of the MySQL protocol out of a buffer, in place.

/** A position in a buffer, and an end it must not pass. All integers are little-endian, unless a name says otherwise. */
export class Cursor {
  readonly buffer: Buffer
  at: number
  end: number

  constructor(buffer: Buffer, at = 0, end = buffer.length) {
    this.buffer = buffer
    this.at = at
    this.end = end
  }

  get left(): number {
    return this.end - this.at
  }

  /** @throws RangeError when fewer than `bytes` are left: the event is shorter than its fields say */
  need(bytes: number): void {
    if (this.at + bytes > this.end) {
      throw new RangeError(`Needs ${bytes} bytes at offset ${this.at} where only ${this.end - this.at} are left`)
    }
  }
  skip(bytes: number): void {
    this.need(bytes)
    this.at += bytes
  }
  u8(): number {
    this.need(1)
    return this.buffer[this.at++]!
  }
  u16(): number {
    this.need(2)
    const { buffer, at } = this
    this.at += 2
    return buffer[at]! | (buffer[at + 1]! << 8)
  }
  u24(): number {
    return this.uint(3)
  }
  u32(): number {
    return this.uint(4)
  }
  /** An unsigned integer of 1 to 6 bytes. */
  uint(bytes: number): number {
    this.need(bytes)
    const value = this.buffer.readUIntLE(this.at, bytes)
    this.at += bytes
    return value
  }
  u64(): bigint {
    this.need(8)
    const value = this.buffer.readBigUInt64LE(this.at)
    this.at += 8
    return value
  }
  /** A length-encoded integer (protocol: Protocol::LengthEncodedInteger), as a number. */
  lenenc(): number {
    const first = this.u8()
    if (first < 0xfb) return first
    if (first === 0xfc) return this.u16()
    if (first === 0xfd) return this.u24()
    if (first === 0xfe) return Number(this.u64())
    throw new RangeError(`Not the first byte of a length-encoded integer: ${first}`)
  }
  /** A view of the next bytes; it shares memory with the buffer. */
  bytes(length: number): Buffer {
    this.need(length)
    const at = this.at
    this.at += length
    return this.buffer.subarray(at, at + length)
  }
  text(length: number): string {
    this.need(length)
    const at = this.at
    this.at += length
    return this.buffer.utf8Slice(at, at + length)
  }
  /** Everything that is left. */
  rest(): Buffer {
    return this.bytes(this.end - this.at)
  }
}

/** Whether bit `index` is set, counted from the lowest bit of the first byte. */
export function hasBit(bits: Uint8Array, index: number): boolean {
  return (bits[index >> 3]! & (1 << (index & 7))) !== 0
}

/** How many of the first `count` bits are set. */
export function countBits(bits: Uint8Array, count: number): number {
  let set = 0
  for (let i = 0; i < count; i++) if (hasBit(bits, i)) set++
  return set
}
