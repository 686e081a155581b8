// CBOR in (RFC 8949): everything well-formed is read, indefinite lengths and half floats too. Tags of time, big numbers and
// decimals become such values; other tags are passed over.
import { type DataException, Decimal } from '@millrace/api'
import { CborTag } from './cbor-writer.ts'
import { ByteCursor, MAX_DEPTH, MAX_SCALE, narrowInteger, plainMap, setMember } from './reading.ts'
import type { TokenReader } from './tokens.ts'

const BREAK = 0xff
const INDEFINITE = 31
const DAY_MS = 86_400_000
/** Stands for the mark that ends a container of indefinite length. */
const END: unique symbol = Symbol('break')

export class CborReader implements TokenReader {
  readonly #in = new ByteCursor('CBOR')

  read(buffer: Buffer, start: number, end: number): unknown {
    this.#in.open(buffer, start, end)
    const value = this.#item(0)
    if (this.#in.at !== end) throw this.#in.bad(`${end - this.#in.at} bytes left over`)
    return value
  }

  #item(depth: number): unknown {
    const value = this.#value(this.#in.u8(), depth)
    if (value === END) throw this.#in.bad('a break where a value is expected')
    return value
  }
  /** The value whose first byte is `head`, or {@link END}. */
  #value(head: number, depth: number): unknown {
    if (depth > MAX_DEPTH) throw this.#in.bad(`values nested deeper than ${MAX_DEPTH}`)
    const low = head & 31
    switch (head >> 5) {
      case 0:
        return this.#count(low)
      case 1:
        return this.#negative(low)
      case 2:
        return this.#bytes(low)
      case 3:
        return low === INDEFINITE ? this.#chunks(3).toString('utf8') : this.#in.text(this.#length(low))
      case 4:
        return this.#list(low, depth + 1)
      case 5:
        return this.#map(low, depth + 1)
      case 6:
        return this.#tagged(this.#count(low), depth + 1)
      default:
        return this.#simple(head, low)
    }
  }

  #count(low: number): number | bigint {
    if (low < 24) return low
    if (low === 24) return this.#in.u8()
    if (low === 25) return this.#in.u16()
    if (low === 26) return this.#in.u32()
    if (low === 27) return this.#in.u64()
    throw this.#in.bad(`a head with the reserved length ${low}`)
  }
  /** A length in bytes or entries; each entry has at least one byte, so that no length can ask for more memory than was sent. */
  #length(low: number): number {
    const length = Number(this.#count(low))
    if (length > this.#in.end - this.#in.at)
      throw this.#in.bad(`a length of ${length}, with ${this.#in.end - this.#in.at} bytes left,`)
    return length
  }
  #negative(low: number): number | bigint {
    const magnitude = this.#count(low)
    if (typeof magnitude === 'number' && magnitude < Number.MAX_SAFE_INTEGER) return -1 - magnitude
    return -1n - BigInt(magnitude)
  }
  #bytes(low: number): Buffer {
    return low === INDEFINITE ? this.#chunks(2) : this.#in.bytes(this.#length(low))
  }
  #chunks(major: number): Buffer {
    const parts: Buffer[] = []
    for (let head = this.#in.u8(); head !== BREAK; head = this.#in.u8()) {
      if (head >> 5 !== major || (head & 31) === INDEFINITE) throw this.#in.bad('a chunk of another type')
      parts.push(this.#in.bytes(this.#length(head & 31)))
    }
    return Buffer.concat(parts)
  }
  #list(low: number, depth: number): unknown[] {
    const items: unknown[] = []
    if (low === INDEFINITE) {
      for (let item = this.#value(this.#in.u8(), depth); item !== END; item = this.#value(this.#in.u8(), depth))
        items.push(item)
      return items
    }
    for (let left = this.#length(low); left > 0; left--) items.push(this.#item(depth))
    return items
  }
  #map(low: number, depth: number): unknown {
    let left = low === INDEFINITE ? -1 : this.#length(low)
    const object: Record<string, unknown> = {}
    while (left !== 0) {
      const key = this.#key(depth, left < 0)
      if (key === END) return object
      if (typeof key !== 'string') return this.#mapFrom(object, key, left, depth)
      setMember(object, key, this.#item(depth))
      left--
    }
    return object
  }
  /** Goes on as a `Map` once a key is not a text. */
  #mapFrom(object: Record<string, unknown>, key: unknown, entries: number, depth: number): Map<unknown, unknown> {
    const map = plainMap(object)
    map.set(key, this.#item(depth))
    for (let left = entries - 1; left !== 0; left--) {
      const next = this.#key(depth, left < 0)
      if (next === END) return map
      map.set(next, this.#item(depth))
    }
    return map
  }
  #key(depth: number, mayEnd: boolean): unknown {
    const head = this.#in.u8()
    if (head >> 5 === 3 && (head & 31) !== INDEFINITE) return this.#in.name(this.#length(head & 31))
    if (head === BREAK && !mayEnd) throw this.#in.bad('a break where a key is expected')
    return this.#value(head, depth)
  }

  #simple(head: number, low: number): unknown {
    switch (low) {
      case 20:
        return false
      case 21:
        return true
      case 22:
      case 23:
        return null
      case 25:
        return half(this.#in.u16())
      case 26:
        return this.#in.f32()
      case 27:
        return this.#in.f64()
      case INDEFINITE:
        return END
      default:
        throw this.#in.bad(`an unknown simple value (0x${head.toString(16)})`)
    }
  }

  #tagged(tag: number | bigint, depth: number): unknown {
    const value = this.#item(depth)
    switch (tag) {
      case CborTag.TIME_TEXT:
        return this.#date(typeof value === 'string' ? Date.parse(value) : Number.NaN)
      case CborTag.EPOCH:
        return this.#date(typeof value === 'number' ? Math.round(value * 1000) : Number.NaN)
      case CborTag.DAYS:
        return this.#date(typeof value === 'number' ? value * DAY_MS : Number.NaN)
      case CborTag.BIG:
        return narrowInteger(this.#big(value))
      case CborTag.NEGATIVE_BIG:
        return narrowInteger(-1n - this.#big(value))
      case CborTag.DECIMAL:
        return this.#decimal(value)
      default:
        return value
    }
  }
  #date(ms: number): Date {
    const date = new Date(ms)
    if (Number.isNaN(date.getTime())) throw this.#in.bad('a time that is none')
    return date
  }
  #big(value: unknown): bigint {
    if (!Buffer.isBuffer(value)) throw this.#in.bad('a big number that is not bytes')
    return value.length === 0 ? 0n : BigInt(`0x${value.toString('hex')}`)
  }
  #decimal(value: unknown): Decimal {
    const [exponent, mantissa] = Array.isArray(value) && value.length === 2 ? (value as unknown[]) : []
    const isInteger = Number.isInteger(mantissa) || typeof mantissa === 'bigint'
    if (!isInteger || typeof exponent !== 'number' || !Number.isInteger(exponent)) throw this.#badDecimal()
    if (Math.abs(exponent) > MAX_SCALE) throw this.#badDecimal()
    return new Decimal(BigInt(mantissa as number), exponent === 0 ? 0 : -exponent)
  }
  #badDecimal(): DataException {
    return this.#in.bad('a decimal that is not a list of exponent and mantissa')
  }
}

/** IEEE 754 half precision. */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const sign = bits & 0x8000 ? -1 : 1
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
