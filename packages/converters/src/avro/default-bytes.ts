// Defaults of Avro schemas as bytes: for fields that only one of two schemas has.
import { DataException } from '@millrace/api'
import { type AvroSchema, fitsDefault, isArray, isObject, type JsonNode, type JsonNumber } from '@millrace/schemas/avro'
import { AvroOut } from './avro-out.ts'

/** Writes the same bytes each time. @throws DataException when the default is none of its schema */
export function defaultWriter(schema: AvroSchema, node: JsonNode, out: AvroOut): () => void {
  const bytes = defaultBytes(schema, node)
  return () => out.bytes(bytes)
}

/** The bytes of a default. @throws DataException when it is none of its schema */
export function defaultBytes(schema: AvroSchema, node: JsonNode): Buffer {
  const out = new AvroOut()
  write(schema, node, out)
  return out.copy()
}

function write(schema: AvroSchema, node: JsonNode, out: AvroOut): void {
  if (!fitsDefault(schema, node)) throw new DataException(`A default is no ${schema.type}`)
  switch (schema.type) {
    case 'null':
      break
    case 'boolean':
      out.boolean(node)
      break
    case 'int':
      out.int((node as JsonNumber).value)
      break
    case 'long':
      out.long((node as JsonNumber).value)
      break
    case 'float':
      out.float(Number((node as JsonNumber).value))
      break
    case 'double':
      out.double(Number((node as JsonNumber).value))
      break
    case 'string':
      out.string(node)
      break
    case 'bytes':
      out.block(Buffer.from(node as string, 'latin1'))
      break
    case 'fixed': {
      const bytes = Buffer.from(node as string, 'latin1')
      if (bytes.length !== schema.size)
        throw new DataException(`A default of ${schema.fullName} has ${bytes.length} bytes`)
      out.bytes(bytes)
      break
    }
    case 'enum': {
      const at = schema.symbols.indexOf(node as string)
      if (at < 0) throw new DataException(`A default of ${schema.fullName} is none of its symbols`)
      out.count(at)
      break
    }
    case 'union': {
      const at = schema.types.findIndex((type) => fitsDefault(type, node))
      out.count(at)
      write(schema.types[at] as AvroSchema, node, out)
      break
    }
    case 'array':
      if (isArray(node) && node.length > 0) {
        out.count(node.length)
        for (const item of node) write(schema.items, item, out)
      }
      out.u8(0)
      break
    case 'map':
      if (isObject(node) && node.size > 0) {
        out.count(node.size)
        for (const [key, item] of node) {
          out.string(key)
          write(schema.values, item, out)
        }
      }
      out.u8(0)
      break
    case 'record':
      for (const field of schema.fields) {
        const item = isObject(node) ? (node.get(field.name) ?? field.defaultValue) : undefined
        write(field.schema, item ?? null, out)
      }
  }
}
