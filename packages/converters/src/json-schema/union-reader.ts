// Reads the values of a union: the struct that stands for it has one field for each member, and the value goes where it fits.
import { DataException, type Schema, type SchemaType } from '@millrace/api'
import { NumberText } from '../json/parser.ts'
import { type JsonReader, NEEDS_TEXT } from '../json/readers.ts'
import { isObject } from '../json/struct-reader.ts'

const INTEGERS: ReadonlySet<SchemaType> = new Set(['INT8', 'INT16', 'INT32', 'INT64'])
/** Types of numbers with a point: bytes are those of a decimal. */
const FLOATS: ReadonlySet<SchemaType> = new Set(['FLOAT32', 'FLOAT64', 'BYTES'])

/**
 * The reader of a union, given the readers of its members: the first member whose type is that of the value, else the struct
 * that has the most of its names.
 * @param withText whether nodes come with the text of floats, so that 1.0 is no integer
 */
export function unionReader(schema: Schema, readers: readonly JsonReader[], withText: boolean): JsonReader {
  const { fields } = schema
  const names = fields.map(({ name }) => name)
  const tests = fields.map((field) => testOf(field.schema.type))
  // Without its text 1.0 looks like an integer, which matters where it could be either.
  const has = (types: ReadonlySet<SchemaType>) => fields.some((field) => types.has(field.schema.type))
  const needsText = !withText && has(INTEGERS) && has(FLOATS)
  return (node) => {
    if (needsText && Number.isInteger(node)) throw NEEDS_TEXT
    let chosen = -1
    let most = 0
    for (let at = 0; at < fields.length; at++) {
      if (tests[at]?.(node) === true) {
        chosen = at
        break
      }
      const matching = alike(fields[at]?.schema as Schema, node)
      if (matching > most) {
        most = matching
        chosen = at
      }
    }
    if (chosen < 0) throw new DataException('Did not find matching oneof field for data')
    const value = (readers[chosen] as JsonReader)(node)
    const struct: Record<string, unknown> = {}
    for (let at = 0; at < names.length; at++) struct[names[at] as string] = at === chosen ? value : null
    return struct
  }
}

function testOf(type: SchemaType): ((node: unknown) => boolean) | null {
  if (INTEGERS.has(type)) {
    return (node) => (typeof node === 'number' && Number.isInteger(node)) || typeof node === 'bigint'
  }
  switch (type) {
    case 'FLOAT32':
    case 'FLOAT64':
      return (node) => typeof node === 'number' || typeof node === 'bigint' || node instanceof NumberText
    case 'BOOLEAN':
      return (node) => typeof node === 'boolean'
    case 'STRING':
      return (node) => typeof node === 'string'
    case 'ARRAY':
      return Array.isArray
    case 'MAP':
      return (node) => Array.isArray(node) || isObject(node)
    case 'BYTES':
      // A decimal that was written as a number. Bytes in base64 are strings here.
      return (node) => node instanceof NumberText || (typeof node === 'number' && !Number.isInteger(node))
    default:
      return null
  }
}

/** How many members of an object are fields of the struct, those of its structs counted, too. */
function alike(schema: Schema, node: unknown): number {
  if (schema.type !== 'STRUCT' || !isObject(node)) return 0
  let found = 0
  for (const field of schema.fields) {
    if (Object.hasOwn(node, field.name)) found += 1 + alike(field.schema, node[field.name])
  }
  return found
}
