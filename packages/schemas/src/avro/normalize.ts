// The form in which schemas are compared when order that has no meaning is to make no difference: as the registry's `normalize=true`.

import { isArray, isObject, type JsonNode, JsonNumber } from '../json-text.ts'
import { fitsDefault } from './defaults.ts'
import { logicalTypeOf } from './logical-type.ts'
import { type AvroField, type AvroProps, type AvroRecord, type AvroSchema, avroField } from './model.ts'

/** A schema of the same meaning in normal form: properties and aliases in order, defaults as their type prints them. */
export function normalizeAvro(schema: AvroSchema): AvroSchema {
  return normalize(schema, new Map())
}

function normalize(schema: AvroSchema, done: Map<AvroSchema, AvroSchema>): AvroSchema {
  const known = done.get(schema)
  if (known !== undefined) return known
  const props = sortProps(schema)
  switch (schema.type) {
    case 'union':
      return { ...schema, types: schema.types.map((type) => normalize(type, done)) }
    case 'array':
      return { ...schema, items: normalize(schema.items, done), props }
    case 'map':
      return { ...schema, values: normalize(schema.values, done), props }
    case 'record': {
      const record: AvroRecord = { ...schema, ...ofNamed(schema), isError: false, props, fields: [] }
      done.set(schema, record)
      record.fields = schema.fields.map((field) => normalizeField(field, done))
      return record
    }
    case 'enum':
    case 'fixed': {
      const named = { ...schema, ...ofNamed(schema), props }
      done.set(schema, named)
      return named
    }
    default:
      return { ...schema, props }
  }
}

function ofNamed(schema: { readonly doc: string | null; readonly aliases: readonly string[] }) {
  return { doc: schema.doc === '' ? null : schema.doc, aliases: schema.aliases.toSorted() }
}

function normalizeField(field: AvroField, done: Map<AvroSchema, AvroSchema>): AvroField {
  return {
    ...field,
    schema: normalize(field.schema, done),
    aliases: field.aliases.toSorted(),
    defaultValue: field.defaultValue === undefined ? undefined : defaultOf(field.schema, field.defaultValue),
    props: sorted(field.props),
  }
}

/** Properties by name; those of a logical type that holds come first. */
function sortProps(schema: AvroSchema): AvroProps {
  const byName = sorted(schema.props)
  const logical = logicalTypeOf(schema)
  if (logical === null) return byName
  const first = new Map<string, JsonNode>([['logicalType', logical.name]])
  if (logical.decimal !== null) {
    first.set('precision', JsonNumber.integer(logical.decimal.precision))
    if (logical.decimal.scale !== 0) first.set('scale', JsonNumber.integer(logical.decimal.scale))
  }
  return new Map([...first, ...byName])
}

function sorted(props: AvroProps): AvroProps {
  return new Map([...props].toSorted(byKey).map(([key, value]) => [key, sortDeep(value)]))
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function sortDeep(node: JsonNode): JsonNode {
  if (isArray(node)) return node.map(sortDeep)
  if (!isObject(node)) return node
  return new Map([...node].toSorted(byKey).map(([key, value]) => [key, sortDeep(value)]))
}

/** A default as its schema's type prints it: 1 is 1.0 for a double. Undefined for one that is none of its type: it is left out. */
function defaultOf(schema: AvroSchema, node: JsonNode): JsonNode | undefined {
  if (node === null || typeof node === 'boolean') return node
  if (schema.type === 'union') {
    const member = schema.types.find((type) => fitsDefault(type, node))
    return member === undefined ? undefined : defaultOf(member, node)
  }
  if (node instanceof JsonNumber) return numberOf(schema, node)
  if (typeof node === 'string') return TEXTS.has(schema.type) ? node : undefined
  if (isArray(node))
    return schema.type === 'array' ? node.map((item) => defaultOf(schema.items, item) ?? item) : sortDeep(node)
  const schemaOf = (key: string) =>
    schema.type === 'map' ? schema.values : schema.type === 'record' ? avroField(schema, key)?.schema : undefined
  const entries = [...node].toSorted(byKey).map(([key, value]): [string, JsonNode] => {
    const type = schemaOf(key)
    return [key, (type === undefined ? undefined : defaultOf(type, value)) ?? sortDeep(value)]
  })
  return new Map(entries)
}

const TEXTS: ReadonlySet<string> = new Set(['string', 'enum', 'bytes', 'fixed'])
const LONG_MAX = 2n ** 63n - 1n

function numberOf(schema: AvroSchema, node: JsonNumber): JsonNumber | undefined {
  const isLong = !node.floating && BigInt(node.value) <= LONG_MAX && BigInt(node.value) >= -LONG_MAX - 1n
  switch (schema.type) {
    case 'int':
    case 'long':
      return isLong ? node : undefined
    case 'float':
      return isLong || node.floating ? JsonNumber.float(Math.fround(Number(node.value))) : undefined
    case 'double':
      return isLong || node.floating ? JsonNumber.double(Number(node.value)) : undefined
    default:
      return undefined
  }
}
