// From JSON to a schema, with the checks of Avro's own parser.

import { isArray, isObject, type JsonNode, JsonNumber, type JsonObject, parseJson } from '../json-text.ts'
import { type ParseOptions, SchemaParseException } from '../language.ts'
import { fitsDefault } from './defaults.ts'
import {
  type AvroEnum,
  type AvroField,
  type AvroFixed,
  type AvroNamed,
  type AvroPrimitive,
  type AvroProps,
  type AvroRecord,
  type AvroSchema,
  type AvroUnion,
  memberName,
  NO_PROPS,
  PRIMITIVES,
  primitive,
} from './model.ts'
import { type AvroName, checkName, resolveName } from './names.ts'
import { printAvro } from './print.ts'

const SCHEMA_RESERVED: ReadonlySet<string> = new Set([
  'doc',
  'fields',
  'items',
  'name',
  'namespace',
  'size',
  'symbols',
  'values',
  'type',
  'aliases',
])
const ENUM_RESERVED: ReadonlySet<string> = new Set([...SCHEMA_RESERVED, 'default'])
const FIELD_RESERVED: ReadonlySet<string> = new Set(['default', 'doc', 'name', 'order', 'type', 'aliases'])
const ORDERS: ReadonlySet<string> = new Set(['ascending', 'descending', 'ignore'])
const PRIMITIVE_NAMES: ReadonlySet<string> = new Set(PRIMITIVES)

/** A definition somewhere in the text. */
interface Definition {
  readonly node: JsonObject
  /** The namespace around it. */
  readonly space: string | null
}

/**
 * Reads schemas; each may refer to those that were read before it. As new, defaults must fit their field, and namespaces may
 * have no other characters than names.
 */
export class AvroParser {
  /** Named schemas by full name. */
  readonly known = new Map<string, AvroNamed>()
  readonly #asNew: boolean
  /** What the text being read defines, by full name: a reference may come before the definition, as since Avro 1.12. */
  #definitions: ReadonlyMap<string, Definition> = new Map()
  /** What was made of a definition already. */
  readonly #made = new Map<JsonNode, AvroNamed>()

  constructor(options: ParseOptions = {}) {
    this.#asNew = options.asNew ?? false
  }
  /** @throws {SchemaParseException} saying what is wrong, and in which type */
  parse(text: string): AvroSchema {
    const node = parseJson(text)
    try {
      this.#definitions = definitionsOf(node)
      return this.#schema(node, null)
    } catch (error) {
      if (error instanceof RangeError) {
        throw new SchemaParseException('The schema is nested too deeply', { cause: error })
      }
      throw error
    }
  }

