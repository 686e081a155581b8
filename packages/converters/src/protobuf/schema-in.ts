// Connect schemas of Protobuf messages: the reference's mapping.
// Source: the behaviour of io.confluent.connect.protobuf.ProtobufData, version 8.
import {
  DataException,
  dateBuilder,
  decimalBuilder,
  type Field,
  type Schema,
  SchemaBuilder,
  Schemas,
  timeBuilder,
  timestampBuilder,
} from '@millrace/api'
import type { LinkedEnum, LinkedField, LinkedMessage, ProtoScalar } from '@millrace/schemas/protobuf'
import type { ProtobufOptions } from './config.ts'
import { fieldMeta } from './field-meta.ts'
import { isMap, mapParts } from './maps.ts'
import { Meta, mapName, Param, UNION_PREFIX, VARIANT_NAME, WellKnown, WRAPPERS } from './names.ts'

const WHOLE = /^[+-]?[0-9]+$/

/** A message's struct; the list of its fields is filled while they are read. */
interface Struct {
  readonly name: string
  readonly fields: Field[]
  readonly version: number | null
  /** The tag of the field that referred to it first, which items of lists show, too. */
  readonly tag: string | null
  /** Set once a field refers to the message. */
  optional: boolean
}

/**
 * The Connect schema of a message's values.
 * @param version the version in the registry
 * @throws DataException for what Connect has no schema for
 */
export function toConnectSchema(message: LinkedMessage, version: number | null, options: ProtobufOptions): Schema {
  return new SchemaReader(options).root(message, version)
}

/** The field of a struct that a `oneof` is. */
export function unionField(message: LinkedMessage, oneof: string, options: ProtobufOptions): string {
  const index = message.declared.oneofs.findIndex(({ name }) => name === oneof)
  return options.generateIndexForUnions ? `${oneof}_${index}` : oneof
}

/** True where an unset field is null and not its type's zero: the word `optional` stands before it. */
export function hasOptionalKeyword(message: LinkedMessage, field: LinkedField): boolean {
  const { label } = field.declared
  if (field.oneof !== null || field.repeated || field.mapKey !== null || field.required) return false
  return message.syntax === 'proto2' || (message.syntax === 'proto3' && label === 'optional')
}

class SchemaReader {
  readonly #options: ProtobufOptions
  readonly #structs = new Map<string, Struct>()

  constructor(options: ProtobufOptions) {
    this.#options = options
  }

  root(message: LinkedMessage, version: number | null): Schema {
    const wrapped = this.#options.wrapperForRawPrimitives ? WRAPPERS.get(message.fullName) : undefined
    if (wrapped !== undefined) {
      const builder = SchemaBuilder.type(wrapped)
      return version === null ? builder.build() : builder.version(version).build()
    }
    const struct = this.#struct(message, null, version)
    return seal(struct, struct.optional, null)
  }

