// JSON in a text column as a struct: schemas are inferred from what is there.
import { type Schema, SchemaBuilder, Schemas, schemaEquals, type Value } from '@millrace/api'

/** Strings with their quotes, and numbers, of a JSON text. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const INTEGER = /^-?\d+$/

/** Numbers keep their text and names their order: every string is marked `s`, every number is a string marked `n`. */
type Marked = string | boolean | null | readonly Marked[] | { readonly [name: string]: Marked }

/** The struct of a JSON object, or null for any other text. */
export function expandJson(
  name: string,
  text: string,
  keepsNulls: boolean,
): { readonly schema: Schema; readonly value: Value } | null {
  if (!text.startsWith('{')) return null
  try {
    const marked = JSON.parse(
      text.replace(TOKENS, (token) => (token[0] === '"' ? `"s${token.slice(1)}` : `"n${token}"`)),
    )
    const schema = schemaOf(name, marked, keepsNulls)
    return schema === null ? null : { schema, value: connectValue(marked, schema) }
  } catch {
    // Not JSON, or an array of mixed elements: the payload passes as the text it is, as in the reference.
    return null
  }
}

function schemaOf(key: string, value: Marked, keepsNulls: boolean): Schema | null {
  if (value === null) return keepsNulls ? Schemas.OPTIONAL_BYTES : null
  if (typeof value === 'boolean') return Schemas.OPTIONAL_BOOLEAN
  if (typeof value === 'string') return value[0] === 's' ? Schemas.OPTIONAL_STRING : numberSchema(value.slice(1))
  if (isList(value)) {
    return value.length === 0
      ? null
      : SchemaBuilder.array(elementSchema(key, value, keepsNulls))
          .optional()
          .build()
  }
  const builder = SchemaBuilder.struct().name(key).optional()
  for (const [marked, member] of Object.entries(value)) {
    const name = marked.slice(1)
    const schema = schemaOf(key.trim() === '' ? name : `${key}.${name}`, member, keepsNulls)
    if (schema !== null) builder.field(name, schema)
  }
  return builder.build()
}

function isList(value: object): value is readonly Marked[] {
  return Array.isArray(value)
}

function numberSchema(text: string): Schema {
  if (!INTEGER.test(text)) return Schemas.OPTIONAL_FLOAT64
  const exact = BigInt(text)
  if (BigInt.asIntN(32, exact) === exact) return Schemas.OPTIONAL_INT32
  if (BigInt.asIntN(64, exact) === exact) return Schemas.OPTIONAL_INT64
  throw new RangeError('An integer beyond 64 bits')
}

/** @throws TypeError for elements of several types */
function elementSchema(key: string, list: readonly Marked[], keepsNulls: boolean): Schema {
  const present = list.filter((one) => one !== null)
  const first = present[0]
  if (first === undefined) {
    if (keepsNulls) return Schemas.OPTIONAL_BYTES
    throw new TypeError('An array of nulls')
  }
  const kind = kindOf(first)
  if (present.some((one) => kindOf(one) !== kind)) throw new TypeError('An array of several types')
  if (kind !== 'object') {
    const schema = schemaOf('', first, keepsNulls)
    if (schema === null) throw new TypeError('An array of empty arrays')
    if (kind === 'n' && present.some((one) => schemaOf('', one, keepsNulls) !== schema)) {
      throw new TypeError('An array of several number types')
    }
    return schema
  }
  const distinct: Schema[] = []
  for (const one of present) {
    const schema = schemaOf(key, one, keepsNulls) as Schema
    if (!distinct.some((known) => schemaEquals(known, schema))) distinct.push(schema)
  }
  // Not optional where schemas were merged, as in the reference; the order of its fields there is a hash table's, here that of the text.
  return distinct.reduce(merged)
}

function kindOf(value: Marked): string {
  if (typeof value === 'string') return value[0] as string
  return Array.isArray(value) ? 'list' : typeof value
}

/** Fields of both; one of bytes, known only from nulls, gives way. */
function merged(left: Schema, right: Schema): Schema {
  const fields = new Map(left.fields.map((field) => [field.name, field.schema]))
  for (const { name, schema } of right.fields) {
    const known = fields.get(name)
    if (known === undefined || (known.type === 'BYTES' && schema.type !== 'BYTES')) fields.set(name, schema)
  }
  const builder = SchemaBuilder.struct()
  if (left.name !== null) builder.name(left.name)
  for (const [name, schema] of fields) builder.field(name, schema)
  return builder.build()
}

function connectValue(value: Marked | undefined, schema: Schema): Value {
  if (value === null || value === undefined || schema.type === 'BYTES') return null
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') {
    if (value[0] === 's') return value.slice(1)
    const number = Number(value.slice(1))
    return schema.type === 'INT64' && !Number.isSafeInteger(number) ? BigInt(value.slice(1)) : number
  }
  if (isList(value)) return value.map((one) => connectValue(one, schema.valueSchema as Schema))
  const entries = schema.fields.map((field) => [field.name, connectValue(value[`s${field.name}`], field.schema)])
  return Object.fromEntries(entries)
}
