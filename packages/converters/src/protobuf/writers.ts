// Compiles a Connect schema and the message that its values are into a function that writes them.
import { DataException, type Field, type Schema, type Value } from '@millrace/api'
import type { LinkedEnum, LinkedField, LinkedMessage, ProtoScalar } from '@millrace/schemas/protobuf'
import type { ProtobufOptions } from './config.ts'
import { mapParts, takesMaps } from './maps.ts'
import { isEnumSchema, isUnionSchema, Param, scrubName, wrappedField } from './names.ts'
import { type ProtobufOut, unfit } from './protobuf-out.ts'
import { logicalWriter } from './well-known-out.ts'
import { scalarWire, tagOf, Wire } from './wire.ts'

/** Writes one value's content: what stands after the tag, or after the length of a message. @throws DataException */
type Writer = (value: Value) => void

/** How values that are not null are written after their tag, as statements over the value `x`. */
interface ItemCode {
  /** What makes of `x` that which is written; undefined for a number that an enumeration does not have. */
  readonly prepare: string
  /** An expression: `x` is what is not written where its being set cannot be told. */
  readonly isDefault: string
  readonly code: string
  /** True when `code` writes a message's content, which its length must stand before. */
  readonly isMessage: boolean
  readonly wire: Wire
}

interface Known {
  readonly message: LinkedMessage
  readonly fields: readonly Field[]
  writer: Writer | null
}

/** Compiles writers for one buffer. */
export class WriterCompiler {
  readonly #out: ProtobufOut
  readonly #options: ProtobufOptions
  /** Writers of messages, so that one that contains itself finds itself. */
  readonly #known: Known[] = []

  constructor(out: ProtobufOut, options: ProtobufOptions) {
    this.#out = out
    this.#options = options
  }

  /**
   * The writer of a record's value: a struct as a message, a primitive value in the message that wraps it.
   * @throws DataException when values of `schema` cannot stand as `message`
   */
  compile(schema: Schema, message: LinkedMessage): Writer {
    if (schema.type === 'STRUCT') return this.#struct(schema, message)
    return this.#wrapper(schema, message)
  }

  #wrapper(schema: Schema, message: LinkedMessage): Writer {
    const field = wrappedField(message)
    if (field === undefined) throw mismatch(schema, message.fullName)
    const body = new Body(this.#out)
    return body.build(`x = v; ${this.#single(body, schema, asWrapped(field, message), false)}`)
  }

