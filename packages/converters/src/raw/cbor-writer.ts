// CBOR out (RFC 8949): definite lengths, the shortest integers and heads, singles for FLOAT32 and doubles for all other floats.
import { DataException, type Decimal } from '@millrace/api'
import { BytesOut, wellFormed } from '../bytes-out.ts'
import type { TokenWriter } from './tokens.ts'

const UINT64_MAX = 2n ** 64n - 1n
const DAY_MS = 86_400_000
const TWO_32 = 4_294_967_296

/** Major types, shifted to where they stand in a head. */
const UNSIGNED = 0x00
const NEGATIVE = 0x20
const BYTES = 0x40
const TEXT = 0x60
const LIST = 0x80
const MAP = 0xa0
const TAG = 0xc0

/** Tags: RFC 8949 §3.4, and RFC 8943 for days. */
export const CborTag = { TIME_TEXT: 0, EPOCH: 1, BIG: 2, NEGATIVE_BIG: 3, DECIMAL: 4, DAYS: 100 } as const

export class CborWriter implements TokenWriter {
  readonly out = new BytesOut()

  none(): void {
    this.out.u8(0xf6)
  }
  boolean(value: boolean): void {
    this.out.u8(value ? 0xf5 : 0xf4)
  }
  integer(value: number | bigint): void {
    if (typeof value === 'number') {
      if (value >= 0) this.#head(UNSIGNED, value)
      else this.#head(NEGATIVE, -1 - value)
      return
    }
    const magnitude = value < 0n ? -1n - value : value
    if (magnitude <= UINT64_MAX) {
      this.#bigHead(value < 0n ? NEGATIVE : UNSIGNED, magnitude)
      return
    }
    this.#head(TAG, value < 0n ? CborTag.NEGATIVE_BIG : CborTag.BIG)
    const hex = magnitude.toString(16)
    this.bytes(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'))
  }
  float32(value: number): void {
    this.out.u8(0xfa)
    this.out.f32(value)
  }
  float64(value: number): void {
    this.out.u8(0xfb)
    this.out.f64(value)
  }
  text(value: string): void {
    const { out } = this
    const { length } = value
    if (length < 24) {
      const { at } = out
      out.u8(TEXT | length)
      if (out.shortAscii(value)) return
      out.at = at
    }
    const text = wellFormed(value)
    const bytes = Buffer.byteLength(text)
    this.#head(TEXT, bytes)
    out.utf8(text, bytes)
  }
  bytes(value: Uint8Array): void {
    this.#head(BYTES, value.length)
    this.out.bytes(value)
  }
  list(length: number): void {
    this.#head(LIST, length)
  }
  map(size: number): void {
    this.#head(MAP, size)
  }
  decimal(value: Decimal): void {
    this.#head(TAG, CborTag.DECIMAL)
    this.list(2)
    this.integer(-value.scale)
    const { unscaled } = value
    const small = Number(unscaled)
    this.integer(Number.isSafeInteger(small) ? small : unscaled)
  }
  timestamp(value: Date): void {
    const ms = value.getTime()
    if (Number.isNaN(ms)) throw new DataException('Cannot write an invalid Date')
    this.#head(TAG, CborTag.EPOCH)
    if (ms % 1000 === 0) this.integer(ms / 1000)
    else this.float64(ms / 1000)
  }
  date(value: Date): void {
    this.#head(TAG, CborTag.DAYS)
    this.integer(Math.floor(value.getTime() / DAY_MS))
  }

  #head(major: number, value: number): void {
    const { out } = this
    if (value < 24) out.u8(major | value)
    else if (value < 0x100) {
      out.u8(major | 24)
      out.u8(value)
    } else if (value < 0x1_0000) {
      out.u8(major | 25)
      out.u16(value)
    } else if (value < TWO_32) {
      out.u8(major | 26)
      out.u32(value)
    } else {
      out.u8(major | 27)
      out.u64(value)
    }
  }
  #bigHead(major: number, value: bigint): void {
    if (value < TWO_32) {
      this.#head(major, Number(value))
      return
    }
    this.out.u8(major | 27)
    this.out.u64(value)
  }
}
