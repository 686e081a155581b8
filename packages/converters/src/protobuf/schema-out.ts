// Protobuf files of Connect schemas: the reference's mapping.
// Source: the behaviour of io.confluent.connect.protobuf.ProtobufData, version 8.
import { DataException, LogicalName, type Schema } from '@millrace/api'
import type {
  ProtoEnum,
  ProtoField,
  ProtoFile,
  ProtoMessage,
  ProtoOption,
  ProtoOptionValue,
  ProtoType,
} from '@millrace/schemas/protobuf'
import type { ProtobufOptions } from './config.ts'
import {
  DEFAULT_NAME,
  entryName,
  isEnumSchema,
  isUnionSchema,
  KEY,
  LOCATIONS,
  Meta,
  Param,
  scrubName,
  UNION_PREFIX,
  VALUE,
  VARIANT_NAME,
  WellKnown,
} from './names.ts'

/** The file that a record's schema is registered as, and the full name of the record's message in it. */
export interface RecordFile {
  readonly file: ProtoFile
  readonly message: string
}

/** The wrapper messages that a primitive value at the top is written in. */
const ROOT_WRAPPERS: Partial<Record<Schema['type'], string>> = {
  INT8: 'google.protobuf.Int32Value',
  INT16: 'google.protobuf.Int32Value',
  INT32: 'google.protobuf.Int32Value',
  INT64: 'google.protobuf.Int64Value',
  FLOAT32: 'google.protobuf.FloatValue',
  FLOAT64: 'google.protobuf.DoubleValue',
  BOOLEAN: 'google.protobuf.BoolValue',
  STRING: 'google.protobuf.StringValue',
  BYTES: 'google.protobuf.BytesValue',
}
const SCALARS: Partial<Record<Schema['type'], string>> = {
  INT8: 'int32',
  INT16: 'int32',
  INT32: 'int32',
  INT64: 'int64',
  FLOAT32: 'float',
  FLOAT64: 'double',
  BOOLEAN: 'bool',
  STRING: 'string',
  BYTES: 'bytes',
}
const UNSIGNED_WRAPPERS: Readonly<Record<string, string>> = {
  uint32: 'google.protobuf.UInt32Value',
  fixed32: 'google.protobuf.UInt32Value',
  uint64: 'google.protobuf.UInt64Value',
  fixed64: 'google.protobuf.UInt64Value',
}
const LOGICAL: Readonly<Record<string, string>> = {
  [LogicalName.DECIMAL]: WellKnown.DECIMAL,
  [LogicalName.DATE]: WellKnown.DATE,
  [LogicalName.TIME]: WellKnown.TIME,
  [LogicalName.TIMESTAMP]: WellKnown.TIMESTAMP,
  [VARIANT_NAME]: WellKnown.VARIANT,
}

/** The wrapper message of a primitive schema; null for other schemas. @throws DataException for arrays, maps and logical types */
export function rootWrapper(schema: Schema): string | null {
  if (schema.type === 'STRUCT') return null
  const wrapper = ROOT_WRAPPERS[schema.type]
  if (wrapper === undefined) {
    throw new DataException(
      `Unsupported root schema of type ${schema.type}: a Protobuf record is a struct or a primitive value`,
    )
  }
  if (schema.name !== null && LOGICAL[schema.name] !== undefined) {
    throw new DataException(`A ${schema.name} cannot be a record of its own in Protobuf; put it in a field of a struct`)
  }
  return wrapper
}

/** The file of a struct's schema. @throws DataException for what Protobuf has no schema for */
export function toProtoFile(schema: Schema, options: ProtobufOptions): RecordFile {
  return new FileWriter(options).file(schema)
}

/** Numbers that Protobuf keeps for itself. */
const FIRST_RESERVED = 19_000
const LAST_RESERVED = 19_999
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A message that is being made. */
interface Open {
  readonly name: string
  /** The fields of its struct, by which a message inside it that is the same is known. */
  readonly fields: Schema['fields'] | null
  readonly parent: Open | null
  readonly messages: ProtoMessage[]
  readonly enums: ProtoEnum[]
  /** Names of the messages in it that were made for structs. */
  readonly made: Set<string>
}

class FileWriter {
  readonly #options: ProtobufOptions
  readonly #imports: string[] = []
  #names = 0

  constructor(options: ProtobufOptions) {
    this.#options = options
  }

