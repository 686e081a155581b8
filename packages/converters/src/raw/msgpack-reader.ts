// MessagePack in: every type of its specification; of the extension types timestamps alone have a meaning, others become their bytes.

import { TIMESTAMP_TYPE } from './msgpack-writer.ts'
import { ByteCursor, MAX_DEPTH, plainMap, setMember } from './reading.ts'
import type { TokenReader } from './tokens.ts'

const TWO_32 = 4_294_967_296
const NANOS_PER_MS = 1_000_000

export class MessagePackReader implements TokenReader {
  readonly #in = new ByteCursor('MessagePack')

  read(buffer: Buffer, start: number, end: number): unknown {
    this.#in.open(buffer, start, end)
    const value = this.#value(0)
    if (this.#in.at !== end) throw this.#in.bad(`${end - this.#in.at} bytes left over`)
    return value
  }

  #value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw this.#in.bad(`values nested deeper than ${MAX_DEPTH}`)
    const code = this.#in.u8()
    if (code < 0x80) return code
    if (code < 0x90) return this.#map(code & 15, depth + 1)
    if (code < 0xa0) return this.#list(code & 15, depth + 1)
    if (code < 0xc0) return this.#in.text(code & 31)
    if (code >= 0xe0) return code - 256
    return this.#coded(code, depth)
  }

  #coded(code: number, depth: number): unknown {
    const input = this.#in
    switch (code) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
        return input.bytes(input.u8())
      case 0xc5:
        return input.bytes(input.u16())
      case 0xc6:
        return input.bytes(input.u32())
      case 0xc7:
        return this.#extension(input.u8())
      case 0xc8:
        return this.#extension(input.u16())
      case 0xc9:
        return this.#extension(input.u32())
      case 0xca:
        return input.f32()
      case 0xcb:
        return input.f64()
      case 0xcc:
        return input.u8()
      case 0xcd:
        return input.u16()
      case 0xce:
        return input.u32()
      case 0xcf:
        return input.u64()
      default:
        return this.#coded2(code, depth)
    }
  }
  #coded2(code: number, depth: number): unknown {
    const input = this.#in
    switch (code) {
      case 0xd0:
        return (input.u8() << 24) >> 24
      case 0xd1:
        return (input.u16() << 16) >> 16
      case 0xd2:
        return input.u32() | 0
      case 0xd3:
        return input.i64()
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (code - 0xd4))
      case 0xd9:
      case 0xda:
      case 0xdb:
        return input.text(this.#textLength(code))
      case 0xdc:
        return this.#list(input.u16(), depth + 1)
      case 0xdd:
        return this.#list(input.u32(), depth + 1)
      case 0xde:
        return this.#map(input.u16(), depth + 1)
      case 0xdf:
        return this.#map(input.u32(), depth + 1)
      default:
        throw input.bad(`the unused code 0x${code.toString(16)}`)
    }
  }
  #textLength(code: number): number {
    if (code === 0xd9) return this.#in.u8()
    return code === 0xda ? this.#in.u16() : this.#in.u32()
  }

  #list(length: number, depth: number): unknown[] {
    this.#check(length)
    const items: unknown[] = []
    for (let left = length; left > 0; left--) items.push(this.#value(depth))
    return items
  }
  #map(size: number, depth: number): unknown {
    this.#check(size)
    const object: Record<string, unknown> = {}
    for (let left = size; left > 0; left--) {
      const key = this.#key(depth)
      if (typeof key !== 'string') return this.#mapFrom(object, key, left, depth)
      setMember(object, key, this.#value(depth))
    }
    return object
  }
  /** Goes on as a `Map` once a key is not a text. */
  #mapFrom(object: Record<string, unknown>, key: unknown, entries: number, depth: number): Map<unknown, unknown> {
    const map = plainMap(object)
    map.set(key, this.#value(depth))
    for (let left = entries - 1; left > 0; left--) {
      const next = this.#key(depth)
      map.set(next, this.#value(depth))
    }
    return map
  }
  #key(depth: number): unknown {
    const input = this.#in
    const code = input.at < input.end ? (input.buffer[input.at] as number) : 0
    if (code < 0xa0 || code > 0xbf) return this.#value(depth)
    input.at++
    return input.name(code & 31)
  }
  /** Each entry has at least one byte, so that no length can ask for more memory than was sent. */
  #check(length: number): void {
    if (length > this.#in.end - this.#in.at) {
      throw this.#in.bad(`a length of ${length}, with ${this.#in.end - this.#in.at} bytes left,`)
    }
  }

  #extension(length: number): Buffer | Date {
    const input = this.#in
    const type = (input.u8() << 24) >> 24
    if (type !== TIMESTAMP_TYPE) return input.bytes(length)
    switch (length) {
      case 4:
        return this.#date(input.u32(), 0)
      case 8: {
        const high = input.u32()
        return this.#date((high & 3) * TWO_32 + input.u32(), high >>> 2)
      }
      case 12: {
        const nanos = input.u32()
        return this.#date(Number(input.i64()), nanos)
      }
      default:
        throw input.bad(`a timestamp of ${length} bytes`)
    }
  }
  #date(seconds: number, nanos: number): Date {
    const date = new Date(seconds * 1000 + Math.floor(nanos / NANOS_PER_MS))
    if (nanos >= 1_000_000_000 || Number.isNaN(date.getTime())) throw this.#in.bad('a timestamp out of range')
    return date
  }
}
