// Compiles a Connect schema into a function from value to JSON text. Made once per schema, run per record. As the
// reference's JsonSchemaData writes: a null of a required schema is not written at all.
import { DataException, type Field, type Schema } from '@millrace/api'
import { compileNative, type NativeCheck } from '../json/native.ts'
import { type Escapes, escapesOf, quote } from '../json/text.ts'
import { entries, isOtherType, type JsonWriter, scalarWriter, unfit } from '../json/writers.ts'
import type { JsonSchemaOptions } from './config.ts'
import { hasStringKeys, isExtrasField, isUnionSchema, isVariantSchema, KEY, VALUE } from './names.ts'
import { isRecursive } from './recursion.ts'
import type { Variant } from './variant.ts'
import { variantText } from './variant-read.ts'

/** What a writer gives for a value that is left out. */
export const LEFT_OUT = ''

/** The writer of a schema, nulls and defaults included. It gives {@link LEFT_OUT} for a null where there may be none. */
export function compileSchemaWriter(schema: Schema, options: JsonSchemaOptions): JsonWriter {
  return new WriterCompiler(options).compile(schema)
}

class WriterCompiler {
  readonly #options: JsonSchemaOptions
  readonly #escapes: Escapes
  /** Structs by their fields, from when they are begun: those that contain themselves find themselves here. */
  readonly #structs = new Map<readonly Field[], { write: JsonWriter | null }>()

  constructor(options: JsonSchemaOptions) {
    this.#options = options
    this.#escapes = escapesOf(options)
  }

  compile(schema: Schema | null): JsonWriter {
    if (schema === null) throw new DataException('The elements of an array or a map have no schema')
    const write = this.#present(schema)
    const { defaultValue, optional } = schema
    if (this.#options.replaceNullWithDefault && defaultValue !== undefined && defaultValue !== null) {
      let text: string | undefined
      return (value) => {
        if (value !== null && value !== undefined) return write(value)
        text ??= write(defaultValue)
        return text
      }
    }
    const ofNull = optional ? 'null' : LEFT_OUT
    return (value) => (value === null || value === undefined ? ofNull : write(value))
  }

  #present(schema: Schema): JsonWriter {
    if (isVariantSchema(schema)) return (value) => this.#variant(schema, value)
    const scalar = scalarWriter(schema, this.#options, this.#escapes)
    if (scalar !== undefined) return scalar
    if (schema.type === 'ARRAY') return this.#array(schema)
    return schema.type === 'MAP' ? this.#map(schema) : this.#struct(schema)
  }

  #variant(schema: Schema, value: unknown): string {
    const { metadata, value: bytes } = Object(value) as Partial<Variant>
    if (!(metadata instanceof Uint8Array) || !(bytes instanceof Uint8Array)) return unfit(schema, value)
    return variantText({ metadata, value: bytes }, this.#escapes)
  }

  /** The check for what JSON.stringify writes as this does. */
  #native(schema: Schema): NativeCheck | null {
    if (isRecursive(schema)) return null
    const veto = (one: Schema) =>
      isUnionSchema(one) || isVariantSchema(one) || (this.#options.keepOthers && one.fields.some(isExtrasField))
    return compileNative(schema, this.#options, veto)
  }

  #array(schema: Schema): JsonWriter {
    const native = this.#native(schema)
    const item = this.compile(schema.valueSchema)
    return (value) => {
      if (!Array.isArray(value)) return unfit(schema, value)
      if (native?.(value)) return this.#escapes(JSON.stringify(value))
      return `[${value.map((one) => item(one) || 'null').join(',')}]`
    }
  }

  #map(schema: Schema): JsonWriter {
    const key = this.compile(schema.keySchema)
    const item = this.compile(schema.valueSchema)
    if (hasStringKeys(schema)) {
      const name = (one: unknown) => (typeof one === 'string' ? quote(one, this.#escapes) : nameOf(schema, key(one)))
      return (value) => `{${entries(schema, value, (k, v) => `${name(k)}:${item(v) || 'null'}`)}}`
    }
    return (value) =>
      `[${entries(schema, value, (k, v) => `{"${KEY}":${key(k) || 'null'},"${VALUE}":${item(v) || 'null'}}`)}]`
  }

  #struct(schema: Schema): JsonWriter {
    const known = this.#structs.get(schema.fields)
    if (known !== undefined) return known.write ?? ((value) => (known.write as JsonWriter)(value))
    const cell: { write: JsonWriter | null } = { write: null }
    if (schema.fields.length > 0) this.#structs.set(schema.fields, cell)
    cell.write = isUnionSchema(schema) ? this.#union(schema) : this.#fields(schema)
    return cell.write
  }

  #union(schema: Schema): JsonWriter {
    const { replaceNullWithDefault } = this.#options
    const fields = schema.fields.map(({ name, schema: one }) => ({ name, one, write: this.compile(one) }))
    const none = schema.optional ? 'null' : LEFT_OUT
    return (value) => {
      if (typeof value !== 'object' || isOtherType(value as object)) return unfit(schema, value)
      const record = value as Readonly<Record<string, unknown>>
      for (const { name, one, write } of fields) {
        const item = record[name] ?? (replaceNullWithDefault ? one.defaultValue : null)
        if (item !== null && item !== undefined) return write(item)
      }
      return none
    }
  }

  #fields(schema: Schema): JsonWriter {
    const native = this.#native(schema)
    const extras = this.#options.keepOthers ? schema.fields.find(isExtrasField) : undefined
    const own = schema.fields.filter((field) => field !== extras)
    const names = own.map((field) => field.name)
    const heads = names.map((name) => `${quote(name, this.#escapes)}:`)
    const writers = own.map((field) => this.compile(field.schema))
    return (value) => {
      if (typeof value !== 'object' || isOtherType(value as object)) return unfit(schema, value)
      if (native?.(value)) return this.#escapes(JSON.stringify(value))
      const record = value as Readonly<Record<string, unknown>>
      let text = ''
      for (let at = 0; at < names.length; at++) {
        const name = names[at] as string
        const item = name === '__proto__' && !Object.hasOwn(record, name) ? null : record[name]
        const written = (writers[at] as JsonWriter)(item)
        if (written !== LEFT_OUT) text += `${text === '' ? '' : ','}${heads[at]}${written}`
      }
      const more = extras === undefined ? '' : this.#extras(extras, record[extras.name])
      return `{${text}${text === '' || more === '' ? '' : ','}${more}}`
    }
  }
  #extras({ schema }: Field, value: unknown): string {
    if (value === null || value === undefined) return ''
    const write = (one: unknown) => this.#variant(schema.valueSchema as Schema, one)
    return entries(schema, value, (name, one) => `${quote(String(name), this.#escapes)}:${write(one)}`)
  }
}

/** A key that is no string is refused by its writer; a null is none. */
function nameOf(schema: Schema, text: string): string {
  if (text !== LEFT_OUT) return text
  throw new DataException(`A map of the schema ${schema.name ?? 'MAP'} has a null key, and its keys are required`)
}
