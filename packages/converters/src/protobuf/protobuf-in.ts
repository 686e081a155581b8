// Protobuf's wire format, read, with every step checked: bytes that lie cost an error, and neither time nor memory.
// Source: https://protobuf.dev/programming-guides/encoding/
import { isUtf8 } from 'node:buffer'
import { ByteCursor } from '../raw/reading.ts'
import { MAX_DEPTH, Wire } from './wire.ts'

const TWO_32 = 4_294_967_296
/** Bits of the upper half that a safe integer has room for. */
const SAFE_HIGH = 2 ** 21
const LONGEST = 10

/** Slices of one message that stands on the wire in more than one piece: start and end by turns. */
export type Pieces = number[]

/** A place in the bytes of messages. `end` is that of the message that is being read. */
export class ProtobufIn extends ByteCursor {
  /** Messages around this place. */
  depth = 0
  /** Set while a message that is not there is read as if it were empty: nothing in it is required. */
  lenient = false

  constructor() {
    super('Protobuf')
  }

  override open(buffer: Buffer, start: number, end: number): void {
    super.open(buffer, start, end)
    this.depth = 0
    this.lenient = false
  }

  /** The next tag, as signed 32 bits. */
  tag(): number {
    const { at } = this
    const first = this.buffer[at] as number
    if (first < 128 && first > 7 && at < this.end) {
      this.at = at + 1
      return first
    }
    const tag = this.int32()
    if (tag >>> 3 === 0) throw this.bad('a tag has field number 0')
    return tag
  }

