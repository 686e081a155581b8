// MessagePack out: the shortest form of every integer, text and container; timestamps as the extension type -1. It has no
// decimal: one is written as text.
import { DataException, type Decimal } from '@millrace/api'
import { BytesOut, wellFormed } from '../bytes-out.ts'
import type { TokenWriter } from './tokens.ts'

const INT64_MIN = -(2n ** 63n)
const UINT64_MAX = 2n ** 64n - 1n
const TWO_32 = 4_294_967_296
const TWO_34 = 17_179_869_184
const NANOS_PER_MS = 1_000_000

/** The extension type of timestamps. */
export const TIMESTAMP_TYPE = -1

export class MessagePackWriter implements TokenWriter {
  readonly out = new BytesOut()

  none(): void {
    this.out.u8(0xc0)
  }
  boolean(value: boolean): void {
    this.out.u8(value ? 0xc3 : 0xc2)
  }
  integer(value: number | bigint): void {
    const { out } = this
    if (typeof value === 'bigint') {
      if (value < INT64_MIN || value > UINT64_MAX) {
        throw new DataException(`MessagePack has no integers of more than 64 bits: ${value}`)
      }
      out.u8(value < 0n ? 0xd3 : 0xcf)
      out.u64(value)
    } else if (value >= 0) this.#positive(value)
    else if (value >= -32) out.u8(value & 0xff)
    else if (value >= -128) {
      out.u8(0xd0)
      out.u8(value & 0xff)
    } else if (value >= -32_768) {
      out.u8(0xd1)
      out.u16(value & 0xffff)
    } else if (value >= -2_147_483_648) {
      out.u8(0xd2)
      out.u32(value)
    } else {
      out.u8(0xd3)
      out.u64(value)
    }
  }
  #positive(value: number): void {
    const { out } = this
    if (value < 0x80) out.u8(value)
    else if (value < 0x100) {
      out.u8(0xcc)
      out.u8(value)
    } else if (value < 0x1_0000) {
      out.u8(0xcd)
      out.u16(value)
    } else if (value < TWO_32) {
      out.u8(0xce)
      out.u32(value)
    } else {
      out.u8(0xcf)
      out.u64(value)
    }
  }
  float32(value: number): void {
    this.out.u8(0xca)
    this.out.f32(value)
  }
  float64(value: number): void {
    this.out.u8(0xcb)
    this.out.f64(value)
  }
  text(value: string): void {
    const { out } = this
    const { length } = value
    if (length < 24) {
      const { at } = out
      out.u8(0xa0 | length)
      if (out.shortAscii(value)) return
      out.at = at
    }
    const text = wellFormed(value)
    const bytes = Buffer.byteLength(text)
    if (bytes < 32) out.u8(0xa0 | bytes)
    else if (bytes < 0x100) {
      out.u8(0xd9)
      out.u8(bytes)
    } else this.#longHead(0xda, bytes)
    out.utf8(text, bytes)
  }
  bytes(value: Uint8Array): void {
    const { out } = this
    if (value.length < 0x100) {
      out.u8(0xc4)
      out.u8(value.length)
    } else this.#longHead(0xc5, value.length)
    out.bytes(value)
  }
  list(length: number): void {
    if (length < 16) this.out.u8(0x90 | length)
    else this.#longHead(0xdc, length)
  }
  map(size: number): void {
    if (size < 16) this.out.u8(0x80 | size)
    else this.#longHead(0xde, size)
  }
  /** The code of a 16 bit length, or the next one, of 32 bits. */
  #longHead(code: number, length: number): void {
    if (length < 0x1_0000) {
      this.out.u8(code)
      this.out.u16(length)
    } else {
      this.out.u8(code + 1)
      this.out.u32(length)
    }
  }
  decimal(value: Decimal): void {
    this.text(value.toString())
  }
  timestamp(value: Date): void {
    const { out } = this
    const ms = value.getTime()
    if (Number.isNaN(ms)) throw new DataException('Cannot write an invalid Date')
    const seconds = Math.floor(ms / 1000)
    const nanos = (ms - seconds * 1000) * NANOS_PER_MS
    if (seconds < 0 || seconds >= TWO_34) {
      out.u16(0xc70c)
      out.u8(TIMESTAMP_TYPE & 0xff)
      out.u32(nanos)
      out.u64(seconds)
    } else if (nanos === 0 && seconds < TWO_32) {
      out.u16(0xd6ff)
      out.u32(seconds)
    } else {
      // 30 bits of nanoseconds above 34 bits of seconds.
      out.u16(0xd7ff)
      out.u32(nanos * 4 + Math.floor(seconds / TWO_32))
      out.u32(seconds % TWO_32)
    }
  }
  date(value: Date): void {
    this.timestamp(value)
  }
}
