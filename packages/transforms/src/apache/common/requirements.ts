// What a transformation requires of a value, with the reference's words for what it finds instead.
import {
  type ConnectRecord,
  DataException,
  Decimal,
  javaClassOf,
  type Schema,
  SinkRecord,
  SourceRecord,
  type Value,
} from '@millrace/api'

/** A map without a schema, or a struct, as its members by name. */
export type Members = Readonly<Record<string, unknown>>

/** True for a map without a schema: a plain object or a `Map`. */
export function isMap(value: Value): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  return !(Array.isArray(value) || value instanceof Uint8Array || value instanceof Date || value instanceof Decimal)
}

/**
 * The members of a map without a schema. A `Map`, as some converters give, becomes a plain object.
 * @throws DataException when the value is no map, or has keys that are not strings
 */
export function requireMap(value: Value, purpose: string): Members {
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return value as Members
  }
  if (!isMap(value)) {
    throw new DataException(
      `Only Map objects supported in absence of schema for [${purpose}], found: ${javaClassOf(value)}`,
    )
  }
  return value instanceof Map ? membersOf(value, purpose) : (value as Members)
}

function membersOf(map: ReadonlyMap<unknown, unknown>, purpose: string): Members {
  for (const key of map.keys()) {
    if (typeof key === 'string') continue
    throw new DataException(`Only maps with string keys supported for [${purpose}], found: ${javaClassOf(key)}`)
  }
  return Object.fromEntries(map) as Members
}

/** The members of a struct. @throws DataException when the value is none */
export function requireStruct(schema: Schema, value: Value, purpose: string): Members {
  if (schema.type === 'STRUCT' && typeof value === 'object' && value !== null) return value as Members
  throw new DataException(`Only Struct objects supported for [${purpose}], found: ${javaClassOf(value, schema)}`)
}

/** The members of a struct, or null. @throws DataException when the value is neither */
export function requireStructOrNull(schema: Schema, value: Value, purpose: string): Members | null {
  return value === null || value === undefined ? null : requireStruct(schema, value, purpose)
}

/** Offset of a record that was read from a topic. @throws DataException for a record of a source */
export function requireOffset(record: ConnectRecord, purpose: string): number {
  if (record instanceof SinkRecord) return record.kafkaOffset
  const found = record instanceof SourceRecord ? 'org.apache.kafka.connect.source.SourceRecord' : 'another record'
  throw new DataException(`Only SinkRecord supported for [${purpose}], found: ${found}`)
}
