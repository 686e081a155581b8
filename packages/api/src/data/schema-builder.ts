// Builds schemas. A builder is itself usable wherever a schema is wanted only after build(): it holds no half-made data.
import { errorMessage, SchemaBuilderException } from '../errors.ts'
import type { Field, Schema, SchemaType, Value } from './schema.ts'
import { validateValue } from './validate.ts'

interface Draft {
  type: SchemaType
  optional?: boolean
  defaultValue?: Value
  name?: string
  version?: number
  doc?: string
  parameters?: Map<string, string>
  fields: Field[]
  keySchema: Schema | null
  valueSchema: Schema | null
}

/**
 * Fluent construction of a {@link Schema}. Every attribute but a parameter can be set to one value; a default is checked
 * when it is set. A null default is none, as in the reference.
 * @throws SchemaBuilderException for an attribute set to two values, a default that does not fit, a bad field
 */
export class SchemaBuilder {
  readonly #draft: Draft

  private constructor(type: SchemaType, keySchema: Schema | null = null, valueSchema: Schema | null = null) {
    this.#draft = { type, fields: [], keySchema, valueSchema }
  }

  static type(type: SchemaType): SchemaBuilder {
    return new SchemaBuilder(type)
  }
  static int8(): SchemaBuilder {
    return new SchemaBuilder('INT8')
  }
  static int16(): SchemaBuilder {
    return new SchemaBuilder('INT16')
  }
  static int32(): SchemaBuilder {
    return new SchemaBuilder('INT32')
  }
  static int64(): SchemaBuilder {
    return new SchemaBuilder('INT64')
  }
  static float32(): SchemaBuilder {
    return new SchemaBuilder('FLOAT32')
  }
  static float64(): SchemaBuilder {
    return new SchemaBuilder('FLOAT64')
  }
  static bool(): SchemaBuilder {
    return new SchemaBuilder('BOOLEAN')
  }
  static string(): SchemaBuilder {
    return new SchemaBuilder('STRING')
  }
  static bytes(): SchemaBuilder {
    return new SchemaBuilder('BYTES')
  }
  static struct(): SchemaBuilder {
    return new SchemaBuilder('STRUCT')
  }
  /** An array; without `valueSchema` its element schema is unknown, as the header parser makes for mixed lists. */
  static array(valueSchema: Schema | null): SchemaBuilder {
    return new SchemaBuilder('ARRAY', null, valueSchema)
  }
  /** A map; schemas may be unknown, as the header parser makes for empty maps. */
  static map(keySchema: Schema | null, valueSchema: Schema | null): SchemaBuilder {
    return new SchemaBuilder('MAP', keySchema, valueSchema)
  }

  optional(): this {
    this.#once('optional', this.#draft.optional, true)
    this.#draft.optional = true
    return this
  }
  required(): this {
    this.#once('optional', this.#draft.optional, false)
    this.#draft.optional = false
    return this
  }
  default(value: Value): this {
    this.#once('default', this.#draft.defaultValue, value)
    try {
      validateValue(this.#snapshot(), value)
    } catch (cause) {
      throw new SchemaBuilderException(`Invalid default value: ${errorMessage(cause)}`, { cause })
    }
    if (value !== null && value !== undefined) this.#draft.defaultValue = value
    return this
  }
  name(name: string): this {
    this.#once('name', this.#draft.name, name)
    this.#draft.name = name
    return this
  }
  version(version: number): this {
    this.#once('version', this.#draft.version, version)
    this.#draft.version = version
    return this
  }
  doc(doc: string): this {
    this.#once('doc', this.#draft.doc, doc)
    this.#draft.doc = doc
    return this
  }
  /** Sets a parameter, or gives it another value. */
  parameter(name: string, value: string): this {
    this.#draft.parameters ??= new Map()
    this.#draft.parameters.set(name, value)
    return this
  }
  parameters(all: Iterable<readonly [string, string]>): this {
    for (const [name, value] of all) this.parameter(name, value)
    return this
  }
  field(name: string, schema: Schema): this {
    const draft = this.#draft
    if (draft.type !== 'STRUCT') {
      throw new SchemaBuilderException(`Cannot create fields on type ${draft.type}: only a STRUCT has fields`)
    }
    if (name === '') throw new SchemaBuilderException('Field name cannot be empty.')
    if (draft.fields.some((field) => field.name === name)) {
      throw new SchemaBuilderException(`Cannot create field because of field name duplication ${name}`)
    }
    draft.fields.push(Object.freeze({ name, index: draft.fields.length, schema }))
    return this
  }

  /** The finished, frozen schema. The builder may be used on; later changes do not reach this result. */
  build(): Schema {
    return this.#snapshot()
  }

  #snapshot(): Schema {
    const { type, fields, keySchema, valueSchema, parameters } = this.#draft
    return Object.freeze({
      type,
      optional: this.#draft.optional ?? false,
      defaultValue: this.#draft.defaultValue,
      name: this.#draft.name ?? null,
      version: this.#draft.version ?? null,
      doc: this.#draft.doc ?? null,
      parameters: parameters === undefined ? null : new Map(parameters),
      fields: Object.freeze([...fields]),
      keySchema,
      valueSchema,
    })
  }

  #once(attribute: string, current: unknown, value: unknown): void {
    if (current === undefined || current === value) return
    throw new SchemaBuilderException(`Invalid SchemaBuilder call: ${attribute} has already been set.`)
  }
}

const primitive = (type: SchemaType, optional: boolean): Schema => {
  const builder = SchemaBuilder.type(type)
  return optional ? builder.optional().build() : builder.build()
}

/** The primitive schemas ready made, required and optional, under the reference's names. */
export const Schemas = Object.freeze({
  INT8: primitive('INT8', false),
  INT16: primitive('INT16', false),
  INT32: primitive('INT32', false),
  INT64: primitive('INT64', false),
  FLOAT32: primitive('FLOAT32', false),
  FLOAT64: primitive('FLOAT64', false),
  BOOLEAN: primitive('BOOLEAN', false),
  STRING: primitive('STRING', false),
  BYTES: primitive('BYTES', false),
  OPTIONAL_INT8: primitive('INT8', true),
  OPTIONAL_INT16: primitive('INT16', true),
  OPTIONAL_INT32: primitive('INT32', true),
  OPTIONAL_INT64: primitive('INT64', true),
  OPTIONAL_FLOAT32: primitive('FLOAT32', true),
  OPTIONAL_FLOAT64: primitive('FLOAT64', true),
  OPTIONAL_BOOLEAN: primitive('BOOLEAN', true),
  OPTIONAL_STRING: primitive('STRING', true),
  OPTIONAL_BYTES: primitive('BYTES', true),
})