  #struct(message: LinkedMessage, tag: string | null, version: number | null): Struct {
    const name = this.#options.enhanced ? message.fullName : message.declared.name
    const struct: Struct = { name, fields: [], version, tag, optional: false }
    this.#structs.set(message.fullName, struct)
    const add = (field: string, schema: Schema) => {
      if (struct.fields.some((one) => one.name === field)) {
        throw new DataException(`Message ${message.fullName} would have two fields called ${field} in Connect`)
      }
      struct.fields.push(Object.freeze({ name: field, index: struct.fields.length, schema }))
    }
    for (const { name: oneof } of message.declared.oneofs) {
      const members = message.fields.filter((field) => field.oneof === oneof)
      if (members.length === 0) continue
      if (this.#options.flattenUnions) {
        for (const member of members) add(member.name, this.#field(message, member, true))
      } else add(unionField(message, oneof, this.#options), this.#union(message, oneof, members))
    }
    for (const field of message.fields) {
      if (field.oneof === null) add(field.name, this.#field(message, field, false))
    }
    Object.freeze(struct.fields)
    return struct
  }

  #union(message: LinkedMessage, oneof: string, members: readonly LinkedField[]): Schema {
    const builder = SchemaBuilder.struct()
    if (this.#options.generalized) builder.name(oneof).parameter(Param.GENERAL_UNION, oneof)
    else builder.name(UNION_PREFIX + (this.#options.enhanced ? `${message.fullName}.${oneof}` : oneof))
    for (const member of members) builder.field(member.name, this.#field(message, member, true))
    return builder.optional().build()
  }

  #field(message: LinkedMessage, field: LinkedField, inUnion: boolean): Schema {
    const { optionalForNullables, wrapperForNullables } = this.#options
    const tag = String(field.number)
    if (isMap(field)) return this.#map(message, field).parameter(Param.TAG, tag).build()
    const { type } = field
    if (field.repeated) {
      return SchemaBuilder.array(this.#item(field)).optional().parameter(Param.TAG, tag).build()
    }
    if (type.kind === 'message') {
      const found = this.#message(field, tag)
      if (!(found instanceof SchemaBuilder)) return seal(found, true, new Map([[Param.TAG, tag]]))
      if (inUnion && wrapperForNullables && WRAPPERS.has(type.type.fullName)) found.parameter(Param.WRAPPER, 'true')
      return found.optional().parameter(Param.TAG, tag).build()
    }
    const builder = this.#primitive(field)
    const optional =
      type.kind === 'enum' ||
      inUnion ||
      (optionalForNullables ? hasOptionalKeyword(message, field) : !wrapperForNullables)
    if (optional) builder.optional()
    return builder.parameter(Param.TAG, tag).build()
  }
  #item(field: LinkedField): Schema {
    if (field.type.kind !== 'message') return this.#primitive(field).optional().build()
    const isFirst = !this.#structs.has(field.type.type.fullName)
    const found = this.#message(field, null)
    if (found instanceof SchemaBuilder) return found.optional().build()
    return seal(found, true, isFirst || found.tag === null ? null : new Map([[Param.TAG, found.tag]]))
  }

  /** What a message is: a logical type, what it wraps, or a struct. */
  #message(field: LinkedField, tag: string | null): SchemaBuilder | Struct {
    const { type } = field
    if (type.kind !== 'message') throw new DataException(`Field ${field.name} is no message`)
    if (type.group) throw new DataException('Unknown Connect schema type: GROUP')
    const { fullName } = type.type
    switch (fullName) {
      case WellKnown.DECIMAL:
        return decimalOf(field)
      case WellKnown.DATE:
        return dateBuilder()
      case WellKnown.TIME:
        return timeBuilder()
      case WellKnown.TIMESTAMP:
        return timestampBuilder()
      case WellKnown.VARIANT:
        return SchemaBuilder.struct().name(VARIANT_NAME).field('metadata', Schemas.BYTES).field('value', Schemas.BYTES)
    }
    const wrapped = WRAPPERS.get(fullName)
    if (wrapped !== undefined && (this.#options.wrapperForNullables || this.#options.wrapperForRawPrimitives)) {
      return SchemaBuilder.type(wrapped)
    }
    const struct = this.#structs.get(fullName) ?? this.#struct(type.type, tag, null)
    struct.optional = true
    return struct
  }

  #map(message: LinkedMessage, field: LinkedField): SchemaBuilder {
    const { entry, key, value } = mapParts(message, field)
    const name = mapName(this.#options.enhanced ? entry.fullName : entry.declared.name)
    return SchemaBuilder.map(this.#field(entry, key, false), this.#field(entry, value, false))
      .name(name)
      .optional()
  }

  #primitive(field: LinkedField): SchemaBuilder {
    const { type } = field
    if (type.kind === 'enum') return this.#enum(type.type)
    if (type.kind === 'message') throw new DataException(`Field ${field.name} is a message`)
    return scalarSchema(type.scalar, field)
  }
  #enum(type: LinkedEnum): SchemaBuilder {
    const { enhanced, generalized, intForEnums } = this.#options
    const { name, values } = type.declared
    const param = generalized ? Param.GENERAL_ENUM : Param.ENUM
    const builder = intForEnums ? SchemaBuilder.int32() : SchemaBuilder.string()
    builder.name(enhanced ? type.fullName : name).parameter(param, name)
    for (const value of values) builder.parameter(`${param}.${value.name}`, String(value.number))
    return builder
  }
}

function scalarSchema(scalar: ProtoScalar, field: LinkedField): SchemaBuilder {
  switch (scalar) {
    case 'int32':
    case 'sint32':
    case 'sfixed32': {
      const small = fieldMeta(field.declared).get(Meta.TYPE)
      if (small === 'int8') return SchemaBuilder.int8()
      if (small === 'int16') return SchemaBuilder.int16()
      const builder = SchemaBuilder.int32()
      return scalar === 'int32' ? builder : builder.parameter(Param.TYPE, scalar)
    }
    case 'uint32':
    case 'fixed32':
    case 'int64':
    case 'uint64':
    case 'sint64':
    case 'fixed64':
    case 'sfixed64': {
      const builder = SchemaBuilder.int64()
      return scalar === 'int64' ? builder : builder.parameter(Param.TYPE, scalar)
    }
    case 'float':
      return SchemaBuilder.float32()
    case 'double':
      return SchemaBuilder.float64()
    case 'bool':
      return SchemaBuilder.bool()
    case 'string':
      return SchemaBuilder.string()
    case 'bytes':
      return SchemaBuilder.bytes()
  }
}

function decimalOf(field: LinkedField): SchemaBuilder {
  const meta = fieldMeta(field.declared)
  const whole = (name: string): string | null => {
    const text = meta.get(name)
    return text !== undefined && WHOLE.test(text) && Number(text) === (Number(text) | 0) ? String(Number(text)) : null
  }
  const builder = decimalBuilder(Number(whole(Meta.SCALE) ?? 0))
  const precision = whole(Meta.PRECISION)
  return precision === null ? builder : builder.parameter(Param.DECIMAL_PRECISION, precision)
}

/** A struct's schema for one place: messages may contain themselves, and share the list of their fields with them. */
function seal(struct: Struct, optional: boolean, parameters: ReadonlyMap<string, string> | null): Schema {
  return Object.freeze({
    type: 'STRUCT' as const,
    optional,
    defaultValue: undefined,
    name: struct.name,
    version: struct.version,
    doc: null,
    parameters,
    fields: struct.fields,
    keySchema: null,
    valueSchema: null,
  })
}
