// The logical types that ship with Connect: Decimal, Date, Time, Timestamp, their schemas and encodings.
import { DataException } from '../errors.ts'
import { Decimal } from './decimal.ts'
import { LogicalName } from './logical-names.ts'
import type { Schema } from './schema.ts'
import { SchemaBuilder } from './schema-builder.ts'

const SCALE = 'scale'
const DAY_MS = 86_400_000

/** Builder of a Decimal schema: BYTES with parameter `scale`. */
export function decimalBuilder(scale: number): SchemaBuilder {
  return SchemaBuilder.bytes().name(LogicalName.DECIMAL).parameter(SCALE, String(scale)).version(1)
}
/** Builder of a Date schema: INT32 days since the epoch, UTC. */
export function dateBuilder(): SchemaBuilder {
  return SchemaBuilder.int32().name(LogicalName.DATE).version(1)
}
/** Builder of a Time schema: INT32 milliseconds of the day. */
export function timeBuilder(): SchemaBuilder {
  return SchemaBuilder.int32().name(LogicalName.TIME).version(1)
}
/** Builder of a Timestamp schema: INT64 milliseconds since the epoch. */
export function timestampBuilder(): SchemaBuilder {
  return SchemaBuilder.int64().name(LogicalName.TIMESTAMP).version(1)
}

/** Ready-made schemas of the logical types without parameters. */
export const LogicalSchemas = Object.freeze({
  DATE: dateBuilder().build(),
  TIME: timeBuilder().build(),
  TIMESTAMP: timestampBuilder().build(),
  OPTIONAL_DATE: dateBuilder().optional().build(),
  OPTIONAL_TIME: timeBuilder().optional().build(),
  OPTIONAL_TIMESTAMP: timestampBuilder().optional().build(),
})

/**
 * Scale of a Decimal schema.
 * @throws DataException when the schema has no integer `scale` parameter
 */
export function decimalScale(schema: Schema): number {
  const text = schema.parameters?.get(SCALE)
  if (text === undefined) throw new DataException('Invalid Decimal schema: scale parameter not found.')
  const scale = Number(text)
  if (!Number.isInteger(scale)) {
    throw new DataException(`Invalid scale parameter found in Decimal schema: ${text}`)
  }
  return scale
}

/** Bytes of a Decimal. @throws DataException when its scale is not the schema's */
export function decimalToBytes(schema: Schema, value: Decimal): Buffer {
  const scale = decimalScale(schema)
  if (value.scale !== scale) {
    throw new DataException(
      `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.`,
    )
  }
  return value.toBytes()
}

/** Decimal of its bytes, with the schema's scale. */
export function decimalFromBytes(schema: Schema, bytes: Uint8Array): Decimal {
  return Decimal.fromBytes(bytes, decimalScale(schema))
}

/** Days since the epoch of a Date. @throws DataException when it has a time of day */
export function dateToDays(value: Date): number {
  const ms = value.getTime()
  if (ms % DAY_MS !== 0) {
    throw new DataException('Kafka Connect Date type should not have any time fields set to non-zero values.')
  }
  return ms / DAY_MS
}
/** Date of days since the epoch. */
export function dateFromDays(days: number): Date {
  return new Date(days * DAY_MS)
}

/** Milliseconds of the day of a Time. @throws DataException when it is not on the epoch day */
export function timeToMillis(value: Date): number {
  const ms = value.getTime()
  if (ms < 0 || ms > DAY_MS) {
    throw new DataException('Kafka Connect Time type should not have any date fields set to non-zero values.')
  }
  return ms
}
/** Time of milliseconds of the day. @throws DataException outside 0 to 86400000 */
export function timeFromMillis(ms: number): Date {
  if (ms < 0 || ms > DAY_MS) {
    throw new DataException('Time values must use number of milliseconds greater than 0 and less than 86400000')
  }
  return new Date(ms)
}

/** Milliseconds since the epoch of a Timestamp. */
export function timestampToMillis(value: Date): number {
  return value.getTime()
}
/** Timestamp of milliseconds since the epoch. @throws DataException beyond what a Date can hold (±8.64e15 ms) */
export function timestampFromMillis(ms: number | bigint): Date {
  const date = new Date(Number(ms))
  if (Number.isNaN(date.getTime())) throw new DataException(`Timestamp out of range: ${ms} ms since the epoch`)
  return date
}
