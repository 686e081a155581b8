// Default values of Connect schemas as JSON in Avro schemas.
import {
  DataException,
  Decimal,
  dateToDays,
  decimalToBytes,
  javaClassOf,
  LogicalName,
  type Schema,
  timestampToMillis,
  timeToMillis,
  type Value,
} from '@millrace/api'
import { isArray, isObject, type JsonNode, JsonNumber } from '@millrace/schemas/avro'
import type { AvroOptions } from './config.ts'
import { hasStringKeys, isUnionSchema, scrubName } from './names.ts'

/** The default of a field: that of its schema, null when it is optional, undefined for none. */
export function fieldDefault(schema: Schema, options: AvroOptions): JsonNode | undefined {
  if (schema.defaultValue !== undefined) return widened(defaultNode(schema, schema.defaultValue, options))
  return schema.optional ? null : undefined
}

/** In a field the reference takes defaults for doubles, whatever their type. */
function widened(node: JsonNode): JsonNode {
  if (node instanceof JsonNumber) return node.floating ? JsonNumber.double(Number(node.value)) : node
  if (isArray(node)) return node.map(widened)
  return isObject(node) ? new Map([...node].map(([key, value]) => [key, widened(value)])) : node
}

/** A value as JSON. @throws DataException when it is not of its schema */
export function defaultNode(schema: Schema | null, value: Value, options: AvroOptions): JsonNode {
  if (value === null || value === undefined || schema === null) return null
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'INT64':
      return JsonNumber.integer(integerOf(schema, value))
    case 'FLOAT32':
      return JsonNumber.float(numberOf(schema, value))
    case 'FLOAT64':
      return JsonNumber.double(numberOf(schema, value))
    case 'BOOLEAN':
      return typeof value === 'boolean' ? value : unfit(schema, value)
    case 'STRING':
      return typeof value === 'string' ? value : unfit(schema, value)
    case 'BYTES': {
      const bytes = value instanceof Decimal ? decimalToBytes(schema, value) : value
      if (!(bytes instanceof Uint8Array)) return unfit(schema, value)
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
    }
    case 'ARRAY':
      return Array.isArray(value)
        ? value.map((item) => defaultNode(schema.valueSchema, item, options))
        : unfit(schema, value)
    case 'MAP':
      return mapNode(schema, value, options)
    case 'STRUCT':
      return structNode(schema, value, options)
  }
}

function mapNode(schema: Schema, value: Value, options: AvroOptions): JsonNode {
  if (!(value instanceof Map)) return unfit(schema, value)
  const item = (one: Value) => defaultNode(schema.valueSchema, one, options)
  const entries: [unknown, unknown][] = [...value]
  return hasStringKeys(schema, options)
    ? new Map(entries.map(([key, one]) => [String(key), item(one)]))
    : entries.map(([key, one]) => [defaultNode(schema.keySchema, key, options), item(one)])
}

function structNode(schema: Schema, value: Value, options: AvroOptions): JsonNode {
  if (typeof value !== 'object' || value === null) return unfit(schema, value)
  const struct = value as Readonly<Record<string, unknown>>
  const of = (field: { readonly name: string; readonly schema: Schema }) =>
    defaultNode(field.schema, struct[field.name] ?? field.schema.defaultValue, options)
  if (isUnionSchema(schema)) {
    const first = schema.fields[0]
    return first === undefined ? new Map() : of(first)
  }
  return new Map(schema.fields.map((field) => [scrubName(field.name, options.scrub), of(field)]))
}

function integerOf(schema: Schema, value: Value): number | bigint {
  if (value instanceof Date) {
    if (schema.name === LogicalName.DATE) return dateToDays(value)
    return schema.name === LogicalName.TIME ? timeToMillis(value) : timestampToMillis(value)
  }
  return typeof value === 'bigint' || Number.isInteger(value) ? (value as number | bigint) : unfit(schema, value)
}
function numberOf(schema: Schema, value: Value): number {
  return typeof value === 'number' ? value : unfit(schema, value)
}
function unfit(schema: Schema, value: Value): never {
  throw new DataException(`Invalid type used for default value of ${schema.type} field: ${javaClassOf(value)}`)
}
