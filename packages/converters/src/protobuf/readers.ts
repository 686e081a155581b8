// Compiles a message and its Connect schema into a function that reads values straight from the wire.
import { DataException, type Schema, type Value } from '@millrace/api'
import type { LinkedEnum, LinkedField, LinkedMessage } from '@millrace/schemas/protobuf'
import type { ProtobufOptions } from './config.ts'
import { enumDefault, scalarDefault } from './defaults.ts'
import {
  type FieldCode,
  keyCode,
  listCode,
  mapCode,
  messageCode,
  messageRead,
  messagesCode,
  pieceCode,
  scalarRead,
  singleCode,
} from './field-code.ts'
import { isMap, mapParts } from './maps.ts'
import { WellKnown, wrappedField } from './names.ts'
import type { ProtobufIn } from './protobuf-in.ts'
import { hasOptionalKeyword, unionField } from './schema-in.ts'
import { readDate, readDecimal, readTime, readTimestamp } from './well-known-in.ts'
import { scalarWire, tagOf, Wire } from './wire.ts'

/** Reads the message between the cursor's place and its end. @throws DataException */
export type MessageReader = (into?: Map<Value, Value>) => Value

/** A message that is compiled, or being compiled. */
interface Known {
  readonly message: LinkedMessage
  readonly fields: Schema['fields']
  reader: MessageReader | null
}

/** Messages whose parts are handed to a function. */
const LOGICAL: ReadonlyMap<string, { readonly parts: readonly string[]; readonly read: (...parts: never[]) => Value }> =
  new Map([
    [WellKnown.TIMESTAMP as string, { parts: ['seconds', 'nanos'], read: readTimestamp }],
    [WellKnown.DATE, { parts: ['year', 'month', 'day'], read: readDate }],
    [WellKnown.TIME, { parts: ['hours', 'minutes', 'seconds', 'nanos'], read: readTime }],
    [WellKnown.DECIMAL, { parts: ['value', 'precision', 'scale'], read: readDecimal }],
  ])

/** Compiles readers for one cursor. */
export class ReaderCompiler {
  readonly #in: ProtobufIn
  readonly #options: ProtobufOptions
  /** Readers of messages, so that one that contains itself finds itself. */
  readonly #known: Known[] = []

  constructor(input: ProtobufIn, options: ProtobufOptions) {
    this.#in = input
    this.#options = options
  }

  /** The reader of a message as a file's own: what wraps a value gives that value if the schema does. */
  compile(message: LinkedMessage, connect: Schema): MessageReader {
    if (connect.type !== 'STRUCT') return this.#wrapped(message, connect)
    return this.#struct(message, connect)
  }