  #schema(node: JsonNode, space: string | null): AvroSchema {
    if (typeof node === 'string') return this.#byName(node, space)
    if (isArray(node)) return this.#union(node, space)
    if (!isObject(node)) throw new SchemaParseException(`Schema not yet supported: a JSON ${typeof node}`)
    const type = node.get('type')
    if (typeof type !== 'string') throw new SchemaParseException('No type: a schema object needs a "type" with a name')
    if (PRIMITIVE_NAMES.has(type)) return withProps(type as AvroPrimitive, propsOf(node, SCHEMA_RESERVED))
    switch (type) {
      case 'record':
      case 'error':
      case 'enum':
      case 'fixed':
        return this.#made.get(node) ?? this.#named(node, type, space)
      case 'array':
        return Object.freeze({
          type,
          items: this.#schema(required(node, 'items', 'Array has no items type'), space),
          props: propsOf(node, SCHEMA_RESERVED),
        })
      case 'map':
        return Object.freeze({
          type,
          values: this.#schema(required(node, 'values', 'Map has no values type'), space),
          props: propsOf(node, SCHEMA_RESERVED),
        })
      default:
        return this.#byName(type, space)
    }
  }

  #byName(written: string, space: string | null): AvroSchema {
    if (PRIMITIVE_NAMES.has(written)) return primitive(written as AvroPrimitive)
    const { fullName, name } = resolveName(written, space)
    const found = this.known.get(fullName) ?? this.known.get(name)
    if (found !== undefined) return found
    const later = this.#definitions.get(fullName) ?? this.#definitions.get(name)
    if (later !== undefined) return this.#schema(later.node, later.space)
    throw new SchemaParseException(`Undefined name: "${fullName}": neither the schema nor its references define it`)
  }

  #named(node: JsonObject, type: 'record' | 'error' | 'enum' | 'fixed', space: string | null): AvroNamed {
    const name = this.#nameOf(node, space)
    const before = this.known.get(name.fullName)
    const schema =
      type === 'enum'
        ? this.#enum(node, name)
        : type === 'fixed'
          ? this.#fixed(node, name)
          : this.#record(node, type === 'error', name)
    if (before === undefined) return schema
    this.known.set(before.fullName, before)
    // Saying the same twice is allowed.
    if (printAvro(before) !== printAvro(schema)) throw new SchemaParseException(`Can't redefine: ${name.fullName}`)
    this.#made.set(node, before)
    return before
  }

  #union(node: readonly JsonNode[], space: string | null): AvroUnion {
    const types = node.map((one) => this.#schema(one, space))
    return Object.freeze({ type: 'union', types: checkedMembers(types), props: NO_PROPS })
  }

  #record(node: JsonObject, isError: boolean, name: AvroName): AvroRecord {
    const record: AvroRecord = {
      type: 'record',
      ...name,
      isError,
      doc: textOf(node, 'doc'),
      aliases: aliasesOf(node).map((alias) => resolveName(alias, name.namespace).fullName),
      fields: [],
      props: propsOf(node, SCHEMA_RESERVED),
    }
    this.#define(node, record)
    const fields = node.get('fields')
    if (!isArray(fields)) throw new SchemaParseException(`Record ${name.fullName} has no fields`)
    record.fields = Object.freeze(
      checkedFields(
        fields.map((field) => this.#field(field, name)),
        name.fullName,
      ),
    )
    return Object.freeze(record)
  }
  #field(node: JsonNode, record: AvroName): AvroField {
    if (!isObject(node)) throw new SchemaParseException(`A field of record ${record.fullName} is no JSON object`)
    const name = node.get('name')
    if (typeof name !== 'string') throw new SchemaParseException(`A field of record ${record.fullName} has no name`)
    checkName(name, `a field of record ${record.fullName}`)
    const type = required(node, 'type', `Field ${name} of record ${record.fullName} has no type`)
    const schema = this.#schema(type, record.namespace)
    const order = textOf(node, 'order')?.toLowerCase() ?? 'ascending'
    if (!ORDERS.has(order))
      throw new SchemaParseException(`Field ${name} of ${record.fullName} has the unknown order ${order}`)
    const defaultValue = numberOf(schema, node.get('default'))
    if (this.#asNew && defaultValue !== undefined && !fitsDefault(schema, defaultValue)) {
      throw new SchemaParseException(
        `Invalid default for field ${name} of record ${record.fullName}: it is not a ${schema.type}`,
      )
    }
    return Object.freeze({
      name,
      schema,
      doc: textOf(node, 'doc'),
      defaultValue,
      order: order as AvroField['order'],
      aliases: aliasesOf(node),
      props: propsOf(node, FIELD_RESERVED),
    })
  }

  #enum(node: JsonObject, name: AvroName): AvroEnum {
    const symbols = node.get('symbols')
    if (!isArray(symbols)) throw new SchemaParseException(`Enum ${name.fullName} has no symbols`)
    const defaultSymbol = textOf(node, 'default')
    const schema: AvroEnum = Object.freeze({
      type: 'enum',
      ...name,
      doc: textOf(node, 'doc'),
      aliases: aliasesOf(node).map((alias) => resolveName(alias, name.namespace).fullName),
      symbols: checkedSymbols(symbols, name.fullName),
      defaultSymbol,
      props: propsOf(node, ENUM_RESERVED),
    })
    if (defaultSymbol !== null && !schema.symbols.includes(defaultSymbol)) {
      throw new SchemaParseException(
        `The Enum Default: ${defaultSymbol} is not in the enum symbol set of ${name.fullName}: [${schema.symbols.join(', ')}]`,
      )
    }
    this.#define(node, schema)
    return schema
  }
  #fixed(node: JsonObject, name: AvroName): AvroFixed {
    const size = node.get('size')
    if (!(size instanceof JsonNumber) || size.floating || !(Number(size.value) >= 0 && Number(size.value) < 2 ** 31)) {
      throw new SchemaParseException(`Invalid or no size of fixed ${name.fullName}`)
    }
    const schema: AvroFixed = Object.freeze({
      type: 'fixed',
      ...name,
      doc: textOf(node, 'doc'),
      aliases: aliasesOf(node).map((alias) => resolveName(alias, name.namespace).fullName),
      size: Number(size.value),
      props: propsOf(node, SCHEMA_RESERVED),
    })
    this.#define(node, schema)
    return schema
  }

  #define(node: JsonObject, schema: AvroNamed): void {
    this.known.set(schema.fullName, schema)
    this.#made.set(node, schema)
  }

  #nameOf(node: JsonObject, space: string | null): AvroName {
    const name = writtenName(node, space)
    if (name === null) throw new SchemaParseException(`No name in a schema of type ${node.get('type')}`)
    checkName(name.name, `the name of a ${node.get('type')}`)
    if (this.#asNew) {
      for (const part of name.namespace?.split('.') ?? []) checkName(part, `the namespace of ${name.fullName}`)
    }
    if (!PRIMITIVE_NAMES.has(name.fullName)) return name
    throw new SchemaParseException(`Schemas may not be named after primitives: ${name.fullName}`)
  }
}

