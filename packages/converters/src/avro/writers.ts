// Compiles a Connect schema and the Avro schema it is written under into a function that writes values.
import {
  DataException,
  Decimal,
  dateToDays,
  decimalToBytes,
  LogicalName,
  type Schema,
  timestampToMillis,
  timeToMillis,
  type Value,
} from '@millrace/api'
import {
  type AvroArray,
  type AvroField,
  type AvroFixed,
  type AvroRecord,
  type AvroSchema,
  type AvroUnion,
  isNamed,
  memberName,
} from '@millrace/schemas/avro'
import { type AvroOut, unfit } from './avro-out.ts'
import type { AvroOptions } from './config.ts'
import { defaultWriter } from './default-bytes.ts'
import {
  hasStringKeys,
  isEnumSchema,
  isFixedSchema,
  isMapEntry,
  isUnionSchema,
  memberField,
  Param,
  scrubFullName,
  scrubName,
} from './names.ts'
import { isAnything } from './schema-in.ts'
import { anythingWriter } from './schemaless-out.ts'

/** Writes one value. @throws DataException for one that is not of its schema */
export interface AvroWriter {
  (value: Value): void
  /** The same as a statement over the buffer `o` and a variable `x`, where it is a short one: a record's writer has it in line. */
  readonly code?: string
}

/** Compiles writers for one buffer. */
export class WriterCompiler {
  readonly #out: AvroOut
  readonly #options: AvroOptions
  /** Writers of records, so that one that contains itself finds itself. */
  readonly #records = new Map<AvroSchema, { schema: Schema; writer: AvroWriter | null }[]>()

  constructor(out: AvroOut, options: AvroOptions) {
    this.#out = out
    this.#options = options
  }