  /** The reader of a message in a field. */
  #message(message: LinkedMessage, connect: Schema): MessageReader {
    const logical = LOGICAL.get(message.fullName)
    if (logical !== undefined && connect.name !== null && connect.type !== 'STRUCT') {
      return this.#logical(message, logical.parts, logical.read as (...parts: unknown[]) => Value)
    }
    return this.compile(message, connect)
  }
  #wrapped(message: LinkedMessage, connect: Schema): MessageReader {
    const field = wrappedField(message)
    if (field === undefined) throw new DataException(`Message ${message.fullName} does not wrap a value`)
    const body = new Body(this.#in, message)
    const code = this.#field(body, message, field, connect, false)
    return body.build([code], `return ${code.value};`)
  }
  #logical(message: LinkedMessage, parts: readonly string[], read: (...parts: unknown[]) => Value): MessageReader {
    const body = new Body(this.#in, message)
    const codes = parts.map((name) => {
      const field = message.fields.find((one) => one.name === name)
      if (field?.type.kind !== 'scalar' || field.repeated) {
        throw new DataException(`Message ${message.fullName} has no field ${name} of a number or bytes`)
      }
      const { scalar } = field.type
      const tag = tagOf(field.number, scalarWire(scalar))
      const initial = body.constant(scalarDefault(field, scalar))
      return singleCode(body.next(), tag, initial, scalarRead(scalar, 'INT64', true), true)
    })
    return body.build(codes, `return ${body.constant(read)}(${codes.map(({ value }) => value).join(', ')});`)
  }

  #struct(message: LinkedMessage, connect: Schema): MessageReader {
    const { fields } = connect
    const same = this.#known.find((one) => one.message === message && one.fields === fields)
    if (same !== undefined) return same.reader ?? (() => (same.reader as MessageReader)())
    const known: Known = { message, fields, reader: null }
    this.#known.push(known)
    known.reader = this.#fields(message, connect)
    return known.reader
  }
  #fields(message: LinkedMessage, connect: Schema): MessageReader {
    const body = new Body(this.#in, message)
    const codes: FieldCode[] = []
    const values = new Map<string, string>()
    for (const { name: oneof } of message.declared.oneofs) {
      const members = message.fields.filter((field) => field.oneof === oneof)
      if (members.length === 0) continue
      for (const [name, code] of this.#oneof(body, message, oneof, members, connect)) {
        codes.push(code)
        values.set(name, code.value)
      }
    }
    for (const field of message.fields) {
      if (field.oneof !== null) continue
      const code = this.#field(body, message, field, schemaOf(connect, field.name, message), true)
      codes.push(code)
      values.set(field.name, code.value)
    }
    const members = connect.fields.map(({ name }) => `${keyCode(name)}: ${values.get(name) ?? 'null'}`)
    return body.build(codes, `return { ${members.join(', ')} };`)
  }

  /** A field outside of unions. `nullable` when its being unset may be told by null. */
  #field(body: Body, message: LinkedMessage, field: LinkedField, connect: Schema, nullable: boolean): FieldCode {
    const at = body.next()
    if (isMap(field)) return mapCode(at, field, body.constant(this.#entry(message, field, connect)))
    const { type } = field
    if (type.kind === 'message') {
      if (type.group) throw new DataException('Unknown Connect schema type: GROUP')
      const item = field.repeated ? (connect.valueSchema as Schema) : connect
      const reader = body.constant(this.#message(type.type, item))
      if (field.repeated) return messagesCode(at, field, reader)
      const none = nullable && !this.#options.generateStructForNulls ? 'null' : `i.none(${reader})`
      return messageCode(at, field, reader, field.required ? `${body.missing(field)} ?? i.none(${reader})` : none)
    }
    const item = field.repeated ? (connect.valueSchema as Schema) : connect
    const { read, wire, isOpen } = this.#value(body, message, field, item)
    if (field.repeated) return listCode(at, field, wire, read, isOpen)
    const zero = body.constant(this.#default(field))
    const tag = tagOf(field.number, wire)
    if (field.required) {
      const code = singleCode(at, tag, 'undefined', read, isOpen)
      return { ...code, finish: `if (v${at} === undefined) v${at} = ${body.missing(field)} ?? ${zero};` }
    }
    const isNull = nullable && this.#isNullable(message, field) && !this.#options.generateStructForNulls
    return singleCode(at, tag, isNull ? 'null' : zero, read, isOpen)
  }
  /** True when an unset field is null. */
  #isNullable(message: LinkedMessage, field: LinkedField): boolean {
    const isProto3Optional = message.syntax === 'proto3' && field.declared.label === 'optional'
    return isProto3Optional || (this.#options.optionalForProto2 && hasOptionalKeyword(message, field))
  }
  /** How one scalar or enumeration is read. */
  #value(body: Body, message: LinkedMessage, { type }: LinkedField, connect: Schema) {
    if (type.kind === 'scalar') {
      const { scalar } = type
      return {
        read: scalarRead(scalar, connect.type, message.syntax !== 'proto2'),
        wire: scalarWire(scalar),
        isOpen: true,
      }
    }
    const isOpen = message.syntax !== 'proto2'
    const names = enumReader(type.type as LinkedEnum, connect.type !== 'STRING', isOpen)
    return { read: `${body.constant(names)}(i.int32())`, wire: Wire.VARINT, isOpen }
  }
  #default({ declared, type }: LinkedField): Value {
    if (type.kind === 'scalar') return scalarDefault({ declared }, type.scalar)
    return enumDefault(declared, (type as { type: LinkedEnum }).type, this.#options.intForEnums)
  }

  /** Reads one entry into the map that it is called with. */
  #entry(message: LinkedMessage, field: LinkedField, connect: Schema): MessageReader {
    const { entry, key, value } = mapParts(message, field)
    const body = new Body(this.#in, entry)
    const codes = [
      this.#field(body, entry, key, connect.keySchema as Schema, false),
      this.#field(body, entry, value, connect.valueSchema as Schema, false),
    ]
    return body.build(codes, `into.set(${codes.map((code) => code.value).join(', ')});`)
  }

  /** A `oneof`: `k` says which member stands, in the order of the file; its value is in `v`, or where its message stands. */
  #oneof(
    body: Body,
    message: LinkedMessage,
    oneof: string,
    members: readonly LinkedField[],
    connect: Schema,
  ): readonly (readonly [string, FieldCode])[] {
    const { flattenUnions } = this.#options
    const name = unionField(message, oneof, this.#options)
    const union = flattenUnions ? connect : schemaOf(connect, name, message)
    const at = body.next()
    const cases: string[] = []
    const reads: string[] = []
    for (const [k, field] of members.entries()) {
      const schema = schemaOf(union, field.name, message)
      const { type } = field
      if (type.kind === 'message') {
        if (type.group) throw new DataException('Unknown Connect schema type: GROUP')
        const reader = body.constant(this.#message(type.type, schema))
        const begin = `if (k${at} !== ${k}) { k${at} = ${k}; s${at} = -1; m${at} = null; }`
        cases.push(`case ${tagOf(field.number, Wire.BYTES)}: n = i.size(); ${begin} ${pieceCode(at)} break;`)
        reads.push(`if (k${at} === ${k}) ${messageRead(at, `v${at}`, reader)}`)
      } else {
        const { read, wire, isOpen } = this.#value(body, message, field, schema)
        const take = isOpen
          ? `v${at} = ${read}; k${at} = ${k};`
          : `n = ${read}; if (n !== undefined) { v${at} = n; k${at} = ${k}; }`
        cases.push(`case ${tagOf(field.number, wire)}: ${take} break;`)
      }
    }
    const shared = {
      locals: `let k${at} = -1, v${at} = null, s${at} = -1, e${at} = 0, m${at} = null;`,
      cases: cases.join(' '),
      finish: reads.join(' else '),
    }
    if (flattenUnions) {
      return members.map((field, k): readonly [string, FieldCode] => {
        const value = `k${at} === ${k} ? v${at} : null`
        return [field.name, k === 0 ? { ...shared, value } : { locals: '', cases: '', finish: '', value }]
      })
    }
    const parts = members.map((field, k) => `${keyCode(field.name)}: k${at} === ${k} ? v${at} : null`)
    return [[name, { ...shared, value: `k${at} < 0 ? null : { ${parts.join(', ')} }` }]]
  }
}

/** A function that is being put together. */
class Body {
  readonly #in: ProtobufIn
  readonly #message: LinkedMessage
  readonly #constants: unknown[] = []
  #next = 0

  constructor(input: ProtobufIn, message: LinkedMessage) {
    this.#in = input
    this.#message = message
  }
  /** A number for a field's variables. */
  next(): number {
    return this.#next++
  }
  /** The name of a value that the function may use. */
  constant(value: unknown): string {
    if (value === null || typeof value === 'boolean' || (typeof value === 'number' && Object.is(value | 0, value))) {
      return String(value)
    }
    this.#constants.push(value)
    return `c${this.#constants.length - 1}`
  }
  /** An expression that fails for a required field that is not there; null when it need not be. */
  missing(field: LinkedField): string {
    const input = this.#in
    const what = `required field ${field.name} of ${this.#message.fullName} is missing`
    return `${this.constant(() => {
      if (!input.lenient) throw input.bad(what)
      return null
    })}()`
  }
  build(codes: readonly FieldCode[], result: string): MessageReader {
    const join = (part: (code: FieldCode) => string): string => codes.map(part).join('\n')
    const source = `return (into) => {
      const E = i.end;
      let n, o;
      ${join((code) => code.locals)}
      while (i.at < E) {
        const t = i.tag();
        switch (t) {
          ${join((code) => code.cases)}
          default: i.skip(t);
        }
      }
      ${join((code) => code.finish)}
      i.at = E;
      ${result}
    }`
    const parameters = ['i', ...this.#constants.map((_, at) => `c${at}`)]
    return new Function(...parameters, source)(this.#in, ...this.#constants) as MessageReader
  }
}

function schemaOf(connect: Schema, name: string, message: LinkedMessage): Schema {
  const field = connect.fields.find((one) => one.name === name)
  if (field === undefined) throw new DataException(`The schema of ${message.fullName} has no field ${name}`)
  return field.schema
}

/** The value of an enumeration's number; a closed one gives undefined for a number that it does not have. */
function enumReader(type: LinkedEnum, asNumber: boolean, isOpen: boolean): (number: number) => Value {
  const { values, name } = type.declared
  const byNumber = new Map<number, string>()
  for (const value of values) if (!byNumber.has(value.number)) byNumber.set(value.number, value.name)
  if (asNumber) return (number) => (isOpen || byNumber.has(number) ? number : undefined)
  return (number) => byNumber.get(number) ?? (isOpen ? `UNKNOWN_ENUM_VALUE_${name}_${number}` : undefined)
}
