// Columns of CSV: their names and types, and how a cell's text becomes a value of the type and back.
import {
  ConfigException,
  DataException,
  Decimal,
  dateBuilder,
  decimalBuilder,
  decimalScale,
  doubleToString,
  floatToString,
  javaClassOf,
  LogicalName,
  type Schema,
  SchemaBuilder,
  timeBuilder,
  timestampBuilder,
} from '@millrace/api'
import { schemalessText } from '../json/schemaless-write.ts'
import { ownEscapes } from '../json/text.ts'
import { compileWriter } from '../json/writers.ts'

/** One column of what is read. */
export interface CsvColumn {
  readonly name: string
  readonly schema: Schema
  readonly read: (cell: string) => unknown
}

const INTEGER = /^[+-]?\d+$/
const TIME = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/
const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
const JSON_OPTIONS = { decimalFormat: 'NUMERIC', replaceNullWithDefault: true, exactEscapes: false } as const

const BUILDERS: Readonly<Record<string, (scale: number) => SchemaBuilder>> = {
  string: () => SchemaBuilder.string(),
  int8: () => SchemaBuilder.int8(),
  int16: () => SchemaBuilder.int16(),
  int32: () => SchemaBuilder.int32(),
  int64: () => SchemaBuilder.int64(),
  float32: () => SchemaBuilder.float32(),
  float64: () => SchemaBuilder.float64(),
  boolean: () => SchemaBuilder.bool(),
  bytes: () => SchemaBuilder.bytes(),
  decimal: (scale) => decimalBuilder(scale),
  date: () => dateBuilder(),
  time: () => timeBuilder(),
  timestamp: () => timestampBuilder(),
}
const COLUMN = /^(.*?)(?::([a-z0-9]+)(?:\((\d+)\))?)?$/

/** A column as configured: `name`, `name:type` or `name:decimal(scale)`. @throws ConfigException for an unknown type */
export function csvColumn(text: string, configKey: string): CsvColumn {
  const [, name = '', type = 'string', scale] = COLUMN.exec(text.trim()) ?? []
  const builder = BUILDERS[type]
  if (builder === undefined || name === '' || (type === 'decimal') !== (scale !== undefined)) {
    const types = Object.keys(BUILDERS).join(', ').replace('decimal', 'decimal(scale)')
    throw new ConfigException(
      `Invalid column "${text}" in ${configKey}: want name or name:type, the type one of ${types}`,
      {
        configKey,
      },
    )
  }
  const schema = builder(Number(scale ?? 0))
    .optional()
    .build()
  return { name, schema, read: cellReader(schema) }
}