  /** @throws DataException when values of `schema` cannot stand under `avro` */
  compile(schema: Schema | null, avro: AvroSchema): AvroWriter {
    if (schema === null) {
      if (isAnything(avro)) return anythingWriter(this.#out)
      throw mismatch(schema, avro)
    }
    if (avro.type === 'union') return this.#union(schema, avro)
    return this.#required(schema, avro)
  }

  /** The writer of values that are not null. */
  #required(schema: Schema, avro: AvroSchema): AvroWriter {
    const out = this.#out
    const logical = logicalWriter(schema, avro, out)
    if (logical !== null) return logical
    switch (avro.type) {
      case 'int':
        if (schema.type === 'INT8') return coded(out, 'o.int8(x);')
        if (schema.type === 'INT16') return coded(out, 'o.int16(x);')
        if (schema.type === 'INT32') return coded(out, 'o.int(x);')
        break
      case 'long':
        if (schema.type === 'INT64') return coded(out, 'o.long(x);')
        if (isInt(schema)) return this.#checked(schema, (value) => out.long(value))
        break
      case 'float':
        if (schema.type === 'FLOAT32') return coded(out, 'o.float(x);')
        break
      case 'double':
        if (schema.type === 'FLOAT64' || schema.type === 'FLOAT32') return coded(out, 'o.double(x);')
        break
      case 'boolean':
        if (schema.type === 'BOOLEAN') return coded(out, 'o.boolean(x);')
        break
      case 'string':
        if (schema.type === 'STRING') return coded(out, 'o.string(x);')
        break
      case 'bytes':
        if (schema.type === 'BYTES') return coded(out, 'o.block(x);')
        break
      case 'fixed':
        if (schema.type === 'BYTES') return fixedWriter(avro, out)
        break
      case 'enum':
        if (schema.type === 'STRING') return enumWriter(avro.symbols, avro.fullName, out)
        break
      case 'array':
        if (schema.type === 'ARRAY') return this.#array(schema, avro)
        if (schema.type === 'MAP' && isMapEntry(avro.items)) return this.#entries(schema, avro.items as AvroRecord)
        break
      case 'map':
        if (schema.type === 'MAP') return this.#map(schema, avro.values)
        break
      case 'record':
        if (schema.type === 'STRUCT') return this.#recordOnce(schema, avro)
    }
    throw mismatch(schema, avro)
  }
  /** A small integer that is written as a long. */
  #checked(schema: Schema, write: AvroWriter): AvroWriter {
    const bits = schema.type === 'INT8' ? 24 : schema.type === 'INT16' ? 16 : 0
    return (value) => {
      if (typeof value !== 'number' || (value << bits) >> bits !== value) throw unfit(schema.type, value)
      write(value)
    }
  }

  #array(schema: Schema, avro: AvroArray): AvroWriter {
    const out = this.#out
    const write = this.compile(schema.valueSchema, avro.items)
    return (value) => {
      if (!Array.isArray(value)) throw unfit('ARRAY', value)
      if (value.length > 0) {
        out.count(value.length)
        for (let at = 0; at < value.length; at++) write(value[at])
      }
      out.u8(0)
    }
  }
  #map(schema: Schema, values: AvroSchema): AvroWriter {
    const out = this.#out
    const write = this.compile(schema.valueSchema, values)
    return (value) => {
      if (!(value instanceof Map)) throw unfit('MAP', value)
      if (value.size > 0) {
        out.count(value.size)
        for (const [key, item] of value) {
          out.string(key)
          write(item)
        }
      }
      out.u8(0)
    }
  }
  #entries(schema: Schema, items: AvroRecord): AvroWriter {
    const out = this.#out
    const parts = items.fields.map(({ name, schema: avro }) =>
      this.compile(name === 'key' ? schema.keySchema : schema.valueSchema, avro),
    )
    const keyFirst = items.fields[0]?.name === 'key'
    const [first, second] = parts as [AvroWriter, AvroWriter]
    return (value) => {
      if (!(value instanceof Map)) throw unfit('MAP', value)
      if (value.size > 0) {
        out.count(value.size)
        for (const [key, item] of value) {
          first(keyFirst ? key : item)
          second(keyFirst ? item : key)
        }
      }
      out.u8(0)
    }
  }

  #recordOnce(schema: Schema, avro: AvroRecord): AvroWriter {
    let known = this.#records.get(avro)
    if (known === undefined) {
      known = []
      this.#records.set(avro, known)
    }
    const same = known.find((one) => one.schema.fields === schema.fields)
    if (same !== undefined) return same.writer ?? ((value) => (same.writer as AvroWriter)(value))
    const entry: { schema: Schema; writer: AvroWriter | null } = { schema, writer: null }
    known.push(entry)
    entry.writer = this.#record(schema, avro)
    return entry.writer
  }
  #record(schema: Schema, avro: AvroRecord): AvroWriter {
    const byName = new Map(schema.fields.map((field) => [scrubName(field.name, this.#options.scrub), field]))
    const writers = avro.fields.map((field): { readonly name: string | null; readonly write: AvroWriter } => {
      const own = byName.get(field.name)
      if (own === undefined) return { name: null, write: this.#missing(field, avro) }
      return { name: own.name, write: this.#field(own.schema, field.schema) }
    })
    return recordWriter(writers, this.#out)
  }
  /** A null in a field is its default, unless defaults are to be ignored. */
  #field(schema: Schema, avro: AvroSchema): AvroWriter {
    const write = this.compile(schema, avro)
    const { defaultValue } = schema
    if (defaultValue === undefined || this.#options.ignoreDefaults) return write
    return (value) => write(value ?? defaultValue)
  }
  /** A field that the registered schema has and the record's own does not. */
  #missing(field: AvroField, record: AvroRecord): AvroWriter {
    if (field.defaultValue !== undefined) return defaultWriter(field.schema, field.defaultValue, this.#out)
    throw new DataException(
      `The registered schema ${record.fullName} has a field ${field.name} without a default that the record's own schema does not have`,
    )
  }

  #union(schema: Schema, avro: AvroUnion): AvroWriter {
    const out = this.#out
    const none = avro.types.findIndex(({ type }) => type === 'null')
    const write =
      isUnionSchema(schema) && schema.type === 'STRUCT' ? this.#members(schema, avro) : this.#member(schema, avro)
    if (none >= 0 && schema.optional && write.code !== undefined) {
      return coded(out, `if (x === null || x === undefined) o.count(${none}); else { ${write.code} }`)
    }
    return (value) => {
      if (value !== null && value !== undefined) write(value)
      else if (none >= 0 && schema.optional) out.count(none)
      else throw unfit(schema.type, value)
    }
  }
  #member(schema: Schema, avro: AvroUnion): AvroWriter {
    const out = this.#out
    const at = branchOf(schema, avro, this.#options)
    if (at < 0) throw mismatch(schema, avro)
    const write = this.#required(schema, avro.types[at] as AvroSchema)
    if (write.code !== undefined) return coded(out, `o.count(${at}); ${write.code}`)
    return (value) => {
      out.count(at)
      write(value)
    }
  }
  /** The struct of a union: its one field that is not null. */
  #members(schema: Schema, avro: AvroUnion): AvroWriter {
    const out = this.#out
    const none = avro.types.findIndex(({ type }) => type === 'null')
    const fields = schema.fields.map((field, at) => {
      const branch = unionBranch(field.name, field.schema, at, schema, avro, this.#options)
      if (branch < 0) throw mismatch(field.schema, avro)
      return { name: field.name, branch, write: this.#required(field.schema, avro.types[branch] as AvroSchema) }
    })
    return (value) => {
      const struct = value as Readonly<Record<string, unknown>>
      for (const { name, branch, write } of fields) {
        const item = struct[name]
        if (item === null || item === undefined) continue
        out.count(branch)
        write(item)
        return
      }
      if (none < 0) throw new DataException('A union value needs one field that is not null')
      out.count(none)
    }
  }
}

/** The member of a union that values of a schema are; -1 for none. An exact one before one that is only wide enough. */
function branchOf(schema: Schema, avro: AvroUnion, options: AvroOptions): number {
  const exact = avro.types.findIndex((member) => stands(schema, member, options, true))
  return exact >= 0 ? exact : avro.types.findIndex((member) => stands(schema, member, options, false))
}

/** The member for a field of a union's struct: by the field's name where unions are read so, else by its schema. */
function unionBranch(
  name: string,
  field: Schema,
  at: number,
  schema: Schema,
  avro: AvroUnion,
  options: AvroOptions,
): number {
  const byName = avro.types.findIndex((member, index) => memberField(member, index, options) === name)
  if (byName >= 0 && stands(field, avro.types[byName] as AvroSchema, options, false)) return byName
  // As the schema was made: null first, then a member for each field.
  const inOrder = at + (schema.optional ? 1 : 0)
  const member = avro.types[inOrder]
  if (
    member !== undefined &&
    avro.types.length === schema.fields.length + inOrder - at &&
    stands(field, member, options, false)
  ) {
    return inOrder
  }
  return branchOf(field, avro, options)
}

/** True when values of the schema can stand under the member. */
function stands(schema: Schema, member: AvroSchema, options: AvroOptions, exact: boolean): boolean {
  switch (member.type) {
    case 'int':
      return isInt(schema)
    case 'long':
      return schema.type === 'INT64' || (!exact && isInt(schema))
    case 'float':
      return schema.type === 'FLOAT32'
    case 'double':
      return schema.type === 'FLOAT64' || (!exact && schema.type === 'FLOAT32')
    case 'boolean':
      return schema.type === 'BOOLEAN'
    case 'string':
      return schema.type === 'STRING' && !(exact && isEnumSchema(schema))
    case 'bytes':
      return schema.type === 'BYTES' && !(exact && isFixedSchema(schema))
    case 'enum':
    case 'fixed':
      return standsNamed(schema, member, options)
    case 'array':
      return schema.type === 'ARRAY' || (schema.type === 'MAP' && isMapEntry(member.items))
    case 'map':
      return schema.type === 'MAP' && hasStringKeys(schema, options)
    case 'record':
      if (schema.type !== 'STRUCT') return false
      return !exact || schema.name === null || sameName(schema.name, member.fullName, options)
    default:
      return false
  }
}
function standsNamed(schema: Schema, member: AvroSchema, options: AvroOptions): boolean {
  if (!isNamed(member)) return false
  if (member.type === 'fixed') {
    return isFixedSchema(schema) && Number(schema.parameters?.get(Param.FIXED_SIZE)) === member.size
  }
  const name = schema.parameters?.get(options.generalized ? Param.GENERAL_ENUM : Param.ENUM)
  return schema.type === 'STRING' && name !== undefined && memberName(member) === name
}
function sameName(name: string, fullName: string, options: AvroOptions): boolean {
  return scrubFullName(name, options.scrub) === fullName
}

function isInt({ type }: Schema): boolean {
  return type === 'INT32' || type === 'INT16' || type === 'INT8'
}

function logicalWriter(schema: Schema, avro: AvroSchema, out: AvroOut): AvroWriter | null {
  switch (schema.name) {
    case LogicalName.DECIMAL:
      return decimalWriter(schema, avro, out)
    case LogicalName.DATE:
      return avro.type === 'int' ? (value) => out.int(dateToDays(dateOf(schema, value))) : null
    case LogicalName.TIME:
      return avro.type === 'int' ? (value) => out.int(timeToMillis(dateOf(schema, value))) : null
    case LogicalName.TIMESTAMP:
      return avro.type === 'long' ? (value) => out.long(timestampToMillis(dateOf(schema, value))) : null
    default:
      return null
  }
}
function dateOf(schema: Schema, value: Value): Date {
  if (value instanceof Date) return value
  throw unfit(schema.name ?? schema.type, value)
}
function decimalWriter(schema: Schema, avro: AvroSchema, out: AvroOut): AvroWriter | null {
  const bytesOf = (value: Value) => {
    if (!(value instanceof Decimal)) throw unfit('Decimal', value)
    return decimalToBytes(schema, value)
  }
  if (avro.type === 'bytes') return (value) => out.block(bytesOf(value))
  if (avro.type !== 'fixed') return null
  const { size } = avro
  return (value) => {
    const bytes = bytesOf(value)
    if (bytes.length > size) {
      throw new DataException(`Unscaled value byte array length ${bytes.length} is greater than fixed size ${size}`)
    }
    const sign = (bytes[0] as number) > 127 ? 255 : 0
    for (let left = size - bytes.length; left > 0; left--) out.u8(sign)
    out.bytes(bytes)
  }
}

function fixedWriter(avro: AvroFixed, out: AvroOut): AvroWriter {
  return (value) => {
    if (!(value instanceof Uint8Array)) throw unfit('BYTES', value)
    if (value.length !== avro.size) {
      throw new DataException(`${avro.fullName} takes ${avro.size} bytes, but the value has ${value.length}`)
    }
    out.bytes(value)
  }
}

function enumWriter(symbols: readonly string[], name: string, out: AvroOut): AvroWriter {
  const indexes = new Map(symbols.map((symbol, at) => [symbol, at]))
  return (value) => {
    const at = indexes.get(value as string)
    if (at === undefined) {
      if (typeof value !== 'string') throw unfit('STRING', value)
      throw new DataException(`${JSON.stringify(value)} is no symbol of enum ${name}: [${symbols.join(', ')}]`)
    }
    out.count(at)
  }
}

/** A writer of a statement that is made here: nothing of a schema's text goes into it. */
function coded(out: AvroOut, code: string): AvroWriter {
  return Object.assign(new Function('o', `return (x) => { ${code} }`)(out) as (value: Value) => void, { code })
}

/** A function of its own for each record: reads of fields and short writers stand in line. */
function recordWriter(
  fields: readonly { readonly name: string | null; readonly write: AvroWriter }[],
  out: AvroOut,
): AvroWriter {
  const steps = fields.map(({ name, write }, at) => {
    const value = name === null ? 'null' : `v[${JSON.stringify(name)}]`
    return write.code === undefined ? `w${at}(${value});` : `x = ${value}; ${write.code}`
  })
  const check = `if (typeof v !== 'object' || v === null) throw unfit('STRUCT', v);`
  const body = `return (v) => { let x; ${check} ${steps.join('\n')} }`
  const parameters = ['unfit', 'o', ...fields.map((_, at) => `w${at}`)]
  return new Function(...parameters, body)(unfit, out, ...fields.map(({ write }) => write)) as AvroWriter
}

function mismatch(schema: Schema | null, avro: AvroSchema): DataException {
  const own = schema === null ? 'a value without a schema' : `a ${schema.name ?? schema.type}`
  return new DataException(
    `Values of the record's own schema cannot be written under the registered one: ${own} is no ${memberName(avro)}`,
  )
}