const NAMED: ReadonlySet<unknown> = new Set(['record', 'error', 'enum', 'fixed'])

/** All definitions of a text, the first one where a name is defined twice. */
function definitionsOf(node: JsonNode): ReadonlyMap<string, Definition> {
  const found = new Map<string, Definition>()
  const look = (at: JsonNode | undefined, space: string | null): void => {
    if (isArray(at)) for (const one of at) look(one, space)
    if (!isObject(at)) return
    look(at.get('items'), space)
    look(at.get('values'), space)
    const name = NAMED.has(at.get('type')) ? writtenName(at, space) : null
    if (name === null) return
    if (!found.has(name.fullName)) found.set(name.fullName, { node: at, space })
    const fields = at.get('fields')
    if (isArray(fields)) for (const field of fields) if (isObject(field)) look(field.get('type'), name.namespace)
  }
  look(node, null)
  return found
}

/** The name that a definition gives, unchecked; null when it gives none. */
function writtenName(node: JsonObject, space: string | null): AvroName | null {
  const written = node.get('name')
  if (typeof written !== 'string') return null
  const namespace = node.get('namespace')
  return resolveName(written, typeof namespace === 'string' ? namespace : space)
}

function withProps(type: AvroPrimitive, props: AvroProps): AvroSchema {
  return props.size === 0 ? primitive(type) : Object.freeze({ type, props })
}

function textOf(node: JsonObject, key: string): string | null {
  const value = node.get(key)
  return typeof value === 'string' ? value : null
}

function required(node: JsonObject, key: string, complaint: string): JsonNode {
  const value = node.get(key)
  if (value === undefined || value === null) throw new SchemaParseException(complaint)
  return value
}

function aliasesOf(node: JsonObject): readonly string[] {
  const aliases = node.get('aliases')
  if (aliases === undefined || aliases === null) return []
  if (!isArray(aliases)) throw new SchemaParseException('aliases not an array')
  return aliases.map((alias) => {
    if (typeof alias === 'string') return alias
    throw new SchemaParseException('alias not a string')
  })
}

function propsOf(node: JsonObject, reserved: ReadonlySet<string>): AvroProps {
  const props = new Map([...node].filter(([key]) => !reserved.has(key)))
  return props.size === 0 ? NO_PROPS : props
}

/** Avro's parser takes a text where a floating default is wanted: NaN and the infinities have no number in JSON. */
function numberOf(schema: AvroSchema, node: JsonNode | undefined): JsonNode | undefined {
  if (typeof node !== 'string' || (schema.type !== 'float' && schema.type !== 'double')) return node
  const value = Number(node)
  if (Number.isNaN(value) && node !== 'NaN')
    throw new SchemaParseException(`The default "${node}" is no ${schema.type}`)
  return JsonNumber.double(value)
}

/** Members of a union, checked. @throws {SchemaParseException} */
export function checkedMembers(types: readonly AvroSchema[]): readonly AvroSchema[] {
  const seen = new Set<string>()
  for (const type of types) {
    if (type.type === 'union') throw new SchemaParseException('Nested union: a union may not stand directly in a union')
    const name = memberName(type)
    if (seen.has(name)) throw new SchemaParseException(`Duplicate in union: ${name}`)
    seen.add(name)
  }
  return Object.freeze([...types])
}

/** Fields of a record, checked. @throws {SchemaParseException} */
export function checkedFields(fields: AvroField[], record: string): AvroField[] {
  const seen = new Set<string>()
  for (const { name } of fields) {
    if (seen.has(name)) throw new SchemaParseException(`Duplicate field ${name} in record ${record}`)
    seen.add(name)
  }
  return fields
}

function checkedSymbols(symbols: readonly JsonNode[], name: string): readonly string[] {
  const seen = new Set<string>()
  for (const symbol of symbols) {
    if (typeof symbol !== 'string') throw new SchemaParseException(`A symbol of enum ${name} is no string`)
    checkName(symbol, `a symbol of enum ${name}`)
    if (seen.has(symbol)) throw new SchemaParseException(`Duplicate enum symbol: ${symbol} in ${name}`)
    seen.add(symbol)
  }
  return Object.freeze([...seen])
}
