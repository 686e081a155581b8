// Zigzag varints as the record format uses them: seven bits a byte, low group first, sign folded into bit 0.
// Source: Kafka protocol documentation, "Protocol Primitive Types" (VARINT, VARLONG).
import { MalformedRecord } from './errors.ts'

/** Bytes that `value`, an int32, takes as a zigzag varint: 1 to 5. */
export function varintSize(value: number): number {
  const folded = ((value << 1) ^ (value >> 31)) >>> 0
  return folded < 0x80 ? 1 : folded < 0x4000 ? 2 : folded < 0x200000 ? 3 : folded < 0x10000000 ? 4 : 5
}

/** Writes `value`, an int32, and returns the position after it. The caller has made room for 5 bytes. */
export function writeVarint(buffer: Buffer, at: number, value: number): number {
  let folded = ((value << 1) ^ (value >> 31)) >>> 0
  while (folded > 0x7f) {
    buffer[at++] = (folded & 0x7f) | 0x80
    folded >>>= 7
  }
  buffer[at++] = folded
  return at
}

/** Writes `value`, a safe integer, as a zigzag varlong and returns the position after it. The caller has made room for 10 bytes. */
export function writeVarlong(buffer: Buffer, at: number, value: number): number {
  if (value === (value | 0)) return writeVarint(buffer, at, value)
  let folded = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  while (folded > 0x7fn) {
    buffer[at++] = Number(folded & 0x7fn) | 0x80
    folded >>= 7n
  }
  buffer[at++] = Number(folded)
  return at
}

/**
 * Reads varints from `buffer` and remembers where it stands: one of these is kept and moved, nothing is allocated per number.
 * Reading past `end` or a number that is too long throws {@link MalformedRecord}.
 */
export class VarintCursor {
  buffer: Buffer
  at: number
  end: number

  constructor(buffer: Buffer, at = 0, end = buffer.length) {
    this.buffer = buffer
    this.at = at
    this.end = end
  }

  /** The next int32. */
  varint(): number {
    const folded = this.foldedAt(this.at)
    return (folded >>> 1) ^ -(folded & 1)
  }

  /** The int32 at `at`. */
  varintAt(at: number): number {
    const folded = this.foldedAt(at)
    return (folded >>> 1) ^ -(folded & 1)
  }

  /** The number at `at` with its sign still folded into bit 0; {@link VarintCursor.at} moves after it. */
  foldedAt(at: number): number {
    const buffer = this.buffer
    if (at >= this.end) throw truncated(at)
    let byte = buffer[at++]!
    let folded = byte & 0x7f
    for (let shift = 7; byte > 0x7f; shift += 7) {
      if (shift > 28) throw new MalformedRecord(`a varint of more than 5 bytes ends at byte ${at}`)
      if (at >= this.end) throw truncated(at)
      byte = buffer[at++]!
      folded |= (byte & 0x7f) << shift
    }
    this.at = at
    return folded
  }

  /** The next int64, exact up to 2^53 - 1. */
  varlong(): number {
    const start = this.at
    let at = start
    while (at < this.end && this.buffer[at]! > 0x7f) at++
    if (at >= this.end) throw truncated(at)
    const size = at - start + 1
    if (size <= 4) return this.varint()
    if (size > 10) throw new MalformedRecord(`a varlong of more than 10 bytes ends at byte ${at}`)
    let folded = 0n
    for (let i = size - 1; i >= 0; i--) folded = (folded << 7n) | BigInt(this.buffer[start + i]! & 0x7f)
    this.at = at + 1
    return Number(BigInt.asIntN(64, (folded >> 1n) ^ -(folded & 1n)))
  }
}

function truncated(at: number): MalformedRecord {
  return new MalformedRecord(`the data ends inside a varint at byte ${at}`)
}
