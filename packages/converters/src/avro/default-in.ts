// Default values out of Avro schemas: those of fields, and those that Connect left in a property.
import {
  DataException,
  type Decimal,
  dateFromDays,
  decimalFromBytes,
  errorMessage,
  fieldOf,
  LogicalName,
  type Schema,
  type SchemaBuilder,
  timeFromMillis,
  timestampFromMillis,
  type Value,
} from '@millrace/api'
import { type AvroSchema, isArray, isObject, type JsonNode, JsonNumber } from '@millrace/schemas/avro'
import type { AvroOptions } from './config.ts'
import { isMapEntry, isUnionSchema, memberField } from './names.ts'

/** A default to be put into a schema. One that does not fit is left out: the reference says so in its log and goes on. */
export interface FoundDefault {
  into(builder: SchemaBuilder): void
}

function found(make: () => Value): FoundDefault {
  return {
    into(builder) {
      try {
        const value = make()
        if (value !== null && value !== undefined) builder.default(value)
      } catch (error) {
        if (!(error instanceof DataException)) throw new DataException(errorMessage(error), { cause: error })
      }
    },
  }
}

/** The default of a record's field; undefined when it is none of the field's type. */
export function fieldDefaultValue(schema: Schema, avro: AvroSchema, node: JsonNode): FoundDefault | undefined {
  return node === null || isOfType(avro, node) ? found(() => defaultOf(schema, avro, node)) : undefined
}

/** The default that Connect left in a property of the type. */
export function connectDefault(schema: Schema, avro: AvroSchema, node: JsonNode, options: AvroOptions): FoundDefault {
  return found(() => propertyValue(schema, avro, node, options))
}

/** As Avro's own reader of defaults: what is of another type is none. */
function isOfType(avro: AvroSchema, node: JsonNode): boolean {
  switch (avro.type) {
    case 'int':
    case 'long':
      return node instanceof JsonNumber && !node.floating
    case 'float':
    case 'double':
      return node instanceof JsonNumber
    case 'union':
      return avro.types[0] !== undefined && isOfType(avro.types[0], node)
    default:
      return true
  }
}

/** A value of a field's default. @throws DataException when it does not fit */
function defaultOf(schema: Schema, avro: AvroSchema, node: JsonNode): Value {
  if (node === null) return null
  switch (avro.type) {
    case 'boolean':
      return typeof node === 'boolean' ? node : unfit(schema)
    case 'int':
    case 'long':
      return integerValue(schema, node instanceof JsonNumber && !node.floating ? node.value : unfit(schema))
    case 'float':
      return node instanceof JsonNumber ? Math.fround(Number(node.value)) : unfit(schema)
    case 'double':
      return node instanceof JsonNumber ? Number(node.value) : unfit(schema)
    case 'string':
    case 'enum':
      return typeof node === 'string' ? node : unfit(schema)
    case 'bytes':
    case 'fixed':
      return bytesValue(schema, typeof node === 'string' ? node : unfit(schema))
    case 'array':
      // Of a map that is an array of entries, the reference takes an empty one.
      if (isMapEntry(avro.items)) return isArray(node) && node.length === 0 ? new Map() : unfit(schema)
      return isArray(node)
        ? node.map((item) => defaultOf(schema.valueSchema as Schema, avro.items, item))
        : unfit(schema)
    case 'map':
      if (!isObject(node)) return unfit(schema)
      return new Map([...node].map(([key, item]) => [key, defaultOf(schema.valueSchema as Schema, avro.values, item)]))
    case 'record': {
      if (!isObject(node)) return unfit(schema)
      return structOf(schema, (name, of) => {
        const field = avro.fields.find((one) => one.name === name)
        const item = node.get(name)
        if (field === undefined || item === undefined) return of.defaultValue ?? null
        return defaultOf(of, field.schema, item)
      })
    }
    case 'union':
      return unionValue(schema, avro.types, node)
    case 'null':
      return unfit(schema)
  }
}

/** Null and one type, or the struct of a union with the field of its first member. */
function unionValue(schema: Schema, types: readonly AvroSchema[], node: JsonNode): Value {
  const [first] = types
  if (first === undefined) return unfit(schema)
  if (!isUnionSchema(schema)) {
    const member = types.find(({ type }) => type !== 'null')
    return member === undefined ? unfit(schema) : defaultOf(schema, member, node)
  }
  // Records come as maps, which no member of a union is taken to be.
  if (first.type === 'record' || first.type === 'null') return unfit(schema)
  const [field] = schema.fields
  if (field === undefined) return unfit(schema)
  return structOf(schema, (name) => (name === field.name ? defaultOf(field.schema, first, node) : null))
}

/** A value of the property, whose JSON is that of the Connect value. @throws DataException when it does not fit */
function propertyValue(schema: Schema, avro: AvroSchema, node: JsonNode | undefined, options: AvroOptions): Value {
  if (node === null || node === undefined) return null
  switch (avro.type) {
    case 'array': {
      if (!isArray(node)) return unfit(schema)
      if (isMapEntry(avro.items)) return unfit(schema)
      return node.map((item) => propertyValue(schema.valueSchema as Schema, avro.items, item, options))
    }
    case 'map':
      if (!isObject(node)) return unfit(schema)
      return new Map(
        [...node].map(([key, item]) => [key, propertyValue(schema.valueSchema as Schema, avro.values, item, options)]),
      )
    case 'record':
      if (!isObject(node)) return unfit(schema)
      return structOf(schema, (name, of) => {
        const field = avro.fields.find((one) => one.name === name)
        return field === undefined ? null : propertyValue(of, field.schema, node.get(name), options)
      })
    case 'union': {
      const [first] = avro.types
      if (first === undefined || first.type === 'null') return null
      const field = fieldOf(schema, memberField(first, 0, options))
      return field === undefined ? unfit(schema) : propertyValue(field.schema, first, node, options)
    }
    case 'float':
    case 'double':
      // NaN and the infinities stand as texts.
      return typeof node === 'string' ? Number(node) : defaultOf(schema, avro, node)
    default:
      return defaultOf(schema, avro, node)
  }
}

function structOf(schema: Schema, item: (name: string, schema: Schema) => Value): Value {
  return Object.fromEntries(schema.fields.map((field) => [field.name, item(field.name, field.schema)]))
}

function integerValue(schema: Schema, value: number | bigint): Value {
  switch (schema.name) {
    case LogicalName.DATE:
      return dateFromDays(Number(value))
    case LogicalName.TIME:
      return timeFromMillis(Number(value))
    case LogicalName.TIMESTAMP:
      return timestampFromMillis(value)
  }
  if (schema.type === 'INT8') return (Number(value) << 24) >> 24
  return schema.type === 'INT16' ? (Number(value) << 16) >> 16 : value
}

function bytesValue(schema: Schema, text: string): Buffer | Decimal {
  const bytes = Buffer.from(text, 'latin1')
  return schema.name === LogicalName.DECIMAL ? decimalFromBytes(schema, bytes) : bytes
}

function unfit(schema: Schema): never {
  throw new DataException(`Invalid default value of ${schema.name ?? schema.type}`)
}