  file(schema: Schema): RecordFile {
    const parts = javaSplit(this.#nameOf(schema.name)).map((part) => this.#scrub(part))
    const name = parts.at(-1) ?? ''
    const packageName = parts.slice(0, -1).join('.')
    const types = [this.#message(name, schema, null)]
    const imports = this.#imports.map((path) => ({ path, kind: 'plain' as const }))
    const declared = { syntax: 'proto3' as const, syntaxDeclared: true, edition: null }
    const file = { ...declared, packageName, imports, options: [], types, extensions: [], services: [] }
    return { file, message: parts.join('.') }
  }

  #message(name: string, schema: Schema, parent: Open | null): ProtoMessage {
    const open: Open = { name, fields: schema.fields, parent, messages: [], enums: [], made: new Set() }
    const fields: ProtoField[] = []
    const oneofs: string[] = []
    const next = numbering(schema)
    for (const field of schema.fields) {
      const isUnion = field.schema.type === 'STRUCT' && isUnionSchema(field.schema)
      const tag = tagOf(field.schema) ?? next(isUnion)
      const fieldName = this.#scrub(field.name)
      if (isUnion) {
        const oneof = this.#unionName(field.schema)
        oneofs.push(oneof)
        for (const member of field.schema.fields) {
          const made = this.#field(open, member.schema, this.#scrub(member.name), tagOf(member.schema) ?? 0, true)
          fields.push({ ...made, label: made.label === 'repeated' ? 'repeated' : null, oneof })
        }
      } else fields.push(this.#field(open, field.schema, fieldName, tag, false))
    }
    return close(open, fields, oneofs)
  }
  #unionName(schema: Schema): string {
    if (this.#options.generalized) {
      const name = schema.parameters?.get(Param.GENERAL_UNION)
      if (name !== undefined) return name
    }
    return this.#unqualified((schema.name ?? '').slice(UNION_PREFIX.length))
  }

  #field(open: Open, given: Schema, name: string, number: number, inUnion: boolean): ProtoField {
    const repeated = given.type === 'ARRAY' || given.type === 'MAP'
    const schema = given.type === 'ARRAY' ? given.valueSchema : given
    if (schema === null) throw new DataException(`Field ${name} is an array of which the items have no schema`)
    const { type, meta } = this.#type(schema, name, inUnion)
    this.#declare(open, schema, type)
    const optional = this.#options.optionalForNullables && given.optional
    const label = repeated ? 'repeated' : optional ? 'optional' : null
    const options = metaOption(meta)
    return { name, number, label, type, mapKey: null, oneof: null, group: false, options }
  }
  /** Declares what the field's type is, in the message around it, or imports it. */
  #declare(open: Open, schema: Schema, type: string): void {
    const path = LOCATIONS.get(type)
    if (path !== undefined) {
      if (!this.#imports.includes(path)) this.#imports.push(path)
    } else if (schema.type === 'STRUCT') {
      if (open.name === type || open.made.has(type) || isAround(open, type, schema.fields)) return
      open.made.add(type)
      open.messages.push(this.#message(type, schema, open))
    } else if (schema.type === 'MAP') open.messages.push(this.#entry(type, schema, open))
    else if (isEnumSchema(schema)) {
      const name = this.#unqualified(schema.name)
      if (!open.enums.some((one) => one.name === name)) open.enums.push(this.#enum(name, schema))
    }
  }
  #entry(name: string, { keySchema, valueSchema }: Schema, parent: Open): ProtoMessage {
    if (keySchema === null || valueSchema === null)
      throw new DataException('A map without schemas of its keys and values')
    const open: Open = { name, fields: null, parent, messages: [], enums: [], made: new Set() }
    // Nothing is optional here, whatever the key or the value says.
    const part = (schema: Schema, field: string, number: number): ProtoField => {
      const made = this.#field(open, schema, field, number, false)
      return made.label === 'optional' ? { ...made, label: null } : made
    }
    const fields = [part(keySchema, KEY, 1), part(valueSchema, VALUE, 2)]
    return close(open, fields, [])
  }
  #enum(name: string, { parameters }: Schema): ProtoEnum {
    const prefix = `${this.#options.generalized ? Param.GENERAL_ENUM : Param.ENUM}.`
    const values = [...(parameters ?? [])]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => ({ name: key.slice(prefix.length), number: wholeOf(text), options: [] }))
    return { kind: 'enum', name, values, options: [], reserved: [] }
  }

