// The messages that stand for Connect's logical types, written. Their fields' numbers never change.
import { DataException, Decimal, LogicalName, type Value } from '@millrace/api'
import { dayOf } from './calendar.ts'
import { WellKnown } from './names.ts'
import { type ProtobufOut, unfit } from './protobuf-out.ts'
import { digitsOf } from './well-known-in.ts'
import { tagOf, Wire } from './wire.ts'

const DAY_MS = 86_400_000
const SECOND = 1000
const NANOS_PER_MS = 1_000_000
/** Milliseconds of 0001-01-01 and of the end of 9999: what a Timestamp message may hold. */
const FIRST_MS = -62_135_596_800_000
const LAST_MS = 253_402_300_799_999

/** The message that a logical type is, and how its content is written; null for a type that has none. */
export function logicalWriter(
  name: string | null,
  out: ProtobufOut,
): { readonly message: string; readonly write: (value: Value) => void } | null {
  switch (name) {
    case LogicalName.DECIMAL:
      return { message: WellKnown.DECIMAL, write: (value) => decimal(value, out) }
    case LogicalName.DATE:
      return { message: WellKnown.DATE, write: (value) => date(value, out) }
    case LogicalName.TIME:
      return { message: WellKnown.TIME, write: (value) => time(value, out) }
    case LogicalName.TIMESTAMP:
      return { message: WellKnown.TIMESTAMP, write: (value) => timestamp(value, out) }
    default:
      return null
  }
}

function decimal(value: Value, out: ProtobufOut): void {
  if (!(value instanceof Decimal)) throw unfit('Decimal', value)
  const { unscaled, scale } = value
  out.u8(tagOf(1, Wire.BYTES))
  out.block(value.toBytes())
  number(2, digitsOf(unscaled < 0n ? -unscaled : unscaled), out)
  number(3, scale, out)
}
function date(value: Value, out: ProtobufOut): void {
  const ms = millis('Date', value)
  if (ms % DAY_MS !== 0) {
    throw new DataException('Kafka Connect Date type should not have any time fields set to non-zero values.')
  }
  const { year, month, day } = dayOf(ms / DAY_MS)
  number(1, year, out)
  number(2, month, out)
  number(3, day, out)
}
function time(value: Value, out: ProtobufOut): void {
  const ms = millis('Time', value)
  if (ms < 0 || ms > DAY_MS) {
    throw new DataException('Time values must use number of millis greater than 0 and less than 86400000')
  }
  const seconds = Math.floor(ms / SECOND)
  number(1, Math.floor(seconds / 3600) % 24, out)
  number(2, Math.floor(seconds / 60) % 60, out)
  number(3, seconds % 60, out)
  number(4, (ms % SECOND) * NANOS_PER_MS, out)
}
function timestamp(value: Value, out: ProtobufOut): void {
  const ms = millis('Timestamp', value)
  if (ms < FIRST_MS || ms > LAST_MS) {
    throw new DataException(`A Timestamp message holds the years 1 to 9999, and ${value} is not of them`)
  }
  const seconds = Math.floor(ms / SECOND)
  if (seconds !== 0) {
    out.u8(tagOf(1, Wire.VARINT))
    out.int64(seconds)
  }
  number(2, (ms - seconds * SECOND) * NANOS_PER_MS, out)
}

function millis(type: string, value: Value): number {
  if (!(value instanceof Date)) throw unfit(type, value)
  const ms = value.getTime()
  if (Number.isNaN(ms)) throw new DataException(`Not a valid ${type}: ${value}`)
  return ms
}
/** A field of 32 bits, left out when it is 0. */
function number(field: number, value: number, out: ProtobufOut): void {
  if (value === 0) return
  out.u8(tagOf(field, Wire.VARINT))
  out.int32(value)
}
