// The form in which schemas are compared when order that has no meaning is to make no difference: as the registry's `normalize=true`.
import { isArray, isObject, type JsonNode, JsonNumber } from './json.ts'
import { logicalTypeOf } from './logical-type.ts'
import type { AvroField, AvroProps, AvroRecord, AvroSchema } from './model.ts'

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

/** A default as its schema's type prints it: 1 is 1.0 for a double. */
function defaultOf(schema: AvroSchema, node: JsonNode): JsonNode {
  if (schema.type === 'union') return defaultOf(schema.types.find((type) => fitsKind(type, node)) ?? schema, node)
  if (node instanceof JsonNumber) {
    if (schema.type === 'double') return JsonNumber.double(Number(node.value))
    if (schema.type === 'float') return JsonNumber.float(Math.fround(Number(node.value)))
  }
  return sortDeep(node)
}

function fitsKind(schema: AvroSchema, node: JsonNode): boolean {
  if (node instanceof JsonNumber) {
    return node.floating
      ? schema.type === 'double' || schema.type === 'float'
      : ['int', 'long', 'float', 'double'].includes(schema.type)
  }
  return node === null ? schema.type === 'null' : false
}
