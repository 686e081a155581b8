// Values as elements of PostgreSQL array literals: the form in which whole columns of a batch travel.
import { DataException, doubleToString } from '@millrace/api'
import type { ColumnDefinition, EncodeOptions, Encoder } from '../dialect.ts'
import { decimalText, type Semantic } from '../semantics.ts'
import { formatDays, formatInstant, formatTime } from '../temporal.ts'

const SPECIAL = /["\\]/g
const DAY_MS = 86_400_000

/** An element in double quotes, as array_in reads it. */
export function quoteElement(text: string): string {
  return text.includes('"') || text.includes('\\') ? `"${text.replace(SPECIAL, '\\$&')}"` : `"${text}"`
}

/** Text of a value without the quotes of an element. */
export function textEncoder(semantic: Semantic, options: EncodeOptions): (value: unknown) => string {
  const { zone, dateZone, calendar } = options
  const { unit } = semantic
  switch (semantic.kind) {
    case 'boolean':
      return (value) => (value === true ? 't' : 'f')
    case 'integer':
      return (value) => String(value)
    case 'float':
      return (value) => floatText(value as number)
    case 'decimal':
      return decimalText
    case 'string':
    case 'raw':
    case 'moment':
      return (value) => value as string
    case 'bytes':
      return (value) => `\\x${hex(value as Uint8Array)}`
    case 'date':
      return (value) => {
        const ms = (value as number) * DAY_MS
        return era(formatDays(Math.floor((ms + dateZone.offset(ms)) / DAY_MS), calendar))
      }
    case 'time':
      return (value) => formatTime(value as number | bigint, unit)
    case 'timestamp':
    case 'instant':
      // The offset counts for a column with a time zone and is ignored by one without: both get what is meant.
      return (value) => {
        const text = era(formatInstant(value as number | bigint, unit, zone, calendar))
        const offset = offsetText(zone.offset(toMs(value as number | bigint, unit)))
        return text.endsWith(' BC') ? `${text.slice(0, -3)}${offset} BC` : text + offset
      }
    case 'array': {
      if (semantic.element === null)
        throw new DataException('An array without a schema of its elements has no column type')
      const element = elementEncoder(semantic.element, options)
      const read = semantic.element.read
      return (value) =>
        `{${(value as unknown[]).map((one) => (one === null || one === undefined ? 'NULL' : element(read === null ? one : read(one)))).join(',')}}`
    }
  }
}

/** Encoder of elements: quoted where the text may hold what ends an element. */
export function elementEncoder(semantic: Semantic, options: EncodeOptions): (value: unknown) => string {
  const text = textEncoder(semantic, options)
  switch (semantic.kind) {
    case 'boolean':
    case 'integer':
    case 'float':
    case 'decimal':
      return text
    default:
      return (value) => quoteElement(text(value))
  }
}

/** The dialect's encoder: text that a column's type reads, as an element. */
export function postgresEncoder(
  semantic: Semantic,
  column: ColumnDefinition | undefined,
  options: EncodeOptions,
): Encoder {
  if (semantic.kind === 'boolean' && column !== undefined && /^(bit|int2|int4|int8|numeric)$/.test(column.type)) {
    return (value) => (value === true ? '1' : '0')
  }
  return elementEncoder(semantic, options)
}

function toMs(value: number | bigint, unit: Semantic['unit']): number {
  const per = unit === 'ms' ? 1 : unit === 'us' ? 1_000 : 1_000_000
  return Math.floor(Number(value) / per)
}

function offsetText(ms: number): string {
  if (ms === 0) return '+00'
  const seconds = Math.abs(ms) / 1000
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const rest = seconds % 60 === 0 ? '' : `:${two(seconds % 60)}`
  return `${ms < 0 ? '-' : '+'}${two(seconds / 3600)}:${two((seconds / 60) % 60)}${rest}`
}

/** Years before 1 as PostgreSQL writes them. */
function era(text: string): string {
  if (text.startsWith('-') || text.startsWith('0000-')) {
    const at = text.indexOf('-', 1)
    const year = 1 - Number(text.slice(0, at))
    return `${String(year).padStart(4, '0')}${text.slice(at)} BC`
  }
  return text
}

function floatText(value: number): string {
  return Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : doubleToString(value)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}
