// Dates and times in the forms of `time.precision.mode`.
import { LogicalName, SchemaBuilder } from '@millrace/api'
import type { ValueModes } from './modes.ts'

const MILLION = 1_000_000
/** Microseconds of seconds below this are safe integers. */
const SAFE_SECONDS = 9_007_199_254

/** Seconds and microseconds as one count of microseconds: a number when it is a safe integer. */
export function toMicros(seconds: number, microseconds: number): number | bigint {
  if (seconds < SAFE_SECONDS && seconds > -SAFE_SECONDS) return seconds * MILLION + microseconds
  return BigInt(seconds) * 1_000_000n + BigInt(microseconds)
}

function toNanos(seconds: number, microseconds: number): number | bigint {
  const nanos = (BigInt(seconds) * 1_000_000n + BigInt(microseconds)) * 1_000n
  const number = Number(nanos)
  return Number.isSafeInteger(number) ? number : nanos
}

/** The first day of the year 100. */
const YEAR_100 = -683_003

/** Days to add to a date of the years 0 to 99, which stand for 1970 to 2069: `enable.time.adjuster`. */
export function shiftOfShortYear(days: number): number {
  if (days >= YEAR_100) return 0
  const date = new Date(days * 86_400_000)
  const year = date.getUTCFullYear()
  if (year < 0) return 0
  const moved = new Date(date)
  moved.setUTCFullYear(year < 70 ? year + 2_000 : year + 1_900)
  return (moved.getTime() - date.getTime()) / 86_400_000
}

/** A schema and how its values are made; values of a temporal type in one mode. */
export interface TemporalForm<A extends readonly unknown[]> {
  builder(): SchemaBuilder
  make(...args: A): unknown
}

const int64 = (name: string) => () => SchemaBuilder.int64().name(name).version(1)
const text = (name: string) => () => SchemaBuilder.string().name(name).version(1)

export function dateForm(mode: ValueModes['time']): TemporalForm<[days: number]> {
  if (mode === 'connect') {
    return {
      builder: () => SchemaBuilder.int32().name(LogicalName.DATE).version(1),
      make: (days) => new Date(days * 86_400_000),
    }
  }
  if (mode === 'isostring')
    return { builder: text('io.debezium.time.IsoDate'), make: (days) => `${isoDate(days * 86_400)}Z` }
  return { builder: () => SchemaBuilder.int32().name('io.debezium.time.Date').version(1), make: (days) => days }
}

export function timeForm(mode: ValueModes['time']): TemporalForm<[microseconds: number]> {
  switch (mode) {
    case 'connect':
      return {
        builder: () => SchemaBuilder.int32().name(LogicalName.TIME).version(1),
        make: (micros) => new Date(Math.trunc(micros / 1_000)),
      }
    case 'isostring':
      return { builder: text('io.debezium.time.IsoTime'), make: (micros) => `${isoTime(micros)}Z` }
    case 'nanoseconds':
      return { builder: int64('io.debezium.time.NanoTime'), make: (micros) => micros * 1_000 }
    default:
      return { builder: int64('io.debezium.time.MicroTime'), make: (micros) => micros }
  }
}

/** DATETIME: `digits` of the fraction decide between milliseconds and microseconds. */
export function dateTimeForm(
  mode: ValueModes['time'],
  digits: number,
): TemporalForm<[seconds: number, micros: number]> {
  const millis = (seconds: number, micros: number) => seconds * 1_000 + Math.trunc(micros / 1_000)
  switch (mode) {
    case 'connect':
      return {
        builder: int64(LogicalName.TIMESTAMP),
        make: (seconds, micros) => new Date(millis(seconds, micros)),
      }
    case 'isostring':
      return {
        builder: text('io.debezium.time.IsoTimestamp'),
        make: (seconds, micros) => `${isoDateTime(seconds, micros, 0)}Z`,
      }
    case 'microseconds':
      return { builder: int64('io.debezium.time.MicroTimestamp'), make: toMicros }
    case 'nanoseconds':
      return { builder: int64('io.debezium.time.NanoTimestamp'), make: toNanos }
    default:
      return digits <= 3
        ? { builder: int64('io.debezium.time.Timestamp'), make: millis }
        : { builder: int64('io.debezium.time.MicroTimestamp'), make: toMicros }
  }
}

/** TIMESTAMP: text with the zone; at least `digits` of the fraction. */
export function zonedForm(digits: number): TemporalForm<[seconds: number, micros: number]> {
  return {
    builder: text('io.debezium.time.ZonedTimestamp'),
    make: (seconds, micros) => `${isoDateTime(seconds, micros, digits)}Z`,
  }
}

function isoDate(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, -14)
}

function isoDateTime(seconds: number, micros: number, digits: number): string {
  const whole = new Date(seconds * 1_000).toISOString().slice(0, -5)
  const all = String(micros).padStart(6, '0')
  const least = all.replace(/0+$/, '').padEnd(digits, '0')
  return least === '' ? whole : `${whole}.${least}`
}

function isoTime(micros: number): string {
  return isoDateTime(Math.floor(micros / MILLION), ((micros % MILLION) + MILLION) % MILLION, 0).slice(11)
}
