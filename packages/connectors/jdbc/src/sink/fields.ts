// Which columns a record fills, by the primary key mode and the schemas: the reference's rules, in its order.
import {
  ConnectException,
  type Field,
  fieldOf,
  isPrimitive,
  type Schema,
  Schemas,
  type SinkRecord,
} from '@millrace/api'
import type { Getter } from '../write/plan.ts'
import { KAFKA_KEY_NAMES } from './config.ts'

/** One column to be. */
export interface SinkField {
  readonly name: string
  readonly schema: Schema
  readonly primaryKey: boolean
  readonly get: Getter
}

/** Keys first, then the others; `ordered` is their order in a new table. */
export interface SinkFields {
  readonly keys: readonly SinkField[]
  readonly values: readonly SinkField[]
  readonly ordered: readonly SinkField[]
}

export interface FieldRules {
  readonly pkMode: 'none' | 'kafka' | 'record_key' | 'record_value'
  readonly pkFields: readonly string[]
  readonly whitelist: ReadonlySet<string>
  readonly stringColumn: string
}

/**
 * The columns of a pair of schemas. A value schema may be null for deletes alone.
 * @throws ConnectException in the reference's words for schemas that do not fit the mode
 */
export function fieldsOf(
  table: string,
  rules: FieldRules,
  keySchema: Schema | null,
  valueSchema: Schema | null,
): SinkFields {
  if (valueSchema !== null && valueSchema.type !== 'STRUCT' && valueSchema.type !== 'STRING') {
    throw new ConnectException(
      `Value schema must be of type Struct or String, and is ${valueSchema.type} in records for table ${table}`,
    )
  }
  const keys = keysOf(table, rules, keySchema, valueSchema)
  const values = valuesOf(table, rules, new Set(keys.map((key) => key.name)), valueSchema)
  const all = new Map([...keys, ...values].map((field) => [field.name, field]))
  if (all.size === 0) throw new ConnectException(`No fields found using key and value schemas for table: ${table}`)
  return { keys, values, ordered: inOrder(all, rules, valueSchema) }
}

function keysOf(table: string, rules: FieldRules, keySchema: Schema | null, valueSchema: Schema | null): SinkField[] {
  switch (rules.pkMode) {
    case 'none':
      return []
    case 'kafka':
      return kafkaKeys(table, rules.pkFields)
    case 'record_key':
      return recordKeys(table, rules.pkFields, keySchema)
    case 'record_value':
      return valueKeys(table, rules.pkFields, valueSchema)
  }
}

/** The record's topic, partition and offset; the topic is what transformations have made of it, as in the reference. */
const COORDINATES: readonly [Schema, Getter][] = [
  [Schemas.STRING, (record) => record.topic],
  [Schemas.INT32, (record) => record.kafkaPartition],
  [Schemas.INT64, (record) => record.kafkaOffset],
]

function kafkaKeys(table: string, configured: readonly string[]): SinkField[] {
  const names = configured.length === 0 ? KAFKA_KEY_NAMES : configured
  if (names.length !== COORDINATES.length) {
    throw new ConnectException(
      `PK mode for table '${table}' is kafka so there should either be no field names defined for defaults ` +
        `[${KAFKA_KEY_NAMES.join(', ')}] to be applicable, or exactly 3, defined fields are: [${names.join(', ')}]`,
      { configKey: 'pk.fields' },
    )
  }
  return COORDINATES.map(([schema, get], i) => ({ name: names[i] as string, schema, primaryKey: true, get }))
}

function recordKeys(table: string, configured: readonly string[], schema: Schema | null): SinkField[] {
  if (schema === null)
    throw new ConnectException(`PK mode for table '${table}' is record_key, but record key schema is missing`)
  if (isPrimitive(schema.type)) {
    const [name, ...more] = configured
    if (name === undefined || more.length > 0) {
      throw new ConnectException(
        'Need exactly one PK column defined since the key schema for records is a primitive type, ' +
          `defined columns are: [${configured.join(', ')}]`,
        { configKey: 'pk.fields' },
      )
    }
    return [{ name, schema, primaryKey: true, get: (record) => record.key }]
  }
  if (schema.type !== 'STRUCT')
    throw new ConnectException(`Key schema must be primitive type or Struct, but is of type: ${schema.type}`)
  return structFields(table, 'record_key', 'key', configured, schema, ofKey)
}

function valueKeys(table: string, configured: readonly string[], schema: Schema | null): SinkField[] {
  if (schema === null)
    throw new ConnectException(`PK mode for table '${table}' is record_value, but record value schema is missing`)
  if (schema.type === 'STRING')
    throw new ConnectException('pk.mode record_value is not supported with String value schemas')
  return structFields(table, 'record_value', 'value', configured, schema, ofValue)
}

function structFields(
  table: string,
  mode: string,
  part: string,
  configured: readonly string[],
  schema: Schema,
  getterOf: (name: string) => Getter,
): SinkField[] {
  const names = configured.length === 0 ? schema.fields.map((field) => field.name) : configured
  return names.map((name) => {
    const field: Field | undefined = fieldOf(schema, name)
    if (field === undefined) {
      throw new ConnectException(
        `PK mode for table '${table}' is ${mode} with configured PK fields [${configured.join(', ')}], but record ${part} ` +
          `schema does not contain field: ${name}. It has ${schema.fields.map((one) => one.name).join(', ')}.`,
        { configKey: 'pk.fields' },
      )
    }
    return { name, schema: field.schema, primaryKey: true, get: getterOf(name) }
  })
}

function valuesOf(table: string, rules: FieldRules, keys: ReadonlySet<string>, schema: Schema | null): SinkField[] {
  if (schema === null) return []
  if (schema.type === 'STRING') {
    if (keys.has(rules.stringColumn)) {
      throw new ConnectException(
        `Configured string.output.value.column.name '${rules.stringColumn}' conflicts with a primary key column for table '${table}'`,
      )
    }
    return [
      { name: rules.stringColumn, schema: Schemas.OPTIONAL_STRING, primaryKey: false, get: (record) => record.value },
    ]
  }
  return schema.fields
    .filter((field) => !keys.has(field.name) && (rules.whitelist.size === 0 || rules.whitelist.has(field.name)))
    .map((field) => ({ name: field.name, schema: field.schema, primaryKey: false, get: ofValue(field.name) }))
}

/** A new table has Kafka's columns first, then the value's fields in their order, then what is left, by name. */
function inOrder(all: ReadonlyMap<string, SinkField>, rules: FieldRules, valueSchema: Schema | null): SinkField[] {
  const fromValue =
    valueSchema === null
      ? []
      : valueSchema.type === 'STRING'
        ? [rules.stringColumn]
        : valueSchema.fields.map((one) => one.name)
  const names = new Set([...KAFKA_KEY_NAMES, ...fromValue, ...[...all.keys()].sort()])
  return [...names].map((name) => all.get(name)).filter((field): field is SinkField => field !== undefined)
}

function ofKey(name: string): Getter {
  return (record: SinkRecord) => (record.key as Record<string, unknown>)[name]
}

function ofValue(name: string): Getter {
  return (record: SinkRecord) => (record.value as Record<string, unknown>)[name]
}
