// The wire format's words: which wire type each scalar has, and how tags are made.
// Source: https://protobuf.dev/programming-guides/encoding/
import type { LinkedField, ProtoScalar } from '@millrace/schemas/protobuf'

export const Wire = { VARINT: 0, FIXED64: 1, BYTES: 2, GROUP: 3, GROUP_END: 4, FIXED32: 5 } as const
export type Wire = (typeof Wire)[keyof typeof Wire]

/** Deepest nesting of messages that is read: the limit of the reference's parser. */
export const MAX_DEPTH = 100

/** The tag before a field's value, as signed 32 bits, as it is read. */
export function tagOf(number: number, wire: Wire): number {
  return (number << 3) | wire
}

/** The wire type of one value of a scalar. */
export function scalarWire(scalar: ProtoScalar): Wire {
  switch (scalar) {
    case 'double':
    case 'fixed64':
    case 'sfixed64':
      return Wire.FIXED64
    case 'float':
    case 'fixed32':
    case 'sfixed32':
      return Wire.FIXED32
    case 'string':
    case 'bytes':
      return Wire.BYTES
    default:
      return Wire.VARINT
  }
}

/** The wire type of one value of a field. */
export function wireOf({ type }: LinkedField): Wire {
  if (type.kind === 'scalar') return scalarWire(type.scalar)
  if (type.kind === 'enum') return Wire.VARINT
  return type.group ? Wire.GROUP : Wire.BYTES
}

/** True when many values of the field may stand in one run. */
export function isPackable(field: LinkedField): boolean {
  return field.repeated && field.mapKey === null && wireOf(field) !== Wire.BYTES && wireOf(field) !== Wire.GROUP
}
