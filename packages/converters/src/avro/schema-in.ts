// Connect schemas of Avro schemas: the reference's mapping.
// Source: the behaviour of io.confluent.connect.avro.AvroData, version 8.
import {
  DataException,
  dateBuilder,
  decimalBuilder,
  LogicalName,
  type Schema,
  SchemaBuilder,
  Schemas,
  timeBuilder,
  timestampBuilder,
} from '@millrace/api'
import {
  type AvroEnum,
  type AvroField,
  type AvroRecord,
  type AvroSchema,
  type AvroUnion,
  isObject,
  type JsonNode,
  JsonNumber,
  printJson,
} from '@millrace/schemas/avro'
import type { AvroOptions } from './config.ts'
import { connectDefault, fieldDefaultValue } from './default-in.ts'
import {
  ANYTHING_NAME,
  AVRO_PREFIX,
  DEFAULT_NAME,
  DEFAULT_PRECISION,
  GENERAL_UNION_PREFIX,
  isMapEntry,
  memberField,
  NAMESPACE,
  Param,
  Prop,
  UNION_NAME,
} from './names.ts'

/** The schema of a type that contains itself, where it does. */
interface Cycle {
  target: Schema | null
  used: boolean
}

/** What a place says of the type that stands there. */
interface Place {
  /** As the members of a union: the value may be null. */
  readonly optional: boolean
  /** Undefined for none; null is one. */
  readonly fieldDefault?: JsonNode
  readonly doc: string | null
  readonly version: number | null
}
const HERE: Place = { optional: false, doc: null, version: null }
const AS_MEMBER: Place = { ...HERE, optional: true }

/** True for the schema of values that have none. */
export function isAnything(schema: AvroSchema): boolean {
  return schema.type === 'record' && schema.fullName === ANYTHING_NAME
}

/**
 * The Connect schema of values under an Avro schema; null for those that have none.
 * @param version the version in the registry, which a version in the schema itself overrules
 * @throws DataException for what Connect has no schema for
 */
export function toConnectSchema(schema: AvroSchema, version: number | null, options: AvroOptions): Schema | null {
  return isAnything(schema) ? null : new SchemaReader(options).read(schema, { ...HERE, version })
}

class SchemaReader {
  readonly #options: AvroOptions
  readonly #open = new Map<AvroSchema, Cycle>()
  #unions = 0

  constructor(options: AvroOptions) {
    this.#options = options
  }

