// A growing buffer for binary formats: one for each converter, used again for every record.
const FIRST_SIZE = 1024
/** A buffer that one huge record made this large is not kept for the small ones after it. */
const KEPT_SIZE = 1024 * 1024
/** Below this many characters a loop over ASCII beats a call into the runtime. */
const SHORT = 24
const TWO_32 = 4_294_967_296

/** Big-endian where a width is named; bytes from 0 to `at` are written. */
export class BytesOut {
  buffer = Buffer.allocUnsafeSlow(FIRST_SIZE)
  at = 0

  /** Begins anew. */
  reset(): void {
    this.at = 0
    if (this.buffer.length > KEPT_SIZE) this.buffer = Buffer.allocUnsafeSlow(FIRST_SIZE)
  }
  /** What was written, valid until the next record. */
  get written(): Buffer {
    return this.buffer.subarray(0, this.at)
  }
  /** A copy of what was written. */
  copy(): Buffer {
    return Buffer.from(this.written)
  }
  /** Makes room for `more` bytes. */
  ensure(more: number): void {
    if (this.at + more > this.buffer.length) this.#grow(more)
  }
  #grow(more: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.at + more))
    this.buffer.copy(larger, 0, 0, this.at)
    this.buffer = larger
  }

  u8(value: number): void {
    this.ensure(1)
    this.buffer[this.at++] = value
  }
  u16(value: number): void {
    this.ensure(2)
    this.buffer[this.at++] = value >>> 8
    this.buffer[this.at++] = value
  }
  u32(value: number): void {
    this.ensure(4)
    this.buffer[this.at++] = value >>> 24
    this.buffer[this.at++] = value >>> 16
    this.buffer[this.at++] = value >>> 8
    this.buffer[this.at++] = value
  }
  /** 64 bits, two's complement for what is negative. */
  u64(value: number | bigint): void {
    if (typeof value === 'number') {
      this.u32(Math.floor(value / TWO_32))
      this.u32(value >>> 0)
      return
    }
    this.ensure(8)
    this.buffer.writeBigUInt64BE(BigInt.asUintN(64, value), this.at)
    this.at += 8
  }
  f32(value: number): void {
    this.ensure(4)
    this.at = this.buffer.writeFloatBE(value, this.at)
  }
  f64(value: number): void {
    this.ensure(8)
    this.at = this.buffer.writeDoubleBE(value, this.at)
  }
  bytes(bytes: Uint8Array): void {
    this.ensure(bytes.length)
    this.buffer.set(bytes, this.at)
    this.at += bytes.length
  }
  /** Short ASCII text as it is; false and nothing written when it is long or has other characters. */
  shortAscii(text: string): boolean {
    const { length } = text
    if (length > SHORT) return false
    this.ensure(length)
    const { buffer, at } = this
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 127) return false
      buffer[at + i] = code
    }
    this.at = at + length
    return true
  }
  /** UTF-8 of a text whose UTF-8 length is known. */
  utf8(text: string, length: number): void {
    this.ensure(length)
    this.buffer.write(text, this.at, length, 'utf8')
    this.at += length
  }
}

/** The text with `?` for lone surrogates, as the JVM's encoder writes them. */
export function wellFormed(text: string): string {
  return text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, '?')
}
