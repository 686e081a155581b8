// Compiles a Connect schema into a function from parsed JSON to value. Made once per schema, run per record. As the
// reference's JsonSchemaData reads: a required field of the outermost struct that is missing is null; deeper in, where the
// reference checks what it puts into a struct, that is an error.
import { DataException, type Field, type Schema } from '@millrace/api'
import { nodeType } from '../json/nodes.ts'
import { type JsonReader, NEEDS_TEXT, scalarReader } from '../json/readers.ts'
import { isObject, structReader } from '../json/struct-reader.ts'
import { EXTRAS_FIELD, hasStringKeys, isExtrasField, isUnionSchema, isVariantSchema, KEY, VALUE } from './names.ts'
import { unionReader } from './union-reader.ts'
import { writeVariant } from './variant-write.ts'

/** How readers are made. */
export interface SchemaReaderOptions {
  /** True when nodes come with the text of floats. */
  readonly withText: boolean
  /** Properties without a field are kept in one of their own, if there is one. */
  readonly keepOthers: boolean
  /** True for a part of a struct. */
  readonly inStruct?: boolean
}

/** The reader of a schema, nulls and defaults included. May throw what JsonConverter's readers do to get the text of numbers. */
export function compileSchemaReader(schema: Schema, options: SchemaReaderOptions): JsonReader {
  return new ReaderCompiler(options).compile(schema, options.inStruct === true ? FIELD : OUTSIDE)
}

/** Where a value stands. */
interface Place {
  /** A null that the schema does not allow is an error, wherever it comes from. */
  readonly strict: boolean
  /** Somewhere in a struct. */
  readonly inStruct: boolean
  /** Of which field of a struct, for messages. */
  readonly field?: string
}
const OUTSIDE: Place = { strict: false, inStruct: false }
const FIELD: Place = { strict: false, inStruct: true }
const WITHIN: Place = { strict: true, inStruct: true }

interface Cell {
  read: JsonReader | null
}

class ReaderCompiler {
  readonly #options: SchemaReaderOptions
  /** Structs by their fields, from when they are begun: those that contain themselves find themselves here. */
  readonly #structs = { outer: new Map<readonly Field[], Cell>(), inner: new Map<readonly Field[], Cell>() }

  constructor(options: SchemaReaderOptions) {
    this.#options = options
  }

  compile(schema: Schema | null, place: Place): JsonReader {
    if (schema === null) throw new DataException('The elements of an array or a map have no schema')
    const read = this.#present(schema, place)
    const { defaultValue, optional, type } = schema
    if (defaultValue !== undefined && defaultValue !== null) {
      return (node) => (node === null || node === undefined ? defaultValue : read(node))
    }
    if (optional) return (node) => (node === null || node === undefined ? null : read(node))
    const { strict, field } = place
    const what = field === undefined ? type : `field "${field}" of type ${type}`
    return (node) => {
      if (node === null) throw new DataException(`Invalid null value for required ${type} field`)
      const value = node === undefined ? null : read(node)
      if (strict && value === null)
        throw new DataException(`A value is missing, or of another type, for required ${what}`)
      return value
    }
  }

  #present(schema: Schema, { inStruct }: Place): JsonReader {
    if (isVariantSchema(schema)) return this.#variant()
    const scalar = scalarReader(schema, this.#options)
    if (schema.type === 'BYTES') return bytesReader(scalar as JsonReader)
    if (scalar !== undefined) return scalar
    const place = inStruct ? WITHIN : OUTSIDE
    if (schema.type === 'ARRAY') return this.#array(schema, place)
    return schema.type === 'MAP' ? this.#map(schema, place) : this.#struct(schema, inStruct)
  }

  #variant(): JsonReader {
    const { withText } = this.#options
    return (node) => {
      // A double is written as the decimal that the text says.
      if (!withText) throw NEEDS_TEXT
      return writeVariant(node)
    }
  }

  #array(schema: Schema, place: Place): JsonReader {
    const item = this.compile(schema.valueSchema, place)
    return (node) => {
      if (!Array.isArray(node)) {
        throw new DataException(`Arrays should be encoded as JSON arrays, but found ${nodeType(node)}`)
      }
      // The parsed array is ours: it is filled with the values in place.
      for (let at = 0; at < node.length; at++) node[at] = item(node[at])
      return node
    }
  }

  #map(schema: Schema, place: Place): JsonReader {
    const key = this.compile(schema.keySchema, place)
    const item = this.compile(schema.valueSchema, place)
    if (hasStringKeys(schema)) {
      return (node) => {
        if (!isObject(node)) {
          throw new DataException(
            `Maps with string fields should be encoded as JSON objects, but found ${nodeType(node)}`,
          )
        }
        const map = new Map<string, unknown>()
        for (const name of Object.keys(node)) map.set(name, item(node[name]))
        return map
      }
    }
    return (node) => {
      if (!Array.isArray(node)) {
        throw new DataException(
          `Maps with non-string fields should be encoded as JSON array of objects, but found ${nodeType(node)}`,
        )
      }
      return new Map(node.map((entry) => readEntry(entry, key, item)))
    }
  }

  #struct(schema: Schema, inStruct: boolean): JsonReader {
    const structs = inStruct ? this.#structs.inner : this.#structs.outer
    const known = structs.get(schema.fields)
    if (known !== undefined) return known.read ?? ((node) => (known.read as JsonReader)(node))
    const cell: Cell = { read: null }
    if (schema.fields.length > 0) structs.set(schema.fields, cell)
    const readers = schema.fields.map((field) =>
      this.compile(field.schema, inStruct ? { ...WITHIN, field: field.name } : FIELD),
    )
    cell.read = isUnionSchema(schema)
      ? unionReader(schema, readers, this.#options.withText)
      : this.#fields(schema, readers)
    return cell.read
  }
  #fields(schema: Schema, readers: readonly JsonReader[]): JsonReader {
    const extras = this.#options.keepOthers ? schema.fields.find(isExtrasField) : undefined
    if (extras === undefined) return structReader(schema, readers)
    const names = new Set(schema.fields.filter((field) => field !== extras).map(({ name }) => name))
    const read = structReader(schema, readers)
    return (node) => {
      if (!isObject(node)) return read(node)
      const variants = this.#extras(node, names)
      const struct = read(node) as Record<string, unknown>
      struct[EXTRAS_FIELD] = variants.size === 0 ? null : variants
      return struct
    }
  }
  #extras(node: Record<string, unknown>, names: ReadonlySet<string>): Map<string, unknown> {
    if (!this.#options.withText) throw NEEDS_TEXT
    const extras = new Map<string, unknown>()
    for (const name of Object.keys(node)) {
      if (names.has(name)) continue
      if (name === EXTRAS_FIELD) {
        throw new DataException(
          `The value has a property of the name ${EXTRAS_FIELD}, which preserve.additional.properties=true uses itself: ` +
            'rename the property or switch that off',
        )
      }
      extras.set(name, writeVariant(node[name]))
    }
    return extras
  }
}

function bytesReader(read: JsonReader): JsonReader {
  return (node) => {
    const value = read(node)
    if (value !== null) return value
    throw new DataException(`Bytes should be encoded as a base64 string, but found ${nodeType(node)}`)
  }
}

function readEntry(entry: unknown, key: JsonReader, item: JsonReader): [unknown, unknown] {
  if (!isObject(entry)) throw new DataException(`Found invalid map entry instead of object: ${nodeType(entry)}`)
  const { length } = Object.keys(entry)
  if (length !== 2) throw new DataException(`Found invalid map entry, expected length 2 but found :${length}`)
  return [key(entry[KEY]), item(entry[VALUE])]
}