  /** A record that is being read is referred to; all else is read. */
  #cyclic(schema: AvroSchema, place: Place): Schema {
    const cycle = this.#open.get(schema)
    if (cycle === undefined) return this.read(schema, place)
    cycle.used = true
    return reference(cycle, place.optional)
  }

  read(schema: AvroSchema, place: Place): Schema {
    if (schema.type === 'union') {
      const member = this.#only(schema)
      if (member !== null) {
        const optional = schema.types.length === 2
        return this.#cyclic(member, { optional, doc: place.doc, version: null })
      }
    }
    const builder = this.#builder(schema)
    this.#describe(builder, schema, place)
    const named = this.#name(builder, schema)
    const made = place.optional && !named.build().optional ? named.optional().build() : named.build()
    const cycle = this.#open.get(schema)
    if (cycle !== undefined) {
      cycle.target = made
      if (!cycle.used) this.#open.delete(schema)
    }
    return made
  }

  /** The type of a union that is one type, or null and one type. */
  #only({ types }: AvroUnion): AvroSchema | null {
    if (types.length === 1 && this.#options.flattenSingletons) return types[0] as AvroSchema
    if (types.length !== 2 || !types.some(({ type, props }) => type === 'null' && props.size === 0)) return null
    return types.find(({ type }) => type !== 'null') ?? null
  }

  #builder(schema: AvroSchema): SchemaBuilder {
    const logical = String(schema.props.get(Prop.LOGICAL_TYPE) ?? '').toLowerCase()
    switch (schema.type) {
      case 'boolean':
        return SchemaBuilder.bool()
      case 'bytes':
      case 'fixed': {
        const builder = logical === 'decimal' ? decimalOf(schema) : SchemaBuilder.bytes()
        return schema.type === 'fixed' ? builder.parameter(Param.FIXED_SIZE, String(schema.size)) : builder
      }
      case 'double':
        return SchemaBuilder.float64()
      case 'float':
        return SchemaBuilder.float32()
      case 'int':
        return intOf(schema, logical)
      case 'long':
        return logical === 'timestamp-millis' ? timestampBuilder() : SchemaBuilder.int64()
      case 'string':
        return SchemaBuilder.string()
      case 'array':
        return this.#array(schema.items)
      case 'map':
        return SchemaBuilder.map(Schemas.STRING, this.#cyclic(schema.values, HERE))
      case 'record':
        return this.#record(schema)
      case 'enum':
        return this.#enum(schema)
      case 'union':
        return this.#union(schema)
      case 'null':
        throw new DataException('Standalone null schemas are not supported by this converter')
    }
  }

  #array(items: AvroSchema): SchemaBuilder {
    if (!isMapEntry(items)) return SchemaBuilder.array(this.#cyclic(items, HERE))
    const { fields } = items as AvroRecord
    const part = (name: string): Schema => {
      const field = fields.find((one) => one.name === name)
      if (field !== undefined && fields.length === 2) return new SchemaReader(this.#options).read(field.schema, HERE)
      throw new DataException(
        'Found map encoded as array of key-value pairs, but array elements do not match the expected format.',
      )
    }
    return SchemaBuilder.map(part('key'), part('value'))
  }

  #record(schema: AvroRecord): SchemaBuilder {
    const { discardTypeDocDefault, metaData } = this.#options
    const builder = SchemaBuilder.struct()
    this.#open.set(schema, { target: null, used: false })
    const docs = metaData && !discardTypeDocDefault
    if (docs && schema.doc !== null) builder.parameter(Param.RECORD_DOC, schema.doc)
    for (const field of schema.fields) {
      if (docs && field.doc !== null) builder.parameter(Param.FIELD_DOC + field.name, field.doc)
      builder.field(field.name, this.#field(field))
    }
    return builder
  }
  #field(field: AvroField): Schema {
    const { defaultValue, doc, props } = field
    const given = defaultValue === undefined ? {} : { fieldDefault: defaultValue }
    const schema = this.#cyclic(field.schema, { ...HERE, doc, ...given })
    const parameters = props.get(Prop.PARAMETERS)
    return this.#options.metaData && isObject(parameters) ? withParameters(schema, parameters) : schema
  }

  #enum(schema: AvroEnum): SchemaBuilder {
    const { discardTypeDocDefault, metaData, generalized } = this.#options
    const builder = SchemaBuilder.string()
    if (metaData) {
      if (schema.doc !== null) {
        builder.parameter(discardTypeDocDefault ? Param.CONNECT_ENUM_DOC : Param.ENUM_DOC + schema.name, schema.doc)
      }
      if (!discardTypeDocDefault && schema.defaultSymbol !== null) {
        builder.parameter(Param.ENUM_DEFAULT + schema.name, schema.defaultSymbol)
      }
    }
    const param = generalized ? Param.GENERAL_ENUM : Param.ENUM
    builder.parameter(param, schema.fullName)
    for (const [at, symbol] of schema.symbols.entries()) {
      builder.parameter(`${param}.${symbol}`, generalized ? String(at) : symbol)
    }
    return builder
  }

  #union(schema: AvroUnion): SchemaBuilder {
    const options = this.#options
    const name = options.generalized ? GENERAL_UNION_PREFIX + this.#unions++ : UNION_NAME
    const builder = SchemaBuilder.struct().name(name)
    if (options.generalized) builder.parameter(Param.GENERAL_UNION, name)
    const seen = new Set<string>()
    for (const [at, member] of schema.types.entries()) {
      if (member.type === 'null') {
        builder.optional()
        continue
      }
      const field = memberField(member, at, options)
      if (seen.has(field)) throw new DataException('Multiple union schemas map to the Connect union field name')
      seen.add(field)
      builder.field(field, this.#cyclic(member, AS_MEMBER))
    }
    return builder
  }

  #describe(builder: SchemaBuilder, schema: AvroSchema, place: Place): void {
    const { discardTypeDocDefault, metaData } = this.#options
    const ownDoc = textProp(schema, Prop.DOC)
    if (discardTypeDocDefault) {
      const typeDoc = 'doc' in schema ? schema.doc : null
      const doc = place.doc ?? typeDoc ?? ownDoc
      if (doc !== null) builder.doc(doc)
      if (metaData && typeDoc !== null) builder.parameter(Param.CONNECT_RECORD_DOC, typeDoc)
    } else if (metaData && ownDoc !== null) builder.doc(ownDoc)
    addVersion(builder, schema, place.version)
    addParameters(builder, schema, metaData)
    const connect = schema.props.get(Prop.DEFAULT)
    const given =
      place.fieldDefault === undefined ? undefined : fieldDefaultValue(builder.build(), schema, place.fieldDefault)
    if (given !== undefined) {
      if (!discardTypeDocDefault && metaData && connect === undefined) builder.parameter(Param.FIELD_DEFAULT, 'true')
      given.into(builder)
    } else if (connect !== undefined) connectDefault(builder.build(), schema, connect, this.#options).into(builder)
  }

  #name(builder: SchemaBuilder, schema: AvroSchema): SchemaBuilder {
    const given = schema.props.get(Prop.NAME)
    if (given !== undefined && typeof given !== 'string')
      throw new DataException(`Invalid schema name: ${printJson(given)}`)
    const own = builder.build().name
    let name = given ?? null
    if (given === undefined) {
      if (schema.type === 'record' || schema.type === 'enum') name = schema.fullName
      else if (schema.type === 'fixed' && own !== LogicalName.DECIMAL) name = schema.fullName
    }
    if (name === null || name.startsWith(`${NAMESPACE}.${DEFAULT_NAME}`)) return builder
    if (own === null) return builder.name(name)
    if (own === name) return builder
    throw new DataException(
      `Mismatched names: name already added to SchemaBuilder (${own}) differs from name in source schema (${name})`,
    )
  }
}

