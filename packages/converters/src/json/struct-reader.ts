// Structs from parsed objects. JSON.parse mostly gives what the struct shall be: the schema's members in the schema's order,
// with values that need no change. Then the parsed object is the struct.
import { DataException, type Schema } from '@millrace/api'
import { Kind, nativeKind, replacesNull } from './kinds.ts'
import { nodeType } from './nodes.ts'
import { define, NumberText } from './parser.ts'
import type { JsonReader, ReaderOptions } from './readers.ts'

/** The reader of a STRUCT, given the readers of its fields. */
export function structReader(schema: Schema, options: ReaderOptions, readers: readonly JsonReader[]): JsonReader {
  const { fields } = schema
  const names = fields.map((field) => field.name)
  const kinds = fields.map((field) => nativeKind(field.schema))
  const nullable = fields.map(
    (field) => field.schema.optional && !replacesNull(field.schema, options.replaceNullWithDefault),
  )
  const special = names.includes('__proto__')

  /** 2: the object is the struct as it stands; 1: its members are in order, some need reading; 0: they are not. */
  function likeness(node: Readonly<Record<string, unknown>>): 0 | 1 | 2 {
    let at = 0
    let same = true
    for (const name in node) {
      if (name !== names[at]) return 0
      const item = node[name]
      if (!(item === null ? nullable[at] : isNative(kinds[at] as Kind, item))) same = false
      at++
    }
    return at === names.length ? (same ? 2 : 1) : 0
  }

  return (node) => {
    if (!isObject(node)) {
      throw new DataException(`Structs should be encoded as JSON objects, but found ${nodeType(node)}`)
    }
    const like = special ? 0 : likeness(node)
    if (like === 2) return node
    const value: Record<string, unknown> = like === 1 ? node : {}
    for (let at = 0; at < names.length; at++) {
      const name = names[at] as string
      const read = readers[at] as JsonReader
      const item = read(like === 1 || Object.hasOwn(node, name) ? node[name] : undefined)
      if (name === '__proto__') define(value, name, item)
      else value[name] = item
    }
    return value
  }
}

function isNative(kind: Kind, value: unknown): boolean {
  switch (kind) {
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
    case Kind.FLOAT32:
      return typeof value === 'number' && Math.fround(value) === value
    case Kind.FLOAT64:
      return typeof value === 'number'
    default:
      return false
  }
}

/** True for a JSON object, which a number kept as text is not. */
export function isObject(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node) && !(node instanceof NumberText)
}
