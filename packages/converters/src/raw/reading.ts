// What both binary readers need: checked steps through the bytes, texts, and a small memory for the names of members.
import { DataException } from '@millrace/api'

/** Deepest nesting that is read. */
export const MAX_DEPTH = 500
/** Below this many bytes a loop over ASCII beats a call into the runtime. */
const SHORT = 16
const NAMES = 512
const LONGEST_NAME = 40
const TWO_32 = 4_294_967_296
const CODES: number[] = []

/** A place in a range of bytes. */
export class ByteCursor {
  buffer: Buffer = Buffer.alloc(0)
  at = 0
  end = 0
  readonly #format: string
  #start = 0
  readonly #names: (string | undefined)[] = new Array(NAMES).fill(undefined)

  /** @param format its name, for errors */
  constructor(format: string) {
    this.#format = format
  }

  open(buffer: Buffer, start: number, end: number): void {
    this.buffer = buffer
    this.at = start
    this.end = end
    this.#start = start
  }

  /** An error at this place. */
  bad(what: string): DataException {
    return new DataException(`Cannot read ${this.#format}: ${what} at byte ${this.at - this.#start}`)
  }
  /** Steps over `length` bytes and gives where they began. @throws DataException when there are not as many */
  take(length: number): number {
    const { at } = this
    if (length > this.end - at)
      throw this.bad(`the bytes end within a value: ${length} more expected, ${this.end - at} left`)
    this.at = at + length
    return at
  }
  u8(): number {
    return this.buffer[this.take(1)] as number
  }
  u16(): number {
    return this.buffer.readUInt16BE(this.take(2))
  }
  u32(): number {
    return this.buffer.readUInt32BE(this.take(4))
  }
  /** Unsigned 64 bits: a number when safe. */
  u64(): number | bigint {
    const at = this.take(8)
    const high = this.buffer.readUInt32BE(at)
    if (high < 0x20_0000) return high * TWO_32 + this.buffer.readUInt32BE(at + 4)
    return this.buffer.readBigUInt64BE(at)
  }
  /** Signed 64 bits: a number when safe. */
  i64(): number | bigint {
    const at = this.take(8)
    const high = this.buffer.readInt32BE(at)
    if (high >= -0x20_0000 && high < 0x20_0000) {
      const value = high * TWO_32 + this.buffer.readUInt32BE(at + 4)
      if (value >= Number.MIN_SAFE_INTEGER) return value
    }
    return this.buffer.readBigInt64BE(at)
  }
  f32(): number {
    return this.buffer.readFloatBE(this.take(4))
  }
  f64(): number {
    return this.buffer.readDoubleBE(this.take(8))
  }
  /** A copy: the batch's memory is used again. */
  bytes(length: number): Buffer {
    const at = this.take(length)
    return Buffer.from(this.buffer.subarray(at, at + length))
  }
  text(length: number): string {
    const at = this.take(length)
    if (length <= SHORT) {
      const short = this.#ascii(at, length)
      if (short !== undefined) return short
    }
    return this.buffer.toString('utf8', at, at + length)
  }
  /** A text that is likely to be met again. */
  name(length: number): string {
    if (length > LONGEST_NAME || length === 0) return this.text(length)
    const at = this.take(length)
    const { buffer } = this
    const slot = ((length * 31 + (buffer[at] as number)) * 31 + (buffer[at + length - 1] as number)) % NAMES
    const known = this.#names[slot]
    if (known !== undefined && known.length === length && this.#isText(known, at)) return known
    const text = buffer.toString('utf8', at, at + length)
    if (text.length === length) this.#names[slot] = text
    return text
  }
  #isText(text: string, at: number): boolean {
    for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== this.buffer[at + i]) return false
    return true
  }
  #ascii(at: number, length: number): string | undefined {
    CODES.length = length
    for (let i = 0; i < length; i++) {
      const code = this.buffer[at + i] as number
      if (code > 127) return undefined
      CODES[i] = code
    }
    return String.fromCharCode.apply(null, CODES)
  }
}

/** Largest power of ten of a decimal that is read: to print more would take memory without end. */
export const MAX_SCALE = 100_000

/** A number when safe. */
export function narrowInteger(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Sets a member of a plain object; `__proto__` is a name like others. */
export function setMember(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
  } else object[name] = value
}

/** The members of a plain object as a map. */
export function plainMap(object: Readonly<Record<string, unknown>>): Map<unknown, unknown> {
  return new Map<unknown, unknown>(Object.entries(object))
}
