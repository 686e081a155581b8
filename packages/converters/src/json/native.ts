// When JSON.stringify writes a value under a schema just as the compiled writer would, it is several times faster. A check
// compiled from the schema says so: field names in order, nothing missing, no number or null that prints otherwise.
import type { Schema } from '@millrace/api'
import type { JsonOptions } from './config.ts'
import { Kind, nativeKind, replacesNull } from './kinds.ts'
import { prints } from './text.ts'

/** True when JSON.stringify may write this value. */
export type NativeCheck = (value: unknown) => boolean

/** One field or element: what it must be for JSON.stringify. */
interface Part {
  readonly kind: Kind
  readonly nullable: boolean
  readonly nested: NativeCheck | null
}

/** Says which schemas are not written as their type says. */
export type Veto = (schema: Schema) => boolean
const NO_VETO: Veto = () => false

/** The check of an ARRAY or STRUCT, or null when its values can never be written natively. */
export function compileNative(schema: Schema, options: JsonOptions, veto = NO_VETO): NativeCheck | null {
  if (veto(schema)) return null
  if (schema.type === 'ARRAY') return arrayCheck(schema, options, veto)
  return schema.type === 'STRUCT' ? structCheck(schema, options, veto) : null
}

function arrayCheck(schema: Schema, options: JsonOptions, veto: Veto): NativeCheck | null {
  const part = schema.valueSchema === null ? null : partOf(schema.valueSchema, options, veto)
  if (part === null) return null
  return (value) => {
    if (!Array.isArray(value)) return false
    for (let at = 0; at < value.length; at++) if (!fits(part, value[at])) return false
    return true
  }
}

function structCheck(schema: Schema, options: JsonOptions, veto: Veto): NativeCheck | null {
  const parts: Part[] = []
  for (const field of schema.fields) {
    const part = partOf(field.schema, options, veto)
    if (part === null) return null
    parts.push(part)
  }
  // JavaScript orders members that look like indexes before all others; such schemas, and the empty one, take the slow way.
  const names = schema.fields.map((field) => field.name)
  const odd = (name: string) => /^\d+$/.test(name) || ['__proto__', 'toJSON', 'constructor'].includes(name)
  if (names.length === 0 || names.some(odd)) return null
  return (value) => {
    if (typeof value !== 'object' || value === null || value.constructor !== Object) return false
    const record = value as Readonly<Record<string, unknown>>
    let at = 0
    for (const name in record) {
      if (name !== names[at] || !fits(parts[at] as Part, record[name])) return false
      at++
    }
    return at === names.length
  }
}

function fits(part: Part, value: unknown): boolean {
  if (value === null) return part.nullable
  switch (part.kind) {
    case Kind.STRING:
      return typeof value === 'string'
    case Kind.BOOLEAN:
      return typeof value === 'boolean'
    case Kind.INT8:
      return typeof value === 'number' && (value << 24) >> 24 === value
    case Kind.INT16:
      return typeof value === 'number' && (value << 16) >> 16 === value
    case Kind.INT32:
      return typeof value === 'number' && (value | 0) === value
    case Kind.INT64:
      return Number.isSafeInteger(value)
    case Kind.FLOAT64:
      return typeof value === 'number' && prints(value) && !Number.isInteger(value)
    default:
      return part.nested?.(value) ?? false
  }
}

function partOf(schema: Schema, options: JsonOptions, veto: Veto): Part | null {
  const kind = nativeKind(schema)
  const nested = kind === Kind.OTHER ? compileNative(schema, options, veto) : null
  if (kind === Kind.FLOAT32 || (kind === Kind.OTHER && nested === null)) return null
  return { kind, nullable: schema.optional && !replacesNull(schema, options.replaceNullWithDefault), nested }
}
