// Default values of columns, as they stand in schemas.
import type { Value } from '@millrace/api'
import { type Column, JdbcType } from '@millrace/kit-cdc'
import type { ColumnValues } from './column-values.ts'
import { valueOfText } from './text-values.ts'

const ZERO = /^0{1,4}(-0{1,2}-0{1,2}.*)?$/
const EPOCH = '1970-01-01 00:00:00'
const TEMPORAL: ReadonlySet<number> = new Set([JdbcType.DATE, JdbcType.TIMESTAMP, JdbcType.TIMESTAMP_WITH_TIMEZONE])
const NUMERIC: ReadonlySet<number> = new Set([
  JdbcType.SMALLINT,
  JdbcType.INTEGER,
  JdbcType.BIGINT,
  JdbcType.FLOAT,
  JdbcType.DOUBLE,
  JdbcType.REAL,
  JdbcType.DECIMAL,
  JdbcType.NUMERIC,
  JdbcType.BOOLEAN,
])

/** The default as a value of the column's schema; undefined where there is none, or none that a schema can show. */
export function defaultOf(column: Column, values: ColumnValues): Value | undefined {
  const text = column.defaultExpression
  if (!column.hasDefault || text === null) return undefined
  try {
    return read(column, values, text.trim() === '' && !isText(column) ? '0' : text) ?? undefined
  } catch {
    // The server keeps expressions and values of other types that only it can turn into a value.
    return undefined
  }
}

function isText({ jdbcType }: Column): boolean {
  return jdbcType === JdbcType.CHAR || jdbcType === JdbcType.VARCHAR
}

function read(column: Column, values: ColumnValues, text: string): Value | undefined {
  if (column.typeName === 'ENUM' || column.typeName === 'SET') return text
  if (TEMPORAL.has(column.jdbcType)) {
    if (!ZERO.test(text) && text !== EPOCH) return valueOfText(column, values.forms, Buffer.from(text.trim()))
    return column.optional ? undefined : values.fallback
  }
  if (column.jdbcType === JdbcType.BIT) return values.forms.bits(bitsOf(text, column.length ?? 1))
  if (NUMERIC.has(column.jdbcType)) {
    const number = /^true$/i.test(text) ? '1' : /^false$/i.test(text) ? '0' : text.trim()
    return valueOfText(column, values.forms, Buffer.from(number))
  }
  return valueOfText(column, values.forms, Buffer.from(text))
}

/** Digits of a bit literal as big-endian bytes. */
function bitsOf(text: string, length: number): Buffer {
  const digits = text.padStart(Math.ceil(length / 8) * 8, '0')
  return Buffer.from(digits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)))
}
