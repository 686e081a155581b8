// Which JSON is a default of which schema.
import { isArray, isObject, type JsonNode, JsonNumber } from '../json-text.ts'
import type { AvroSchema } from './model.ts'

const INT_MAX = 2n ** 31n - 1n
const LONG_MAX = 2n ** 63n - 1n

/** True for JSON that stands for a value of the schema; a default of a union may be of any of its members, as since Avro 1.12. */
export function fitsDefault(schema: AvroSchema, node: JsonNode): boolean {
  switch (schema.type) {
    case 'null':
      return node === null
    case 'boolean':
      return typeof node === 'boolean'
    case 'int':
      return fitsInteger(node, INT_MAX)
    case 'long':
      return fitsInteger(node, LONG_MAX)
    case 'float':
    case 'double':
      return node instanceof JsonNumber
    // The parser of the reference asks no more of these than that they are texts.
    case 'string':
    case 'enum':
    case 'bytes':
    case 'fixed':
      return typeof node === 'string'
    case 'array':
      return isArray(node) && node.every((item) => fitsDefault(schema.items, item))
    case 'map':
      return isObject(node) && [...node.values()].every((value) => fitsDefault(schema.values, value))
    case 'union':
      return schema.types.some((type) => fitsDefault(type, node))
    case 'record':
      return (
        isObject(node) &&
        schema.fields.every((field) => {
          const value = node.get(field.name) ?? field.defaultValue
          return fitsDefault(field.schema, value === undefined ? null : value)
        })
      )
  }
}

function fitsInteger(node: JsonNode, most: bigint): boolean {
  if (!(node instanceof JsonNumber) || !Number.isInteger(Number(node.value))) return false
  if (node.floating) return false
  const value = BigInt(node.value)
  return value <= most && value >= -most - 1n
}