  /** The name of a field's type, and what its meta option says. */
  #type(
    schema: Schema,
    field: string,
    inUnion: boolean,
  ): { type: string; meta: readonly (readonly [string, string])[] } {
    const { parameters, type } = schema
    const known = schema.name === null ? undefined : LOGICAL[schema.name]
    if (known === WellKnown.DECIMAL) return { type: known, meta: decimalMeta(schema) }
    if (known !== undefined) return { type: known, meta: [] }
    const { wrapperForNullables } = this.#options
    const isWrapped =
      wrapperForNullables && schema.optional && (!inUnion || parameters?.get(Param.WRAPPER)?.toLowerCase() === 'true')
    switch (type) {
      case 'INT8':
      case 'INT16': {
        const meta = [[Meta.TYPE, type.toLowerCase()]] as const
        return { type: isWrapped ? (ROOT_WRAPPERS[type] as string) : 'int32', meta }
      }
      case 'INT32': {
        const name = parameters?.get(Param.ENUM)
        if (name !== undefined) return { type: name, meta: [] }
        return {
          type: isWrapped ? (ROOT_WRAPPERS[type] as string) : (parameters?.get(Param.TYPE) ?? 'int32'),
          meta: [],
        }
      }
      case 'INT64': {
        const scalar = parameters?.get(Param.TYPE) ?? 'int64'
        return { type: isWrapped ? (UNSIGNED_WRAPPERS[scalar] ?? 'google.protobuf.Int64Value') : scalar, meta: [] }
      }
      case 'STRING': {
        const name = parameters?.get(Param.GENERAL_ENUM) ?? parameters?.get(Param.ENUM)
        if (name !== undefined) return { type: name, meta: [] }
        break
      }
      case 'ARRAY':
        throw new DataException('Array cannot be nested')
      case 'MAP':
        return { type: entryName(this.#unqualified(schema.name)), meta: [] }
      case 'STRUCT': {
        if (isUnionSchema(schema)) throw new DataException(`A union can only be a field of a struct: ${field}`)
        const name = this.#unqualified(schema.name)
        // A message and a field of one name do not go together.
        return { type: name === field ? `${name}Message` : name, meta: [] }
      }
    }
    return { type: (isWrapped ? ROOT_WRAPPERS[type] : SCALARS[type]) as string, meta: [] }
  }

  #nameOf(name: string | null): string {
    return name !== null && name !== '' ? name : `${DEFAULT_NAME}${++this.#names}`
  }
  #unqualified(name: string | null): string {
    const full = this.#nameOf(name)
    return this.#scrub(full.slice(full.lastIndexOf('.') + 1))
  }
  #scrub(name: string): string {
    const scrubbed = scrubName(name, this.#options.scrub)
    if (IDENTIFIER.test(scrubbed)) return scrubbed
    throw new DataException(
      `${JSON.stringify(name)} is not a valid name in Protobuf; set scrub.invalid.names=true to have such names changed`,
    )
  }
}

function close(open: Open, fields: readonly ProtoField[], oneofs: readonly string[]): ProtoMessage {
  const types: readonly ProtoType[] = [...open.messages, ...open.enums]
  return {
    kind: 'message',
    name: open.name,
    fields,
    oneofs: oneofs.map((name) => ({ name, options: [] })),
    types,
    options: [],
    reserved: [],
    extensionRanges: [],
    extensions: [],
    group: false,
  }
}

/** True for a message that contains itself through others: it is referred to by the name of the one around. */
function isAround(open: Open, name: string, fields: Schema['fields']): boolean {
  for (let around: Open | null = open; around !== null; around = around.parent) {
    if (around.name === name && around.fields === fields) return true
  }
  return false
}

function tagOf(schema: Schema): number | null {
  const text = schema.parameters?.get(Param.TAG)
  return text === undefined ? null : wholeOf(text)
}
/**
 * Numbers for fields that have none: they count from 1. Where such a number is one that another field brings along, as when a
 * field was added to what was read from Protobuf, they go on behind the highest of those. A union counts, but has none.
 */
function numbering({ fields }: Schema): (isUnion: boolean) => number {
  const used = new Set(
    fields.flatMap(({ schema }) => [
      tagOf(schema),
      ...(isUnionSchema(schema) ? schema.fields.map((one) => tagOf(one.schema)) : []),
    ]),
  )
  let number = 0
  return (isUnion) => {
    number++
    if (isUnion) return number
    if (used.has(number)) number = Math.max(0, ...[...used].filter((one) => one !== null)) + 1
    if (number >= FIRST_RESERVED && number <= LAST_RESERVED) number = LAST_RESERVED + 1
    return number
  }
}
function wholeOf(text: string): number {
  const number = Number(text)
  if (/^[+-]?[0-9]+$/.test(text) && (number | 0) === number) return number
  throw new DataException(`For input string: "${text}" is no number of a field or of an enum's value`)
}

function decimalMeta({ parameters }: Schema): readonly (readonly [string, string])[] {
  const meta: (readonly [string, string])[] = []
  const precision = parameters?.get(Param.DECIMAL_PRECISION)
  if (precision !== undefined) meta.push([Meta.PRECISION, precision])
  const scale = parameters?.get(Param.SCALE)
  if (scale !== undefined) meta.push([Meta.SCALE, scale])
  return meta
}
/** The digits of decimals have their value first, as the reference prints them. */
function metaOption(params: readonly (readonly [string, string])[]): readonly ProtoOption[] {
  if (params.length === 0) return []
  const text = (value: string): ProtoOptionValue => ({ kind: 'string', text: value })
  const items = params.map(([name, value]): ProtoOptionValue => {
    const key = [KEY, text(name)] as const
    const of = [VALUE, text(value)] as const
    return { kind: 'message', fields: name === Meta.TYPE ? [key, of] : [of, key] }
  })
  return [{ name: Meta.OPTION, value: { kind: 'message', fields: [['params', { kind: 'list', items }]] } }]
}

/** As Java's `split("\\.")`: empty parts at the end are dropped. */
function javaSplit(name: string): string[] {
  const parts = name.split('.')
  while (parts.length > 0 && parts.at(-1) === '') parts.pop()
  return parts
}
