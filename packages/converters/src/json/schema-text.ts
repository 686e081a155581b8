// The JSON text of a schema, its members in the reference's order.
import { DataException, type Schema } from '@millrace/api'
import type { JsonOptions } from './config.ts'
import { TYPE_NAMES } from './schema-names.ts'
import { escapesOf, quote as quoted } from './text.ts'
import { compileWriter } from './writers.ts'

/** JSON of a schema, `null` for none. Made once per schema. */
export function schemaText(schema: Schema | null, options: JsonOptions): string {
  return schema === null ? 'null' : objectText(schema, options, null)
}

function objectText(schema: Schema, options: JsonOptions, field: string | null): string {
  const quote = (text: string) => quoted(text, escapesOf(options))
  const parts = [`"type":"${TYPE_NAMES[schema.type]}"`, ...inner(schema, options), `"optional":${schema.optional}`]
  if (schema.name !== null) parts.push(`"name":${quote(schema.name)}`)
  if (schema.version !== null) parts.push(`"version":${schema.version}`)
  if (schema.doc !== null) parts.push(`"doc":${quote(schema.doc)}`)
  if (schema.parameters !== null) {
    const all = [...schema.parameters].map(([name, value]) => `${quote(name)}:${quote(value)}`)
    parts.push(`"parameters":{${all.join(',')}}`)
  }
  if (schema.defaultValue !== undefined && schema.defaultValue !== null) {
    parts.push(`"default":${compileWriter(schema, options)(schema.defaultValue)}`)
  }
  if (field !== null) parts.push(`"field":${quote(field)}`)
  return `{${parts.join(',')}}`
}

function inner(schema: Schema, options: JsonOptions): string[] {
  switch (schema.type) {
    case 'ARRAY':
      return [`"items":${objectText(known(schema.valueSchema, 'array elements'), options, null)}`]
    case 'MAP': {
      const keys = objectText(known(schema.keySchema, 'map keys'), options, null)
      const values = objectText(known(schema.valueSchema, 'map values'), options, null)
      return [`"keys":${keys}`, `"values":${values}`]
    }
    case 'STRUCT':
      return [`"fields":[${schema.fields.map((one) => objectText(one.schema, options, one.name)).join(',')}]`]
    default:
      return []
  }
}

/** Header parsing makes lists and maps without inner schemas; an envelope cannot say that. */
function known(schema: Schema | null, what: string): Schema {
  if (schema === null) throw new DataException(`No schema defined for ${what}: set schemas.enable=false to write them`)
  return schema
}
