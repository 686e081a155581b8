// The messages, enumerations and extensions of .proto texts.
// Source: https://protobuf.com/docs/language-spec#messages
import {
  PROTO_MAP_KEYS,
  type ProtoEnum,
  type ProtoEnumValue,
  type ProtoExtend,
  type ProtoExtensionRanges,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ProtoOneof,
  type ProtoOption,
  type ProtoRange,
  type ProtoReserved,
  type ProtoScalar,
  type ProtoType,
} from './model.ts'
import { readBracketedOptions, readOption } from './options.ts'
import type { ProtoReader } from './reader.ts'

export type Syntax = ProtoFile['syntax']

type Label = NonNullable<ProtoField['label']>

/** What `max` stands for in the ranges of messages. */
const MAX_FIELD_NUMBER = 536870911

/** Reads `message NAME { ... }`. */
export function readMessage(reader: ProtoReader, syntax: Syntax): ProtoMessage {
  reader.takeWord('message')
  const name = reader.identifier()
  return new MessageParser(reader, syntax).body(name, [], false)
}

/** Reads `extend NAME { ... }`; the messages of groups in it go to `types`, those of what is around it. */
export function readExtend(reader: ProtoReader, syntax: Syntax, types: ProtoType[]): ProtoExtend {
  reader.takeWord('extend')
  const name = reader.fullName()
  const parser = new MessageParser(reader, syntax)
  reader.require('{')
  while (!reader.take('}')) {
    if (!reader.take(';')) parser.field(null)
  }
  types.push(...parser.types)
  return { name, fields: parser.fields }
}

class MessageParser {
  readonly fields: ProtoField[] = []
  readonly types: ProtoType[] = []
  readonly #reader: ProtoReader
  readonly #syntax: Syntax
  readonly #oneofs = new Map<string, ProtoOneof>()
  readonly #options: ProtoOption[] = []
  readonly #reserved: ProtoReserved[] = []
  readonly #ranges: ProtoExtensionRanges[] = []
  readonly #extensions: ProtoExtend[] = []

  constructor(reader: ProtoReader, syntax: Syntax) {
    this.#reader = reader
    this.#syntax = syntax
  }

