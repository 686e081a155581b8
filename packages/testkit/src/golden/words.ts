// Schemas and values in words, the same on both sides of a golden file.
import { Decimal, doubleToString, floatToString, numberToString, type Schema } from '@millrace/api'

/** A schema in words; `none` for null. */
export function schemaText(schema: Schema | null): string {
  if (schema === null) return 'none'
  let text: string = schema.type
  if (schema.optional) text += '?'
  if (schema.name !== null) text += ` name=${schema.name}`
  if (schema.version !== null) text += ` version=${schema.version}`
  if (schema.doc !== null) text += ` doc=${schema.doc}`
  if (schema.parameters !== null) {
    const sorted = [...schema.parameters].sort(([a], [b]) => (a < b ? -1 : 1))
    text += ` parameters={${sorted.map(([name, value]) => `${name}=${value}`).join(', ')}}`
  }
  if (schema.defaultValue !== undefined && schema.defaultValue !== null) {
    text += ` default=${valueText(schema.defaultValue, schema)}`
  }
  if (schema.type === 'ARRAY') text += ` <${schemaText(schema.valueSchema)}>`
  if (schema.type === 'MAP') text += ` <${schemaText(schema.keySchema)}, ${schemaText(schema.valueSchema)}>`
  if (schema.type === 'STRUCT') {
    text += ` <${schema.fields.map((field) => `${field.name}: ${schemaText(field.schema)}; `).join('')}>`
  }
  return text
}

/** A value in words; members of maps are sorted. */
export function valueText(value: unknown, schema: Schema | null): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'number') return numberText(value, schema)
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('base64')}`
  if (value instanceof Date) return `date:${value.getTime()}`
  if (value instanceof Decimal) return `decimal:${value}`
  const inner = schema?.valueSchema ?? null
  if (Array.isArray(value)) return `[${value.map((item) => valueText(item, inner)).join(', ')}]`
  if (schema?.type === 'STRUCT') {
    const members = value as Readonly<Record<string, unknown>>
    const parts = schema.fields.map((field) => `${field.name}=${valueText(members[field.name], field.schema)}`)
    return `Struct{${parts.join(', ')}}`
  }
  if (typeof value === 'object') {
    const entries = value instanceof Map ? [...value] : Object.entries(value)
    const keys = schema?.keySchema ?? null
    const parts = entries.map(([key, item]) => `${valueText(key, keys)}=${valueText(item, inner)}`)
    return `{${parts.sort().join(', ')}}`
  }
  return String(value)
}

function numberText(value: number, schema: Schema | null): string {
  if (schema?.type === 'FLOAT32') return floatToString(value)
  return schema?.type === 'FLOAT64' ? doubleToString(value) : numberToString(value)
}
