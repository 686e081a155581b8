// Compiles a schema into a function from parsed JSON to value. Made once per schema, run per record. Members of the wrong
// JSON type become what the reference makes of them (a number from text is 0, a boolean from text false), where it does not fail.
import {
  DataException,
  Decimal,
  dateFromDays,
  decimalFromBytes,
  LogicalName,
  type Schema,
  timeFromMillis,
  timestampFromMillis,
} from '@millrace/api'
import type { JsonOptions } from './config.ts'
import { replacesNull } from './kinds.ts'
import { nodeType, toDouble, toInt32, toInt64 } from './nodes.ts'
import { NumberText } from './parser.ts'
import { schemalessValue } from './schemaless-read.ts'
import { isObject, structReader } from './struct-reader.ts'

/** Value of a JSON node; `undefined` stands for a member that is not there. @throws DataException, or {@link NEEDS_TEXT} */
export type JsonReader = (node: unknown) => unknown

/** Thrown by a reader that met a number whose digits it needs: parse again, keeping the text of floats. */
export const NEEDS_TEXT: unique symbol = Symbol('needs the text of numbers')

/** Base64 with padding; white space may stand between groups of four. */
const BASE64 = /^(?:\s*[A-Za-z0-9+/]{4})*\s*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\s*$/

/** How a schema's reader is made. */
export interface ReaderOptions extends Pick<JsonOptions, 'replaceNullWithDefault'> {
  /** True when nodes come with the text of floats, so that an integer that is a number was written as one. */
  readonly withText: boolean
}

/** The reader of a schema, nulls and defaults included. */
export function compileReader(schema: Schema | null, options: ReaderOptions): JsonReader {
  if (schema === null) return schemalessValue
  const read = scalarReader(schema, options) ?? compositeReader(schema, options)
  const { defaultValue, optional, type } = schema
  if (replacesNull(schema, options.replaceNullWithDefault)) {
    return (node) => (node === null || node === undefined ? defaultValue : read(node))
  }
  if (optional) return (node) => (node === null || node === undefined ? null : read(node))
  return (node) => {
    if (node === null || node === undefined) throw new DataException(`Invalid null value for required ${type} field`)
    return read(node)
  }
}

/** The reader of a value that holds no others and is not null; undefined for the types that do. */
export function scalarReader(schema: Schema, options: Pick<ReaderOptions, 'withText'>): JsonReader | undefined {
  return logicalReader(schema, options) ?? primitiveReader(schema)
}

function logicalReader(schema: Schema, options: Pick<ReaderOptions, 'withText'>): JsonReader | undefined {
  switch (schema.name) {
    case LogicalName.DECIMAL:
      return (node) => readDecimal(schema, node, options.withText)
    case LogicalName.DATE:
      return (node) => dateFromDays(asInt(node, 'Date'))
    case LogicalName.TIME:
      return (node) => timeFromMillis(asInt(node, 'Time'))
    case LogicalName.TIMESTAMP:
      return (node) => {
        if (typeof node === 'bigint' || Number.isInteger(node)) return timestampFromMillis(toInt64(node))
        throw new DataException(
          `Invalid type for Timestamp, underlying representation should be integral but was ${nodeType(node)}`,
        )
      }
    default:
      return undefined
  }
}

function readDecimal(schema: Schema, node: unknown, withText: boolean): Decimal {
  if (typeof node === 'number') {
    if (withText) return new Decimal(BigInt(node), 0)
    throw NEEDS_TEXT
  }
  if (typeof node === 'bigint') return new Decimal(node, 0)
  if (node instanceof NumberText) return Decimal.parse(node.text)
  if (typeof node === 'string') {
    const bytes = base64(node, 'Invalid bytes for Decimal field')
    if (bytes.length === 0) throw new DataException('Invalid bytes for Decimal field: no bytes')
    return decimalFromBytes(schema, bytes)
  }
  throw new DataException(
    `Invalid type for Decimal, underlying representation should be numeric or bytes but was ${nodeType(node)}`,
  )
}

function asInt(node: unknown, type: string): number {
  if (typeof node === 'number' && (node | 0) === node) return node
  throw new DataException(
    `Invalid type for ${type}, underlying representation should be integer but was ${nodeType(node)}`,
  )
}

function base64(text: string, complaint: string): Buffer {
  if (!BASE64.test(text)) throw new DataException(`${complaint}: the text is not base64`)
  return Buffer.from(text, 'base64')
}

function primitiveReader(schema: Schema): JsonReader | undefined {
  switch (schema.type) {
    case 'INT8':
      return (node) => (toInt32(node) << 24) >> 24
    case 'INT16':
      return (node) => (toInt32(node) << 16) >> 16
    case 'INT32':
      return toInt32
    case 'INT64':
      return toInt64
    case 'FLOAT32':
      return (node) => Math.fround(toDouble(node))
    case 'FLOAT64':
      return toDouble
    case 'BOOLEAN':
      return (node) => node === true
    case 'STRING':
      return (node) => (typeof node === 'string' ? node : null)
    case 'BYTES':
      return (node) => (typeof node === 'string' ? base64(node, 'Invalid bytes field') : null)
    default:
      return undefined
  }
}

function compositeReader(schema: Schema, options: ReaderOptions): JsonReader {
  if (schema.type === 'ARRAY') return arrayReader(schema, options)
  if (schema.type === 'MAP') return mapReader(schema, options)
  const fields = schema.fields.map((field) => fieldReader(field.name, field.schema, options))
  return structReader(schema, fields)
}

function arrayReader(schema: Schema, options: ReaderOptions): JsonReader {
  const item = compileReader(schema.valueSchema, options)
  return (node) => {
    if (!Array.isArray(node)) {
      throw new DataException(`Arrays should be encoded as JSON arrays, but found ${nodeType(node)}`)
    }
    // The parsed array is ours: it is filled with the values in place.
    for (let at = 0; at < node.length; at++) node[at] = item(node[at])
    return node
  }
}

function mapReader(schema: Schema, options: ReaderOptions): JsonReader {
  const key = compileReader(schema.keySchema, options)
  const item = compileReader(schema.valueSchema, options)
  if (schema.keySchema === null || schema.keySchema.type === 'STRING') {
    return (node) => {
      if (!isObject(node)) {
        throw new DataException(
          `Maps with string fields should be encoded as JSON objects, but found ${nodeType(node)}`,
        )
      }
      return new Map(Object.entries(node).map(([name, value]) => [name, item(value)]))
    }
  }
  return (node) => {
    if (!Array.isArray(node)) {
      const found = nodeType(node)
      throw new DataException(
        `Maps with non-string fields should be encoded as JSON array of tuples, but found ${found}`,
      )
    }
    return new Map(node.map((pair) => readPair(pair, key, item)))
  }
}

function readPair(pair: unknown, key: JsonReader, item: JsonReader): [unknown, unknown] {
  if (!Array.isArray(pair)) {
    throw new DataException(`Found invalid map entry instead of array tuple: ${nodeType(pair)}`)
  }
  if (pair.length !== 2) {
    throw new DataException(`Found invalid map entry, expected length 2 but found :${pair.length}`)
  }
  return [key(pair[0]), item(pair[1])]
}

/** A field that is required may not become null by coercion. */
function fieldReader(name: string, schema: Schema, options: ReaderOptions): JsonReader {
  const read = compileReader(schema, options)
  if (schema.optional || (schema.type !== 'STRING' && schema.type !== 'BYTES')) return read
  return (node) => {
    const value = read(node)
    if (value !== null) return value
    throw new DataException(`Invalid value: null used for required field: "${name}", schema type: ${schema.type}`)
  }
}
