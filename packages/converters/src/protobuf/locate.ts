// Says in which field of which message a byte stands: for errors alone, by walking the bytes once more.
import type { LinkedField, LinkedMessage } from '@millrace/schemas/protobuf'
import { isMap, mapParts } from './maps.ts'
import { Wire } from './wire.ts'

/** A path like `pkg.Order.lines.price`, as far as it can be followed. */
export function placeOf(message: LinkedMessage, buffer: Buffer, start: number, end: number, place: number): string {
  let path = message.fullName
  let around: LinkedMessage | null = message
  let from = start
  let to = end
  while (around !== null) {
    const found = fieldAt(buffer, from, to, place)
    if (found === null) return path
    const known: LinkedField | undefined = around.fields.find(({ number }) => number === found.number)
    if (known === undefined) return `${path}, field number ${found.number}`
    path += `.${known.name}`
    around = found.wire === Wire.BYTES ? messageOf(around, known) : null
    from = found.start
    to = found.end
  }
  return path
}

function messageOf(around: LinkedMessage, field: LinkedField): LinkedMessage | null {
  if (isMap(field)) return mapParts(around, field).entry
  return field.type.kind === 'message' ? field.type.type : null
}

interface Found {
  readonly number: number
  readonly wire: number
  /** Of the value's content. */
  readonly start: number
  readonly end: number
}

/** The field whose bytes reach to a place or beyond; the last one before what cannot be read. */
function fieldAt(buffer: Buffer, start: number, end: number, place: number): Found | null {
  let at = start
  let last: Found | null = null
  /** Undefined at the end of the bytes. */
  const varint = (): number | undefined => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) return undefined
      const byte = buffer[at++] as number
      if (shift < 35) value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
    return undefined
  }
  while (at < end) {
    const tag = varint()
    if (tag === undefined || tag >>> 3 === 0) return last
    const wire = tag & 7
    let from = at
    let size = wire === Wire.FIXED64 ? 8 : wire === Wire.FIXED32 ? 4 : 0
    let isWhole = wire !== Wire.GROUP && wire < 6
    if (wire === Wire.VARINT) isWhole = varint() !== undefined
    if (wire === Wire.BYTES) {
      const length = varint()
      isWhole = length !== undefined
      size = length ?? 0
      from = at
    }
    at += size
    last = { number: tag >>> 3, wire, start: from, end: Math.min(at, end) }
    if (!isWhole || at > end || at >= place) return last
  }
  return last
}
