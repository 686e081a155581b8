// Compiles the schema that bytes were written under, the one to read as, and the Connect schema into a function that reads values.
import {
  DataException,
  dateFromDays,
  decimalFromBytes,
  LogicalName,
  type Schema,
  timeFromMillis,
  timestampFromMillis,
  type Value,
} from '@millrace/api'
import {
  type AvroEnum,
  type AvroField,
  type AvroFixed,
  type AvroNamed,
  type AvroRecord,
  type AvroSchema,
  type AvroUnion,
  isNamed,
  memberName,
} from '@millrace/schemas/avro'
import type { AvroIn } from './avro-in.ts'
import { defaultReader } from './default-value.ts'
import { isMapEntry, isUnionSchema } from './names.ts'
import { takesNoBytes } from './sizes.ts'
import { skipper } from './skip.ts'

/** Reads one value from where the cursor stands. @throws DataException */
export interface AvroReader {
  (): Value
  /** The same as an expression over the cursor `i`, where it is a short one: a record's reader has it in line. */
  readonly code?: string
}

const PROMOTED: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  bytes: ['string'],
  string: ['bytes'],
}

interface KnownRecord {
  readonly written: AvroRecord
  readonly fields: Schema['fields']
  reader: AvroReader | null
}

/** Compiles readers for one cursor. */
export class ReaderCompiler {
  readonly #in: AvroIn
  readonly #fieldName: (name: string) => string
  /** Readers of records, so that one that contains itself finds itself. */
  readonly #records = new Map<AvroSchema, KnownRecord[]>()

  /** @param fieldName the Avro name of a Connect field */
  constructor(input: AvroIn, fieldName: (name: string) => string) {
    this.#in = input
    this.#fieldName = fieldName
  }

  /**
   * The reader of values written under `written`, as `wanted` has them: the same, or a schema that can read it.
   * @param connect the Connect schema of `wanted`
   * @throws DataException when it never can be read; a member of a union that cannot be read fails where it is met
   */
  compile(written: AvroSchema, wanted: AvroSchema, connect: Schema): AvroReader {
    if (written.type === 'union') return this.#writtenUnion(written, wanted, connect)
    if (wanted.type === 'union') return this.#wantedUnion(written, wanted, connect)
    return this.#same(written, wanted, connect)
  }