function decimalOf(schema: AvroSchema): SchemaBuilder {
  const scale = schema.props.get(Prop.SCALE)
  const builder = decimalBuilder(scale instanceof JsonNumber ? Math.trunc(Number(scale.value)) : 0)
  const precision = schema.props.get(Prop.PRECISION)
  if (precision === undefined || precision === null) return builder
  if (!(precision instanceof JsonNumber))
    throw new DataException('The precision property of a decimal must be a JSON integer')
  const digits = Math.trunc(Number(precision.value))
  return digits === DEFAULT_PRECISION ? builder : builder.parameter(Param.DECIMAL_PRECISION, String(digits))
}

function intOf(schema: AvroSchema, logical: string): SchemaBuilder {
  if (logical === 'date') return dateBuilder()
  if (logical === 'time-millis') return timeBuilder()
  const type = textProp(schema, Prop.TYPE)
  if (type === null || logical !== '') return SchemaBuilder.int32()
  if (type === 'int8') return SchemaBuilder.int8()
  if (type === 'int16') return SchemaBuilder.int16()
  throw new DataException('Connect type annotation for Avro int field is null')
}

function textProp(schema: AvroSchema, key: string): string | null {
  const value = schema.props.get(key)
  return typeof value === 'string' ? value : null
}

/** A version of the registry does not overrule the one that a logical type has. */
function addVersion(builder: SchemaBuilder, schema: AvroSchema, registered: number | null): void {
  const given = schema.props.get(Prop.VERSION)
  if (given !== undefined && !(given instanceof JsonNumber)) {
    throw new DataException(`Invalid Connect version found: ${printJson(given)}`)
  }
  const version = given === undefined ? registered : Math.trunc(Number(given.value))
  if (version !== null && version >= 0 && builder.build().version === null) builder.version(version)
}

function addParameters(builder: SchemaBuilder, schema: AvroSchema, metaData: boolean): void {
  const given = schema.props.get(Prop.PARAMETERS)
  if (metaData && given !== undefined) {
    if (!isObject(given))
      throw new DataException(`Expected JSON object for schema parameters but found: ${printJson(given)}`)
    for (const [key, value] of given) {
      if (typeof value !== 'string') {
        throw new DataException(`Expected schema parameter values to be strings but found: ${printJson(value)}`)
      }
      builder.parameter(key, value)
    }
  }
  for (const [key, value] of schema.props) {
    if (key.startsWith(AVRO_PREFIX)) builder.parameter(key, typeof value === 'string' ? value : printJson(value))
  }
}

/** The same schema with more parameters, or others. */
function withParameters(schema: Schema, parameters: ReadonlyMap<string, JsonNode>): Schema {
  const texts = [...parameters].map(([key, value]): [string, string] => [
    key,
    typeof value === 'string' ? value : printJson(value),
  ])
  if (texts.every(([key, value]) => schema.parameters?.get(key) === value)) return schema
  return Object.freeze({ ...schema, parameters: new Map([...(schema.parameters ?? []), ...texts]) })
}

/** A schema that is known only once the type around it is. */
function reference(cycle: Cycle, optional: boolean): Schema {
  const known = (): Schema => {
    if (cycle.target === null) throw new DataException('A schema that contains itself is not complete yet')
    return cycle.target
  }
  return Object.freeze({
    type: 'STRUCT' as const,
    optional,
    get defaultValue() {
      return known().defaultValue
    },
    get name() {
      return known().name
    },
    get version() {
      return known().version
    },
    get doc() {
      return known().doc
    },
    get parameters() {
      return known().parameters
    },
    get fields() {
      return known().fields
    },
    keySchema: null,
    valueSchema: null,
  })
}