function cellReader(schema: Schema): (cell: string) => unknown {
  const bad = (cell: string) => new DataException(`Not a value of type ${schema.name ?? schema.type}: "${cell}"`)
  switch (schema.name) {
    case LogicalName.DECIMAL: {
      const scale = decimalScale(schema)
      return (cell) => readDecimal(cell, scale) ?? fail(bad(cell))
    }
    case LogicalName.DATE:
    case LogicalName.TIMESTAMP:
      return (cell) => {
        const ms = Date.parse(cell)
        if (Number.isNaN(ms) || (schema.name === LogicalName.DATE && ms % 86_400_000 !== 0)) throw bad(cell)
        return new Date(ms)
      }
    case LogicalName.TIME:
      return (cell) => {
        const parts = TIME.exec(cell)
        if (parts === null) throw bad(cell)
        const [, h, m, s = '0', ms = '0'] = parts
        const time = (Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000 + Number(ms.padEnd(3, '0'))
        if (time >= 86_400_000 || Number(m) > 59 || Number(s) > 59) throw bad(cell)
        return new Date(time)
      }
    default:
      return typedReader(schema, bad)
  }
}

function fail(error: Error): never {
  throw error
}

/** The decimal at the column's scale; undefined for text that is none, or has more digits after the point. */
function readDecimal(cell: string, scale: number): Decimal | undefined {
  let found: Decimal
  try {
    found = Decimal.parse(cell)
  } catch {
    return undefined
  }
  const more = scale - found.scale
  if (more < 0 || more > 1000) return undefined
  return new Decimal(found.unscaled * 10n ** BigInt(more), scale)
}

function typedReader(schema: Schema, bad: (cell: string) => DataException): (cell: string) => unknown {
  const integer = (bits: number) => {
    const limit = 2 ** (bits - 1)
    return (cell: string) => {
      const value = Number(cell)
      if (!INTEGER.test(cell) || value < -limit || value >= limit) throw bad(cell)
      return value
    }
  }
  switch (schema.type) {
    case 'INT8':
      return integer(8)
    case 'INT16':
      return integer(16)
    case 'INT32':
      return integer(32)
    case 'INT64':
      return (cell) => {
        if (!INTEGER.test(cell)) throw bad(cell)
        const value = Number(cell)
        if (Number.isSafeInteger(value)) return value
        const long = BigInt(cell.startsWith('+') ? cell.slice(1) : cell)
        if (long < INT64_MIN || long > INT64_MAX) throw bad(cell)
        return long
      }
    case 'FLOAT32':
    case 'FLOAT64':
      return (cell) => {
        const value = Number(cell)
        if ((Number.isNaN(value) && cell !== 'NaN') || cell.trim() === '') throw bad(cell)
        return schema.type === 'FLOAT32' ? Math.fround(value) : value
      }
    case 'BOOLEAN':
      return (cell) => {
        const text = cell.toLowerCase()
        if (text !== 'true' && text !== 'false') throw bad(cell)
        return text === 'true'
      }
    case 'BYTES':
      return (cell) => Buffer.from(cell, 'base64')
    default:
      return (cell) => cell
  }
}

/** Text of a value's cell; null for a null. @throws DataException for a value that does not fit its schema */
export type CellWriter = (value: unknown) => string | null

/** The writer of a field's cells. Lists, maps and structs become JSON. */
export function cellWriter(schema: Schema | null): CellWriter {
  if (schema === null) return (value) => plainCell(value)
  const byDefault = schema.defaultValue ?? null
  const write = logicalCell(schema) ?? typedCell(schema)
  return (value) => {
    const known = value ?? byDefault
    if (known !== null) return write(known)
    if (schema.optional) return null
    throw new DataException(`Conversion error: null value for a required field of type ${schema.type}`)
  }
}

function logicalCell(schema: Schema): ((value: unknown) => string) | undefined {
  const asDate = (value: unknown): Date =>
    value instanceof Date && !Number.isNaN(value.getTime()) ? value : unfit(schema, value)
  switch (schema.name) {
    case LogicalName.DECIMAL:
      return (value) => (value instanceof Decimal ? value.toPlainString() : unfit(schema, value))
    case LogicalName.DATE:
      return (value) => asDate(value).toISOString().replace(/T.*/, '')
    case LogicalName.TIME:
      return (value) => asDate(value).toISOString().slice(11, 23)
    case LogicalName.TIMESTAMP:
      return (value) => asDate(value).toISOString()
    default:
      return undefined
  }
}

function typedCell(schema: Schema): (value: unknown) => string {
  switch (schema.type) {
    case 'STRING':
      return (value) => (typeof value === 'string' ? value : unfit(schema, value))
    case 'BYTES':
      return (value) => (value instanceof Uint8Array ? base64(value) : unfit(schema, value))
    case 'FLOAT32':
      return (value) => (typeof value === 'number' ? floatToString(value) : unfit(schema, value))
    case 'FLOAT64':
      return (value) => (typeof value === 'number' ? doubleToString(value) : unfit(schema, value))
    default:
      // Integers and booleans print as in JSON; so do lists, maps and structs, within one cell.
      return compileWriter(schema, JSON_OPTIONS)
  }
}

function plainCell(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : doubleToString(value)
  if (value instanceof Uint8Array) return base64(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Decimal) return value.toPlainString()
  return schemalessText(value, ownEscapes)
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

function unfit(schema: Schema, value: unknown): never {
  throw new DataException(`Invalid type for ${schema.name ?? schema.type}: class ${javaClassOf(value)}`)
}
