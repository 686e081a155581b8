// From the JSON form of a schema to a schema.
import { DataException, type Schema, SchemaBuilder } from '@millrace/api'
import type { JsonOptions } from './config.ts'
import { compileReader } from './readers.ts'
import { TYPES_BY_NAME } from './schema-names.ts'

/**
 * The schema that a parsed JSON value describes; null for JSON null. Parse it with floats as text: a default may be a Decimal.
 * @throws DataException saying what is missing or wrong
 */
export function parseSchema(node: unknown, options: JsonOptions): Schema | null {
  if (node === null) return null
  const member = (name: string) => ownMember(node, name)
  const type = member('type')
  if (typeof type !== 'string') throw new DataException("Schema must contain 'type' field")
  const builder = builderOf(type, member, options)
  if (member('optional') === true) builder.optional()
  else builder.required()
  const name = member('name')
  if (typeof name === 'string') builder.name(name)
  const version = member('version')
  if (typeof version === 'number') builder.version(version | 0)
  const doc = member('doc')
  if (typeof doc === 'string') builder.doc(doc)
  builder.parameters(parametersOf(member('parameters')))
  const byDefault = member('default')
  if (byDefault !== undefined) {
    const value = compileReader(builder.build(), { ...options, withText: true })(byDefault)
    if (value !== null) builder.default(value)
  }
  return builder.build()
}

function ownMember(node: unknown, name: string): unknown {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return undefined
  return (node as Readonly<Record<string, unknown>>)[name]
}

function builderOf(typeName: string, member: (name: string) => unknown, options: JsonOptions): SchemaBuilder {
  const type = TYPES_BY_NAME.get(typeName)
  switch (type) {
    case undefined:
      throw new DataException(`Unknown schema type: ${typeName}`)
    case 'ARRAY': {
      const items = member('items') ?? null
      if (items === null) throw new DataException('Array schema did not specify the element type')
      return SchemaBuilder.array(parseSchema(items, options))
    }
    case 'MAP': {
      const keys = member('keys') ?? null
      if (keys === null) throw new DataException('Map schema did not specify the key type')
      const values = member('values') ?? null
      if (values === null) throw new DataException('Map schema did not specify the value type')
      return SchemaBuilder.map(parseSchema(keys, options), parseSchema(values, options))
    }
    case 'STRUCT':
      return structOf(member('fields'), options)
    default:
      return SchemaBuilder.type(type)
  }
}

function structOf(fields: unknown, options: JsonOptions): SchemaBuilder {
  if (!Array.isArray(fields)) throw new DataException('Struct schema\'s "fields" argument is not an array.')
  const builder = SchemaBuilder.struct()
  for (const field of fields) {
    const name = ownMember(field, 'field')
    if (typeof name !== 'string') throw new DataException("Struct schema's field name not specified properly")
    builder.field(name, parseSchema(field, options) as Schema)
  }
  return builder
}

function parametersOf(node: unknown): [string, string][] {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return []
  return Object.entries(node).map(([name, value]) => {
    if (typeof value !== 'string') throw new DataException('Schema parameters must have string values.')
    return [name, value]
  })
}