  /** Each member has its own reader, found by its index. */
  #writtenUnion(written: AvroUnion, wanted: AvroSchema, connect: Schema): AvroReader {
    const input = this.#in
    const readers = written.types.map((type, at) =>
      written === wanted ? this.#member(type, at, wanted as AvroUnion, connect) : this.#tolerant(type, wanted, connect),
    )
    const { length } = readers
    const [first, second] = readers
    if (length === 2 && first !== undefined && second !== undefined) {
      if (first.code !== undefined && second.code !== undefined) {
        return coded(input, `(i.index(2) === 0 ? ${first.code} : ${second.code})`)
      }
      return () => (input.index(2) === 0 ? first() : second())
    }
    return () => (readers[input.index(length)] as AvroReader)()
  }
  #tolerant(written: AvroSchema, wanted: AvroSchema, connect: Schema): AvroReader {
    try {
      return this.compile(written, wanted, connect)
    } catch (error) {
      if (!(error instanceof DataException)) throw error
      return () => {
        throw new DataException(error.message)
      }
    }
  }

  #wantedUnion(written: AvroSchema, wanted: AvroUnion, connect: Schema): AvroReader {
    const exact = wanted.types.findIndex((type) => isExact(written, type))
    if (exact >= 0) return this.#member(written, exact, wanted, connect)
    if (written.type === 'record') return this.#likeRecord(written, wanted, connect)
    const at = wanted.types.findIndex((type) => isReadable(written, type))
    if (at < 0) throw unreadable(written, wanted)
    return this.#member(written, at, wanted, connect)
  }
  /** A record of another name that has what is wanted: the last one of the same short name, or else the first. */
  #likeRecord(written: AvroRecord, wanted: AvroUnion, connect: Schema): AvroReader {
    let found: AvroReader | null = null
    for (const [at, type] of wanted.types.entries()) {
      if (type.type !== 'record' || (found !== null && type.name !== written.name)) continue
      try {
        found = this.#member(written, at, wanted, connect)
      } catch (error) {
        if (!(error instanceof DataException)) throw error
      }
    }
    if (found === null) throw unreadable(written, wanted)
    return found
  }
  /** The member at an index of the wanted union: as it is, or as the one field of a struct. */
  #member(written: AvroSchema, at: number, wanted: AvroUnion, connect: Schema): AvroReader {
    const type = wanted.types[at] as AvroSchema
    if (type.type === 'null') return NULL
    const isStruct = connect.type === 'STRUCT' && isUnionSchema(connect) && !isOptional(wanted)
    if (!isStruct) return this.#same(written, type, connect)
    const place = wanted.types.slice(0, at).filter((one) => one.type !== 'null').length
    const field = connect.fields[place]
    if (field === undefined) throw unreadable(written, wanted)
    return unionStruct(connect, place, this.#same(written, type, field.schema))
  }

  /** Neither schema is a union. */
  #same(written: AvroSchema, wanted: AvroSchema, connect: Schema): AvroReader {
    if (!isReadable(written, wanted)) throw unreadable(written, wanted)
    const input = this.#in
    const logical = logicalReader(written, connect, input)
    if (logical !== null) return logical
    switch (wanted.type) {
      case 'null':
        return NULL
      case 'boolean':
        return coded(input, 'i.boolean()')
      case 'int':
        return intReader(connect, input)
      case 'long':
        return coded(input, 'i.long()')
      case 'float':
        if (written.type === 'float') return coded(input, 'i.float()')
        return () => Math.fround(Number(input.long()))
      case 'double':
        if (written.type === 'double') return coded(input, 'i.double()')
        return written.type === 'float' ? () => input.float() : () => Number(input.long())
      case 'string':
        return coded(input, 'i.string()')
      case 'bytes':
        return coded(input, 'i.block()')
      case 'fixed': {
        const { size } = wanted
        return coded(input, `i.bytes(${size})`)
      }
      case 'enum':
        return enumReader(written as AvroEnum, wanted, input)
      case 'array':
        return this.#array(written, wanted.items, connect)
      case 'map':
        return this.#map((written as typeof wanted).values, wanted.values, connect)
      case 'record':
        return this.#recordOnce(written as AvroRecord, wanted, connect)
      default:
        throw unreadable(written, wanted)
    }
  }

  #array(written: AvroSchema, wanted: AvroSchema, connect: Schema): AvroReader {
    const input = this.#in
    const { items } = written as Extract<AvroSchema, { type: 'array' }>
    const empty = takesNoBytes(items)
    if (connect.type === 'MAP') return this.#entries(items as AvroRecord, wanted as AvroRecord, connect)
    const read = this.compile(items, wanted, connect.valueSchema as Schema)
    return () => {
      const list: Value[] = []
      for (let count = input.items(empty, 0); count > 0; count = input.items(empty, list.length)) {
        for (let left = count; left > 0; left--) list.push(read())
      }
      return list
    }
  }
  /** A map as an array of records of key and value. */
  #entries(written: AvroRecord, wanted: AvroRecord, connect: Schema): AvroReader {
    const input = this.#in
    const empty = takesNoBytes(written)
    const both = this.#entry(written, wanted, connect)
    return () => {
      const map = new Map<Value, Value>()
      let read = 0
      for (let count = input.items(empty, 0); count > 0; count = input.items(empty, read)) {
        read += count
        for (let left = count; left > 0; left--) {
          const { key, value } = both() as { key: Value; value: Value }
          map.set(key, value)
        }
      }
      return map
    }
  }
  #entry(written: AvroRecord, wanted: AvroRecord, connect: Schema): AvroReader {
    if (!isMapEntry(wanted)) throw unreadable(written, wanted)
    const part = (name: 'key' | 'value') => (name === 'key' ? connect.keySchema : connect.valueSchema) as Schema
    return this.#fields(written, wanted, (name) => (name === 'key' || name === 'value' ? part(name) : undefined), [
      'key',
      'value',
    ])
  }
  #map(written: AvroSchema, wanted: AvroSchema, connect: Schema): AvroReader {
    const input = this.#in
    const read = this.compile(written, wanted, connect.valueSchema as Schema)
    return () => {
      const map = new Map<Value, Value>()
      for (let count = input.items(false, 0); count > 0; count = input.items(false, 0)) {
        for (let left = count; left > 0; left--) {
          const key = input.key()
          map.set(key, read())
        }
      }
      return map
    }
  }

  #recordOnce(written: AvroRecord, wanted: AvroRecord, connect: Schema): AvroReader {
    let known = this.#records.get(wanted)
    if (known === undefined) {
      known = []
      this.#records.set(wanted, known)
    }
    const { fields } = connect
    const same = known.find((one) => one.written === written && one.fields === fields)
    if (same !== undefined) return same.reader ?? (() => (same.reader as AvroReader)())
    const entry: KnownRecord = { written, fields, reader: null }
    known.push(entry)
    const byName = new Map(fields.map((field) => [this.#fieldName(field.name), field]))
    const names = fields.map((field) => field.name)
    entry.reader = this.#fields(
      written,
      wanted,
      (name) => byName.get(name)?.schema,
      names,
      (name) => byName.get(name)?.name ?? name,
    )
    return entry.reader
  }

  /** Reads the written fields in their order into an object that has the names in theirs. */
  #fields(
    written: AvroRecord,
    wanted: AvroRecord,
    schemaOf: (name: string) => Schema | undefined,
    names: readonly string[],
    nameOf: (name: string) => string = (name) => name,
  ): AvroReader {
    const steps = written.fields.map((field): Step => {
      const target = written === wanted ? field : wanted.fields.find((one) => isField(one, field, written))
      const schema = target === undefined ? undefined : schemaOf(target.name)
      if (target === undefined || schema === undefined) return { name: null, read: skipper(field.schema, this.#in) }
      return { name: nameOf(target.name), read: this.compile(field.schema, target.schema, schema) }
    })
    const read = new Set(steps.map(({ name }) => name))
    const missing = wanted.fields.flatMap((field): Step[] => {
      const name = nameOf(field.name)
      if (read.has(name)) return []
      const schema = schemaOf(field.name)
      if (schema === undefined) return []
      if (field.defaultValue === undefined) {
        throw new DataException(
          `The bytes' own schema has no field ${field.name}, and ${wanted.fullName} has no default for it`,
        )
      }
      return [{ name, read: defaultReader(field.schema, field.defaultValue, schema, this.#fieldName) }]
    })
    return objectReader(this.#in, [...steps, ...missing], names)
  }
}

interface Step {
  /** The property that is set; null when the bytes are only stepped over. */
  readonly name: string | null
  readonly read: AvroReader
}

const NULL: AvroReader = Object.assign(() => null, { code: 'null' })

/** A reader of an expression that is made here: nothing of a schema's text goes into it. */
function coded(input: AvroIn, code: string): AvroReader {
  return Object.assign(new Function('i', `return () => ${code}`)(input) as () => Value, { code })
}

/**
 * A function of its own for each record. Where all fields are read in their order, the object is made in one go,
 * so that all of its kind share one shape; else they are kept until it can be.
 */
function objectReader(input: AvroIn, steps: readonly Step[], names: readonly string[]): AvroReader {
  const readers = steps.map(({ read }) => read)
  const parameters = ['i', ...steps.map((_, at) => `r${at}`)]
  const call = (at: number) => readers[at]?.code ?? `r${at}()`
  const key = (name: string) => `[${JSON.stringify(name)}]`
  const inOrder = steps.length === names.length && steps.every(({ name }, at) => name === names[at])
  if (inOrder) {
    const members = steps.map(({ name }, at) => `${key(name as string)}: ${call(at)}`)
    return new Function(...parameters, `return () => ({ ${members.join(', ')} })`)(input, ...readers) as AvroReader
  }
  const lines = steps.map(({ name }, at) => (name === null ? `${call(at)};` : `const v${at} = ${call(at)};`))
  const members = names.map((name) => {
    const at = steps.findIndex((step) => step.name === name)
    return `${key(name)}: ${at < 0 ? 'null' : `v${at}`}`
  })
  const body = `return () => { ${lines.join(' ')} return { ${members.join(', ')} } }`
  return new Function(...parameters, body)(input, ...readers) as AvroReader
}

/** The struct of a union, all fields null but one. */
function unionStruct(connect: Schema, place: number, read: AvroReader): AvroReader {
  const members = connect.fields.map(({ name }, at) => `[${JSON.stringify(name)}]: ${at === place ? 'r()' : 'null'}`)
  return new Function('r', `return () => ({ ${members.join(', ')} })`)(read) as AvroReader
}

/** Null and one type: in Connect that type, optional. */
function isOptional({ types }: AvroUnion): boolean {
  return types.length === 2 && types.some(({ type }) => type === 'null')
}

function isField(wanted: AvroField, written: AvroField, record: AvroRecord): boolean {
  if (wanted.name === written.name) return true
  return wanted.aliases.includes(written.name) && !record.fields.some(({ name }) => name === wanted.name)
}

/** True when the schemas are of one type and, where they have names, of one name. */
function isExact(written: AvroSchema, wanted: AvroSchema): boolean {
  return written.type === wanted.type && (!isNamed(wanted) || isNamedSo(wanted, written as AvroNamed))
}
/** By the full name, or by an alias that the reader's schema gives. */
function isNamedSo(wanted: AvroNamed, written: AvroNamed): boolean {
  return wanted.fullName === written.fullName || wanted.aliases.includes(written.fullName)
}
/** Records are read whatever their names: their fields tell whether they can be. */
function isReadable(written: AvroSchema, wanted: AvroSchema): boolean {
  if (written === wanted) return true
  if (written.type !== wanted.type) return PROMOTED[wanted.type]?.includes(written.type) === true
  if (wanted.type === 'enum') return isNamedSo(wanted, written as AvroNamed)
  if (wanted.type !== 'fixed') return true
  return isNamedSo(wanted, written as AvroNamed) && wanted.size === (written as AvroFixed).size
}
function unreadable(written: AvroSchema, wanted: AvroSchema): DataException {
  return new DataException(`Found ${memberName(written)}, expecting ${memberName(wanted)}`)
}

function intReader(connect: Schema, input: AvroIn): AvroReader {
  if (connect.type === 'INT8') return coded(input, '((i.int() << 24) >> 24)')
  if (connect.type === 'INT16') return coded(input, '((i.int() << 16) >> 16)')
  return coded(input, 'i.int()')
}

function enumReader(written: AvroEnum, wanted: AvroEnum, input: AvroIn): AvroReader {
  const { symbols } = written
  const { length } = symbols
  if (written === wanted) return () => symbols[input.index(length)] as string
  const known = symbols.map((symbol) => (wanted.symbols.includes(symbol) ? symbol : wanted.defaultSymbol))
  return () => {
    const at = input.index(length)
    const symbol = known[at]
    if (symbol !== null && symbol !== undefined) return symbol
    throw new DataException(`No match for ${symbols[at]} in enum ${wanted.fullName}`)
  }
}

/** Decimal, Date, Time and Timestamp; null for all others. */
function logicalReader(written: AvroSchema, connect: Schema, input: AvroIn): AvroReader | null {
  switch (connect.name) {
    case LogicalName.DATE:
      return () => dateFromDays(input.int())
    case LogicalName.TIME:
      return () => timeFromMillis(input.int())
    case LogicalName.TIMESTAMP:
      return () => timestampFromMillis(input.long())
    case LogicalName.DECIMAL: {
      if (written.type === 'fixed') {
        const { size } = written
        return () => decimalFromBytes(connect, input.bytes(size))
      }
      return () => decimalFromBytes(connect, input.block())
    }
    default:
      return null
  }
}
