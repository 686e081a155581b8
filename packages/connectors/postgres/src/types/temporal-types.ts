// date, time and timestamp by `time.precision.mode`. A column's digits are its modifier, six without.
import { dateBuilder, type SchemaBuilder, timeBuilder, timestampBuilder } from '@millrace/api'
import type { ColumnType } from './column-type.ts'
import type { Decode } from './decoder.ts'
import type { TypeOptions } from './options.ts'
import * as schemas from './schemas.ts'
import * as temporal from './temporal.ts'

const MILLIS_DIGITS = 3

export function dateType(mode: TypeOptions['time']): ColumnType {
  if (mode === 'connect') return column(dateBuilder, temporal.decodeConnectDate)
  if (mode === 'isostring') return column(schemas.isoDate, temporal.decodeIsoDate)
  return column(schemas.date, temporal.decodeDate)
}

export function timeType(mode: TypeOptions['time'], digits: number): ColumnType {
  switch (mode) {
    case 'connect':
      return column(timeBuilder, temporal.decodeConnectTime)
    case 'isostring':
      return column(schemas.isoTime, temporal.decodeIsoTime)
    case 'nanoseconds':
      return column(schemas.nanoTime, temporal.decodeTimeNanos)
    case 'adaptive':
      if (digits >= 0 && digits <= MILLIS_DIGITS) return column(schemas.time, temporal.decodeTimeMillis)
      return column(schemas.microTime, temporal.decodeTimeMicros)
    default:
      return column(schemas.microTime, temporal.decodeTimeMicros)
  }
}

export function timestampType(mode: TypeOptions['time'], digits: number): ColumnType {
  switch (mode) {
    case 'connect':
      return column(timestampBuilder, temporal.decodeConnectTimestamp)
    case 'isostring':
      return column(schemas.isoTimestamp, temporal.decodeIsoTimestamp)
    case 'nanoseconds':
      return column(schemas.nanoTimestamp, temporal.decodeTimestampNanos)
    case 'microseconds':
      return column(schemas.microTimestamp, temporal.decodeTimestampMicros)
    default:
      if (digits >= 0 && digits <= MILLIS_DIGITS) return column(schemas.timestamp, temporal.decodeTimestampMillis)
      return column(schemas.microTimestamp, temporal.decodeTimestampMicros)
  }
}

function column(schema: () => SchemaBuilder, decode: Decode): ColumnType {
  return { schema, decode, unchanged: null }
}
