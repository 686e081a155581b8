// Values of golden files: tagged by their Java type, so that both sides make the same of them.
import { Decimal, type Schema } from '@millrace/api'

/** `{"i64":"5"}`, `{"st":{...}}`, ...: see the README pages under golden/. */
export type Tagged = null | { readonly [tag: string]: unknown }

/** A value as a golden file holds it. */
export function tagged(value: unknown, schema: Schema | null): Tagged {
  if (value === null || value === undefined) return null
  switch (typeof value) {
    case 'string':
      return { s: value }
    case 'boolean':
      return { b: value }
    case 'bigint':
      return { i64: String(value) }
    case 'number':
      return { [numberTag(value, schema)]: Object.is(value, -0) ? '-0.0' : String(value) }
    default:
      return taggedObject(value as object, schema)
  }
}

const TAGS: Readonly<Record<string, string>> = {
  INT8: 'i8',
  INT16: 'i16',
  INT32: 'i32',
  INT64: 'i64',
  FLOAT32: 'f32',
  FLOAT64: 'f64',
}

function numberTag(value: number, schema: Schema | null): string {
  return TAGS[schema?.type ?? ''] ?? (Number.isInteger(value) ? 'i64' : 'f64')
}

function taggedObject(value: object, schema: Schema | null): Tagged {
  if (value instanceof Uint8Array) return { y: Buffer.from(value).toString('base64') }
  if (value instanceof Date) return { d: value.getTime() }
  if (value instanceof Decimal) return { dec: String(value) }
  const inner = schema?.valueSchema ?? null
  if (Array.isArray(value)) return { l: value.map((item) => tagged(item, inner)) }
  if (schema?.type === 'STRUCT') {
    const members = value as Readonly<Record<string, unknown>>
    const present = schema.fields.filter((field) => (members[field.name] ?? null) !== null)
    return { st: Object.fromEntries(present.map((field) => [field.name, tagged(members[field.name], field.schema)])) }
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  return { m: entries.map(([key, item]) => [tagged(key, schema?.keySchema ?? null), tagged(item, inner)]) }
}

/** The value that a golden file holds. Maps without a schema are plain objects. */
export function untagged(one: Tagged, schema: Schema | null): unknown {
  if (one === null) return null
  const [tag, body] = Object.entries(one)[0] as [string, unknown]
  switch (tag) {
    case 'i8':
    case 'i16':
    case 'i32':
      return Number(body)
    case 'i64':
      return Number.isSafeInteger(Number(body)) ? Number(body) : BigInt(body as string)
    case 'f32':
      return Math.fround(Number(body))
    case 'f64':
      return Number(body)
    case 'y':
      return Buffer.from(body as string, 'base64')
    case 'dec':
      return Decimal.parse(body as string)
    case 'd':
      return new Date(body as number)
    case 'l':
      return (body as Tagged[]).map((item) => untagged(item, schema?.valueSchema ?? null))
    case 'm':
      return mapOf(body as [Tagged, Tagged][], schema)
    case 'st': {
      const members = body as Record<string, Tagged>
      const fields = schema?.fields ?? []
      return Object.fromEntries(
        fields.map((field) => [field.name, untagged(members[field.name] ?? null, field.schema)]),
      )
    }
    default:
      return body
  }
}

function mapOf(pairs: readonly [Tagged, Tagged][], schema: Schema | null): unknown {
  const entries = pairs.map(
    ([key, item]) => [untagged(key, schema?.keySchema ?? null), untagged(item, schema?.valueSchema ?? null)] as const,
  )
  return schema === null ? Object.fromEntries(entries) : new Map(entries)
}
