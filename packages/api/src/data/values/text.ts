// Values to header text.
import { DataException } from '../../errors.ts'
import { Decimal } from '../decimal.ts'
import { doubleToString, floatToString, javaClassOf, numberToString } from '../java-text.ts'
import type { Schema, Value } from '../schema.ts'
import { temporalToString } from './temporal.ts'

/**
 * Header text of a value, null for null: numbers and booleans as Java prints them, strings as they are, bytes in base64,
 * lists `[a,b]`, maps and structs `{"k":v}`; strings and bytes inside those in double quotes with `\` and `"` escaped.
 * @throws DataException for a value that is not of the data model
 */
export function convertToString(schema: Schema | null, value: Value): string | null {
  return value === null || value === undefined ? null : text(schema, value, false)
}

function text(schema: Schema | null, value: Value, embedded: boolean): string {
  switch (typeof value) {
    case 'undefined':
      return 'null'
    case 'string':
      return embedded ? `"${value.replace(/[\\"]/g, '\\$&')}"` : value
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'number':
      if (schema?.type === 'FLOAT32') return floatToString(value)
      return schema?.type === 'FLOAT64' ? doubleToString(value) : numberToString(value)
    case 'object':
      return value === null ? 'null' : objectText(schema, value, embedded)
    default:
      throw unexpected(value)
  }
}

function objectText(schema: Schema | null, value: object, embedded: boolean): string {
  const items = schema?.valueSchema ?? null
  if (Array.isArray(value)) return `[${value.map((item) => text(items, item, true)).join(',')}]`
  if (value instanceof Map) {
    const keys = schema?.keySchema ?? null
    return `{${Array.from(value, ([k, v]) => `${text(keys, k, true)}:${text(items, v, true)}`).join(',')}}`
  }
  if (value instanceof Uint8Array) {
    const encoded = Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')
    return embedded ? `"${encoded}"` : encoded
  }
  if (value instanceof Date) return temporalToString(value)
  if (value instanceof Decimal) return value.toString()
  if (schema?.type === 'STRUCT') return structText(schema, value as Record<string, unknown>)
  if (Object.prototype.toString.call(value) !== '[object Object]') throw unexpected(value)
  return `{${Object.entries(value)
    .map(([k, v]) => `${text(null, k, true)}:${text(null, v, true)}`)
    .join(',')}}`
}

/** A null field shows its default, as the reference's reading of a struct does. */
function structText(schema: Schema, value: Readonly<Record<string, unknown>>): string {
  const parts = schema.fields.map((field) => {
    const item = value[field.name] ?? field.schema.defaultValue ?? null
    return `${text(null, field.name, true)}:${text(field.schema, item, true)}`
  })
  return `{${parts.join(',')}}`
}

function unexpected(value: unknown): DataException {
  return new DataException(`Failed to serialize unexpected value type ${javaClassOf(value)}`)
}
