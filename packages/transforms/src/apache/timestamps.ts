// Conversions between the forms that a timestamp can have. Each is one function, chosen once; in between are milliseconds.
import {
  ConnectException,
  DataException,
  errorMessage,
  javaClassOf,
  LogicalName,
  LogicalSchemas,
  type Schema,
  Schemas,
  schemaToString,
  type Value,
} from '@millrace/api'
import { NullPointerException } from './common/errors.ts'
import { DAY_MS } from './date-format/calendar.ts'
import type { DateFormat } from './date-format/date-format.ts'

/** What a timestamp can be, in the words of the configuration. */
export type Target = 'string' | 'unix' | 'Date' | 'Time' | 'Timestamp'
export type Precision = 'nanoseconds' | 'microseconds' | 'milliseconds' | 'seconds'

const MAX_DATE = 8.64e15
const INT64_MAX = 2n ** 63n - 1n

/** The schema of a form. */
export function targetSchema(target: Target, optional: boolean): Schema {
  const [required, nullable] = SCHEMAS[target]
  return optional ? nullable : required
}

const SCHEMAS: Readonly<Record<Target, readonly [Schema, Schema]>> = {
  string: [Schemas.STRING, Schemas.OPTIONAL_STRING],
  unix: [Schemas.INT64, Schemas.OPTIONAL_INT64],
  Date: [LogicalSchemas.DATE, LogicalSchemas.OPTIONAL_DATE],
  Time: [LogicalSchemas.TIME, LogicalSchemas.OPTIONAL_TIME],
  Timestamp: [LogicalSchemas.TIMESTAMP, LogicalSchemas.OPTIONAL_TIMESTAMP],
}

/** The form that values of a schema have. @throws ConnectException for a schema of no timestamp */
export function kindOf(schema: Schema): Target {
  switch (schema.name) {
    case LogicalName.TIMESTAMP:
      return 'Timestamp'
    case LogicalName.DATE:
      return 'Date'
    case LogicalName.TIME:
      return 'Time'
    default:
      if (schema.type === 'STRING') return 'string'
      if (schema.type === 'INT64') return 'unix'
      throw new ConnectException(
        `Schema ${schemaToString(schema)} does not correspond to a known timestamp type format`,
      )
  }
}

/** From one form to another; null stays null. */
export function conversion(
  from: Target,
  to: Target,
  format: DateFormat | null,
  precision: Precision,
): (value: Value) => Value {
  const read = reader(from, format, precision)
  const write = writer(to, format, precision)
  return (value) => (value === null || value === undefined ? null : write(read(value)))
}

/** From whatever form a value without a schema has. */
export function inferred(to: Target, format: DateFormat | null, precision: Precision): (value: Value) => Value {
  const ofDate = conversion('Timestamp', to, format, precision)
  const ofUnix = conversion('unix', to, format, precision)
  const ofText = conversion('string', to, format, precision)
  return (value) => {
    if (value === null || value === undefined) return null
    if (typeof value === 'string') return ofText(value)
    if (typeof value === 'bigint' || Number.isInteger(value)) return ofUnix(value)
    if (value instanceof Date) return ofDate(value)
    throw new DataException(`TimestampConverter does not support class ${javaClassOf(value)} objects as timestamps`)
  }
}

function reader(from: Target, format: DateFormat | null, precision: Precision): (value: Value) => number {
  switch (from) {
    case 'string':
      return (value) => readText(value, format)
    case 'unix':
      return (value) => {
        if (typeof value === 'number' || typeof value === 'bigint') return UNITS[precision].read(value)
        throw new DataException(`Expected Unix timestamp to be a Long, but found class ${javaClassOf(value)}`)
      }
    default:
      return (value) => {
        if (value instanceof Date) return value.getTime()
        throw new DataException(`Expected ${from} to be a java.util.Date, but found class ${javaClassOf(value)}`)
      }
  }
}

function readText(value: Value, format: DateFormat | null): number {
  if (typeof value !== 'string') {
    throw new DataException(`Expected string timestamp to be a String, but found class ${javaClassOf(value)}`)
  }
  if (format === null) {
    throw new NullPointerException('TimestampConverter has no format to read a string timestamp with: set "format"')
  }
  try {
    return format.parse(value)
  } catch (cause) {
    throw new DataException(
      `Could not parse timestamp: value (${value}) does not match pattern (${format.pattern}): ${errorMessage(cause)}`,
      { cause },
    )
  }
}

function writer(to: Target, format: DateFormat | null, precision: Precision): (ms: number) => Value {
  switch (to) {
    case 'string':
      return (ms) => (format as DateFormat).format(ms)
    case 'unix':
      return UNITS[precision].write
    case 'Date':
      return (ms) => dateOf(Math.floor(ms / DAY_MS) * DAY_MS)
    case 'Time':
      return (ms) => new Date(ms - Math.floor(ms / DAY_MS) * DAY_MS)
    default:
      return dateOf
  }
}

function dateOf(ms: number): Date {
  if (Math.abs(ms) <= MAX_DATE) return new Date(ms)
  throw new DataException(`Timestamp out of range: ${ms} ms since the epoch`)
}

interface Unit {
  readonly read: (value: number | bigint) => number
  readonly write: (ms: number) => number | bigint
}

/** Units finer than a millisecond are cut when read, coarser ones when written: toward zero. */
const UNITS: Readonly<Record<Precision, Unit>> = {
  seconds: { read: (value) => Number(value) * 1000, write: (ms) => Math.trunc(ms / 1000) + 0 },
  milliseconds: { read: Number, write: (ms) => ms },
  microseconds: finer(1000),
  nanoseconds: finer(1_000_000),
}

function finer(perMs: number): Unit {
  return {
    read: (value) => (typeof value === 'bigint' ? Number(value / BigInt(perMs)) : Math.trunc(value / perMs) + 0),
    write: (ms) => {
      const product = ms * perMs
      if (Number.isSafeInteger(product)) return product
      const exact = BigInt(ms) * BigInt(perMs)
      if (exact > INT64_MAX) return INT64_MAX
      return exact < -INT64_MAX - 1n ? -INT64_MAX - 1n : exact
    },
  }
}