  #struct(schema: Schema, message: LinkedMessage): Writer {
    const { fields } = schema
    const same = this.#known.find((one) => one.message === message && one.fields === fields)
    if (same !== undefined) return same.writer ?? ((value) => (same.writer as Writer)(value))
    const known: Known = { message, fields, writer: null }
    this.#known.push(known)
    known.writer = this.#fields(schema, message)
    return known.writer
  }

  /** Fields in the order of their numbers. */
  #fields(schema: Schema, message: LinkedMessage): Writer {
    const body = new Body(this.#out)
    const first: string[] = []
    const steps: { readonly number: number; readonly code: string }[] = []
    for (const field of schema.fields) {
      const value = this.#get('v', field, body)
      if (isUnionSchema(field.schema) && field.schema.type === 'STRUCT') {
        const { chosen, members } = this.#union(body, field, message)
        first.push(`const u${field.index} = ${value}; ${chosen}`)
        steps.push(...members)
        continue
      }
      const linked = this.#linked(message, field.name)
      const code = this.#field(body, field.schema, message, linked)
      steps.push({ number: linked.number, code: `x = ${value}; if (x !== null && x !== undefined) { ${code} }` })
    }
    steps.sort((a, b) => a.number - b.number)
    const check = `if (typeof v !== 'object' || v === null) throw unfit('STRUCT', v);`
    return body.build([check, ...first, ...steps.map(({ code }) => code)].join('\n'))
  }
  /** A null in a field is its default, unless defaults are to be ignored. */
  #get(from: string, { name, schema }: Field, body: Body): string {
    const value = `${from}[${JSON.stringify(name)}]`
    if (schema.defaultValue === undefined || this.#options.ignoreDefaults) return value
    return `(${value} ?? ${body.constant(schema.defaultValue)})`
  }
  #linked(message: LinkedMessage, name: string): LinkedField {
    const scrubbed = scrubName(name, this.#options.scrub)
    const found = message.fields.find((field) => field.name === scrubbed)
    if (found === undefined) throw new DataException(`Message ${message.fullName} has no field ${scrubbed}`)
    return found
  }

  /** A union: the first of its fields that is not null is `c`, and is written where its number stands. */
  #union(body: Body, field: Field, message: LinkedMessage) {
    const { index } = field
    const tests = field.schema.fields.map((member, k) => {
      const value = this.#get(`u${index}`, member, body)
      return `if ((x = ${value}) !== null && x !== undefined) c${index} = ${k};`
    })
    const none = `throw ${body.constant(noMember)}(${JSON.stringify(field.name)});`
    const chosen = `let c${index} = -1; if (u${index} !== null && u${index} !== undefined) { ${tests.join(' else ')} else ${none} }`
    const members = field.schema.fields.map((member, k) => {
      const linked = this.#linked(message, member.name)
      const code = this.#field(body, member.schema, message, linked)
      const value = this.#get(`u${index}`, member, body)
      return { number: linked.number, code: `if (c${index} === ${k}) { x = ${value}; ${code} }` }
    })
    return { chosen, members }
  }

  /** Writes `x`, which is not null, with its tag. */
  #field(body: Body, schema: Schema, message: LinkedMessage, field: LinkedField): string {
    if (schema.type === 'MAP') {
      if (!takesMaps(field)) throw mismatch(schema, `field ${field.name}`)
      return this.#map(body, schema, message, field)
    }
    if (schema.type === 'ARRAY') {
      if (!field.repeated) throw mismatch(schema, `field ${field.name}`)
      return this.#list(body, schema, field)
    }
    if (field.repeated) throw mismatch(schema, `field ${field.name}`)
    return this.#single(body, schema, field, field.hasPresence)
  }
  #single(body: Body, schema: Schema, field: LinkedField, hasPresence: boolean): string {
    const item = this.#item(body, schema, field)
    const write = `${tagCode(field.number, item.wire)} ${contentCode(body, item)}`
    if (item.isMessage) return write
    const skipped = hasPresence ? (field.type.kind === 'enum' ? 'x === undefined' : '') : item.isDefault
    return skipped === '' ? `${item.prepare} ${write}` : `${item.prepare} if (!(${skipped})) { ${write} }`
  }

  #list(body: Body, schema: Schema, field: LinkedField): string {
    if (schema.valueSchema === null)
      throw new DataException(`Field ${field.name} is an array without a schema of items`)
    if (schema.valueSchema.type === 'MAP') {
      // It has a place in the schema, but none on the wire: only an empty list can be written.
      const refuse = body.constant(() => mismatch(schema, `field ${field.name}: its items are maps`))
      return `if (!Array.isArray(x) || x.length > 0) throw ${refuse}();`
    }
    const item = this.#item(body, schema.valueSchema, field)
    const what = JSON.stringify(`an item of ${field.name}`)
    const check = `if (x === null || x === undefined) throw unfit(${what}, x); ${item.prepare}`
    const known = field.type.kind === 'enum' ? `if (x === undefined) throw unfit(${what}, l[a]);` : ''
    const loop = (each: string) => `for (let a = 0; a < l.length; a++) { x = l[a]; ${check} ${known} ${each} }`
    const list = `if (!Array.isArray(x)) throw unfit('ARRAY', x); const l = x;`
    const tag = (wire: Wire) => tagCode(field.number, wire)
    if (!field.packed || item.wire === Wire.BYTES) {
      return `${list} ${loop(`${tag(item.wire)} ${contentCode(body, item)}`)}`
    }
    return `${list} if (l.length > 0) { ${tag(Wire.BYTES)} ${body.sized(loop(item.code))} }`
  }

  #map(body: Body, schema: Schema, message: LinkedMessage, field: LinkedField): string {
    const { entry, key, value } = mapParts(message, field)
    const { keySchema, valueSchema } = schema
    if (keySchema === null || valueSchema === null) {
      throw new DataException(`Field ${field.name} is a map without schemas of keys and values`)
    }
    const inner = new Body(this.#out)
    const part = (from: Schema, linked: LinkedField) =>
      `if (x !== null && x !== undefined) { ${this.#field(inner, from, entry, linked)} }`
    const write = inner.build(`x = v; ${part(keySchema, key)} x = w; ${part(valueSchema, value)}`)
    const each = `${tagCode(field.number, Wire.BYTES)} ${body.sized(`${body.constant(write)}(k, y);`)}`
    return `if (!(x instanceof Map)) throw unfit('MAP', x); for (const [k, y] of x) { ${each} }`
  }

  /** How one value is written. */
  #item(body: Body, schema: Schema, field: LinkedField): ItemCode {
    const { type } = field
    if (type.kind === 'message') return this.#message(body, schema, field, type.type)
    if (type.kind === 'enum') {
      const number = body.constant(enumNumber(schema, type.type, this.#options))
      return {
        prepare: `x = ${number}(x);`,
        isDefault: `x === undefined || x === ${type.type.declared.values[0]?.number ?? 0}`,
        code: 'o.int32(x);',
        isMessage: false,
        wire: Wire.VARINT,
      }
    }
    const call = logicalWriter(schema.name, this.#out) === null ? scalarCall(schema, type.scalar) : null
    if (call === null) throw mismatch(schema, `${type.scalar} ${field.name}`)
    const prepare = type.scalar === 'float' ? `if (typeof x === 'number') x = Math.fround(x);` : ''
    const isDefault = DEFAULTS[type.scalar] ?? 'x === 0'
    return { prepare, isDefault, code: `o.${call}(x);`, isMessage: false, wire: scalarWire(type.scalar) }
  }
  #message(body: Body, schema: Schema, field: LinkedField, message: LinkedMessage): ItemCode {
    if (field.type.kind === 'message' && field.type.group) throw mismatch(schema, `group ${field.name}`)
    const logical = logicalWriter(schema.name, this.#out)
    if (logical !== null && logical.message !== message.fullName) throw mismatch(schema, message.fullName)
    const write = logical === null ? this.compile(schema, message) : logical.write
    const code = `${body.constant(write)}(x);`
    return { prepare: '', isDefault: 'false', code, isMessage: true, wire: Wire.BYTES }
  }
}

/** A function that is being put together: `v` is its value, `o` the buffer. */
class Body {
  readonly #out: ProtobufOut
  readonly #constants: unknown[] = []
  readonly #rooms: string[] = []

  constructor(out: ProtobufOut) {
    this.#out = out
  }
  /** The name of a value that the function may use. */
  constant(value: unknown): string {
    this.#constants.push(value)
    return `c${this.#constants.length - 1}_`
  }
  /** Writes content with its length before it. The room that the last one's length took is left for the next one's. */
  sized(content: string): string {
    const room = `r${this.#rooms.length}`
    this.#rooms.push(`let ${room} = 1;`)
    return `{ const s = o.begin(${room}), h = ${room}; ${content} ${room} = o.finish(s, h); }`
  }
  build(statements: string): (value: Value, more?: Value) => void {
    const source = `${this.#rooms.join(' ')} return (v, w) => { let x;\n${statements}\n}`
    const parameters = ['o', 'unfit', ...this.#constants.map((_, at) => `c${at}_`)]
    return new Function(...parameters, source)(this.#out, unfit, ...this.#constants) as Writer
  }
}

/** The reference wraps unsigned numbers as signed ones: the same number in other bytes when it has the highest bit. */
function asWrapped(field: LinkedField, { fullName }: LinkedMessage): LinkedField {
  return fullName === 'google.protobuf.UInt32Value' ? { ...field, type: { kind: 'scalar', scalar: 'int32' } } : field
}

function tagCode(number: number, wire: Wire): string {
  const tag = tagOf(number, wire) >>> 0
  return tag < 128 ? `o.u8(${tag});` : `o.varint(${tag});`
}
function contentCode(body: Body, item: ItemCode): string {
  return item.isMessage ? body.sized(item.code) : item.code
}

/** When a scalar is its type's default; the others when they are 0. */
const DEFAULTS: Partial<Record<ProtoScalar, string>> = {
  double: 'Object.is(x, 0)',
  float: 'Object.is(x, 0)',
  int64: 'x === 0 || x === 0n',
  uint64: 'x === 0 || x === 0n',
  sint64: 'x === 0 || x === 0n',
  fixed64: 'x === 0 || x === 0n',
  sfixed64: 'x === 0 || x === 0n',
  bool: 'x === false',
  string: `x === ''`,
  bytes: 'x instanceof Uint8Array && x.length === 0',
}

const INT32_CALLS: Partial<Record<Schema['type'], string>> = {
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'lowerInt32',
}

/** The buffer's method that writes a Connect type's values as a scalar; null when they are none. */
function scalarCall({ type }: Schema, scalar: ProtoScalar): string | null {
  switch (scalar) {
    case 'int32':
      return INT32_CALLS[type] ?? null
    case 'sint32':
    case 'sfixed32':
      return isInt(type) ? scalar : null
    case 'uint32':
    case 'fixed32':
      return type === 'INT64' || isInt(type) ? scalar : null
    case 'int64':
    case 'uint64':
      return type === 'INT64' || isInt(type) ? 'int64' : null
    case 'sint64':
      return type === 'INT64' || isInt(type) ? 'sint64' : null
    case 'fixed64':
    case 'sfixed64':
      return type === 'INT64' || isInt(type) ? 'fixed64' : null
    case 'float':
      return type === 'FLOAT32' ? 'float' : null
    case 'double':
      return type === 'FLOAT64' || type === 'FLOAT32' ? 'double' : null
    case 'bool':
      return type === 'BOOLEAN' ? 'bool' : null
    case 'string':
      return type === 'STRING' ? 'string' : null
    case 'bytes':
      return type === 'BYTES' ? 'block' : null
  }
}
function isInt(type: Schema['type']): boolean {
  return type === 'INT32' || type === 'INT16' || type === 'INT8'
}

/** The number of an enumeration's value: of its name by what the schema says, or the number itself if there is such a one. */
function enumNumber(schema: Schema, type: LinkedEnum, options: ProtobufOptions): (value: Value) => number | undefined {
  const numbers = new Set(type.declared.values.map(({ number }) => number))
  if (schema.type === 'INT32') {
    return (value) => {
      if (typeof value !== 'number' || (value | 0) !== value) throw unfit('INT32', value)
      return numbers.has(value) ? value : undefined
    }
  }
  if (schema.type !== 'STRING' || !isEnumSchema(schema)) throw mismatch(schema, `enum ${type.fullName}`)
  const prefix = `${options.generalized ? Param.GENERAL_ENUM : Param.ENUM}.`
  const byName = new Map<Value, number>()
  for (const [key, text] of schema.parameters ?? []) {
    const number = Number(text)
    if (key.startsWith(prefix) && numbers.has(number)) byName.set(key.slice(prefix.length), number)
  }
  return (value) => {
    const number = byName.get(value)
    if (number !== undefined) return number
    if (typeof value !== 'string') throw unfit('STRING', value)
    throw new DataException(
      `${JSON.stringify(value)} is no value of enum ${type.fullName}: [${[...byName.keys()].join(', ')}]`,
    )
  }
}

function noMember(field: string): DataException {
  return new DataException(`Cannot find non-null field in union ${field}`)
}
function mismatch(schema: Schema, what: string): DataException {
  return new DataException(`Values of a ${schema.name ?? schema.type} cannot be written as ${what}`)
}