  /** The lower half of a varint, signed. */
  int32(): number {
    const { buffer, end } = this
    let { at } = this
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= end) throw this.bad('the bytes end within a number')
      const byte = buffer[at++] as number
      value |= (byte & 127) << shift
      if (byte < 128) {
        this.at = at
        return value
      }
    }
    // The upper half of a negative number says nothing more.
    for (let more = 5; more < LONGEST; more++) {
      if (at >= end) throw this.bad('the bytes end within a number')
      if ((buffer[at++] as number) < 128) {
        this.at = at
        return value
      }
    }
    throw this.bad(`a number is longer than ${LONGEST} bytes`)
  }
  uint32(): number {
    return this.int32() >>> 0
  }
  sint32(): number {
    const value = this.int32()
    return (value >>> 1) ^ -(value & 1)
  }
  /** A varint as signed 64 bits; a number when it is safe. */
  int64(): number | bigint {
    const { buffer, end } = this
    let { at } = this
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= end) throw this.bad('the bytes end within a number')
      const byte = buffer[at++] as number
      low |= (byte & 127) << shift
      if (byte < 128) {
        this.at = at
        return low
      }
    }
    let middle = 0
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= end) throw this.bad('the bytes end within a number')
      const byte = buffer[at++] as number
      middle |= (byte & 127) << shift
      if (byte < 128) {
        this.at = at
        return join(middle >>> 4, (low | (middle << 28)) >>> 0)
      }
    }
    let high = 0
    for (let shift = 0; shift < 14; shift += 7) {
      if (at >= end) throw this.bad('the bytes end within a number')
      const byte = buffer[at++] as number
      high |= (byte & 127) << shift
      if (byte < 128) {
        this.at = at
        return join((middle >>> 4) | (high << 24), (low | (middle << 28)) >>> 0)
      }
    }
    throw this.bad(`a number is longer than ${LONGEST} bytes`)
  }
  sint64(): number | bigint {
    const value = this.int64()
    if (typeof value === 'number' && value >= 0) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    const bits = BigInt.asUintN(64, BigInt(value))
    return narrow((bits >> 1n) ^ -(bits & 1n))
  }
  fixed32(): number {
    return this.buffer.readUInt32LE(this.take(4))
  }
  sfixed32(): number {
    return this.buffer.readInt32LE(this.take(4))
  }
  fixed64(): number | bigint {
    const at = this.take(8)
    return join(this.buffer.readInt32LE(at + 4), this.buffer.readUInt32LE(at))
  }
  float(): number {
    return this.buffer.readFloatLE(this.take(4))
  }
  double(): number {
    return this.buffer.readDoubleLE(this.take(8))
  }
  bool(): boolean {
    const { at } = this
    const first = this.buffer[at] as number
    if (first < 128 && at < this.end) {
      this.at = at + 1
      return first !== 0
    }
    return this.int64() !== 0
  }
  /** A text of a proto2 file: what is no UTF-8 in it is read as U+FFFD. */
  looseString(): string {
    return this.text(this.size())
  }
  string(): string {
    const length = this.size()
    const { at } = this
    const text = this.text(length)
    if (text.includes('\ufffd') && !isUtf8(this.buffer.subarray(at, at + length))) {
      throw this.bad('a string is not valid UTF-8')
    }
    return text
  }
  block(): Buffer {
    return this.bytes(this.size())
  }
  /** The length of what follows: not more than there is. */
  size(): number {
    const { at } = this
    const first = this.buffer[at] as number
    let size = first
    if (first < 128 && at < this.end) this.at = at + 1
    else size = this.int32()
    if (size < 0 || size > this.end - this.at) {
      throw this.bad(`a length of ${size >>> 0} is more than the ${this.end - this.at} bytes that are left`)
    }
    return size
  }

  /** Goes into what has its length before it, and gives the end of what is around it, for {@link leave}. */
  enter(): number {
    const size = this.size()
    const outer = this.end
    this.end = this.at + size
    if (++this.depth > MAX_DEPTH) throw this.tooDeep()
    return outer
  }
  leave(outer: number): void {
    this.depth--
    this.end = outer
  }
  /** Goes to a message that was stepped over. */
  within(start: number, end: number): void {
    this.at = start
    this.end = end
    if (++this.depth > MAX_DEPTH) throw this.tooDeep()
  }
  /** Adds a piece to a message that stood on the wire before. */
  piece(pieces: Pieces | null, size: number): Pieces {
    const all = pieces ?? []
    all.push(this.at, this.at + size)
    return all
  }
  /** Reads a message from its pieces: as one, they are what merging them gives. */
  merged<T>(start: number, end: number, pieces: Pieces, read: () => T): T {
    const { buffer } = this
    const parts = [buffer.subarray(start, end)]
    for (let at = 0; at < pieces.length; at += 2) parts.push(buffer.subarray(pieces[at], pieces[at + 1]))
    const whole = Buffer.concat(parts)
    this.buffer = whole
    this.within(0, whole.length)
    const value = read()
    this.buffer = buffer
    return value
  }
  /** Reads a message that is not there: each of its fields has its default. */
  none<T>(read: () => T): T {
    const { lenient } = this
    this.lenient = true
    this.within(this.end, this.end)
    const value = read()
    this.depth--
    this.lenient = lenient
    return value
  }

  /** Steps over the value of a tag that says nothing here. */
  skip(tag: number): void {
    switch (tag & 7) {
      case Wire.VARINT:
        this.int64()
        return
      case Wire.FIXED64:
        this.take(8)
        return
      case Wire.BYTES:
        this.take(this.size())
        return
      case Wire.FIXED32:
        this.take(4)
        return
      case Wire.GROUP:
        this.#skipGroup(tag)
        return
      case Wire.GROUP_END:
        throw this.bad('a group ends that did not begin')
      default:
        throw this.bad(`a tag has wire type ${tag & 7}`)
    }
  }
  #skipGroup(tag: number): void {
    const depth = this.depth
    const open = [tag >>> 3]
    while (open.length > 0) {
      const inner = this.tag()
      const wire = inner & 7
      if (wire === Wire.GROUP) {
        open.push(inner >>> 3)
        if (depth + open.length > MAX_DEPTH) throw this.tooDeep()
      } else if (wire !== Wire.GROUP_END) this.skip(inner)
      else if (open.pop() !== inner >>> 3) throw this.bad('a group ends under another number than it began')
    }
  }
  tooDeep(): Error {
    return this.bad(`messages stand within each other deeper than ${MAX_DEPTH}`)
  }
}

function join(high: number, low: number): number | bigint {
  if (high >= -SAFE_HIGH && high < SAFE_HIGH) {
    const value = high * TWO_32 + low
    if (value >= Number.MIN_SAFE_INTEGER) return value
  }
  return (BigInt(high) << 32n) | BigInt(low)
}
function narrow(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