  body(name: string, fieldOptions: readonly ProtoOption[], group: boolean): ProtoMessage {
    const reader = this.#reader
    reader.require('{')
    reader.nested(() => {
      while (!reader.take('}')) this.#element()
    })
    return {
      kind: 'message',
      name,
      fields: this.fields,
      oneofs: [...this.#oneofs.values()],
      types: this.types,
      options: [...fieldOptions, ...this.#options],
      reserved: this.#reserved,
      extensionRanges: this.#ranges,
      extensions: this.#extensions,
      group,
    }
  }

  /** What a message may contain. A word that begins a declaration may be a type's name too. */
  #element(): void {
    const reader = this.#reader
    if (reader.take(';')) return
    switch (reader.peekWord()) {
      case 'message':
        this.types.push(readMessage(reader, this.#syntax))
        return
      case 'enum':
        this.types.push(readEnum(reader))
        return
      case 'extend':
        this.#extensions.push(readExtend(reader, this.#syntax, this.types))
        return
      case 'oneof':
        this.#oneof()
        return
      case 'option':
        reader.takeWord('option')
        this.#options.push(readOption(reader))
        reader.require(';')
        return
      case 'reserved':
        this.#reserved.push(readReserved(reader))
        return
      case 'extensions':
        this.#ranges.push(readExtensionRanges(reader))
        return
      default:
        this.field(null)
        return
    }
  }
  #oneof(): void {
    const reader = this.#reader
    reader.takeWord('oneof')
    const start = reader.position
    const name = reader.identifier()
    // Its fields could not be told from those of the other.
    if (this.#oneofs.has(name)) throw reader.wrong(`${name} is declared twice`, start)
    const options: ProtoOption[] = []
    reader.require('{')
    while (!reader.take('}')) {
      if (reader.take(';')) continue
      if (reader.takeWord('option')) {
        options.push(readOption(reader))
        reader.require(';')
      } else this.field(name)
    }
    this.#oneofs.set(name, { name, options })
  }

  /** Reads a field, a map or a group. */
  field(oneof: string | null): void {
    const reader = this.#reader
    const start = reader.position
    const label = oneof === null ? this.#label() : null
    if (reader.takeWord('group')) {
      this.#group(label, oneof, start)
      return
    }
    let type = reader.fullName()
    let mapKey: ProtoScalar | null = null
    if (type === 'map' && reader.take('<')) {
      const keyStart = reader.position
      const key = reader.fullName()
      if (!isMapKey(key)) throw reader.wrong(`${key} cannot be the type of a map's keys`, keyStart)
      mapKey = key
      reader.require(',')
      type = reader.fullName()
      reader.require('>')
      if (label !== null || oneof !== null) throw reader.wrong('a map takes no label and stands in no oneof', start)
    } else if (label === null && oneof === null && this.#syntax === 'proto2') {
      throw reader.wrong(`the field lacks its label: 'optional', 'required' or 'repeated'`, start)
    }
    const name = reader.identifier()
    reader.require('=')
    const number = reader.integer()
    const options = specialLast(readBracketedOptions(reader))
    reader.require(';')
    this.fields.push({ name, number, label, type, mapKey, oneof, group: false, options })
  }
  #label(): Label | null {
    const reader = this.#reader
    const start = reader.position
    for (const label of ['optional', 'required', 'repeated'] as const) {
      if (!reader.takeWord(label)) continue
      if (label === 'required' && this.#syntax !== 'proto2') {
        throw reader.wrong(`'required' stands in proto2 only`, start)
      }
      return label
    }
    return null
  }
  #group(label: Label | null, oneof: string | null, start: number): void {
    const reader = this.#reader
    if (this.#syntax !== 'proto2') throw reader.wrong('groups stand in proto2 only', start)
    if (label === null && oneof === null) throw reader.wrong('the group lacks its label', start)
    const type = reader.identifier()
    reader.require('=')
    const number = reader.integer()
    const options = readBracketedOptions(reader)
    this.fields.push({ name: type.toLowerCase(), number, label, type, mapKey: null, oneof, group: true, options })
    this.types.push(new MessageParser(reader, this.#syntax).body(type, [], true))
  }
}

/** A field's default and its name in JSON stand after its other options, each once: the last one counts. */
function specialLast(options: readonly ProtoOption[]): readonly ProtoOption[] {
  const special = ['default', 'json_name'].flatMap((name) => options.findLast((option) => option.name === name) ?? [])
  return special.length === 0
    ? options
    : [...options.filter(({ name }) => name !== 'default' && name !== 'json_name'), ...special]
}

/** Reads `enum NAME { ... }`. */
export function readEnum(reader: ProtoReader): ProtoEnum {
  reader.takeWord('enum')
  const name = reader.identifier()
  const values: ProtoEnumValue[] = []
  const options: ProtoOption[] = []
  const reserved: ProtoReserved[] = []
  reader.require('{')
  while (!reader.take('}')) {
    if (reader.take(';')) continue
    const word = reader.peekWord()
    if (word === 'reserved') reserved.push(readReserved(reader))
    else if (word === 'option') {
      reader.takeWord(word)
      options.push(readOption(reader))
      reader.require(';')
    } else values.push(readEnumValue(reader))
  }
  return { kind: 'enum', name, values, options, reserved }
}

function readEnumValue(reader: ProtoReader): ProtoEnumValue {
  const name = reader.identifier()
  reader.require('=')
  const number = reader.integer()
  const options = readBracketedOptions(reader)
  reader.require(';')
  return { name, number, options }
}

/** Names in quotation marks, or bare in editions; numbers and ranges. */
function readReserved(reader: ProtoReader): ProtoReserved {
  reader.takeWord('reserved')
  const items: (string | number | ProtoRange)[] = []
  do {
    if (reader.atString) items.push(reader.plainString())
    else if (reader.peekWord() !== '') items.push(reader.identifier())
    else items.push(readRange(reader))
  } while (reader.take(','))
  reader.require(';')
  return items
}

function readExtensionRanges(reader: ProtoReader): ProtoExtensionRanges {
  reader.takeWord('extensions')
  const ranges: (number | ProtoRange)[] = []
  do {
    ranges.push(readRange(reader))
  } while (reader.take(','))
  const options = readBracketedOptions(reader)
  reader.require(';')
  return { ranges, options }
}

function readRange(reader: ProtoReader): number | ProtoRange {
  const first = reader.integer()
  if (!reader.takeWord('to')) return first
  if (reader.takeWord('max')) return { first, last: null }
  const last = reader.integer()
  return { first, last: last >= MAX_FIELD_NUMBER ? null : last }
}

function isMapKey(type: string): type is ProtoScalar {
  return PROTO_MAP_KEYS.has(type)
}
