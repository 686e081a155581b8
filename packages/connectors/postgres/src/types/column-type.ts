// What a column becomes: its schema, and how its text is read. Chosen once for each column of a table.
import { decimalBuilder, type Schema, SchemaBuilder, Schemas } from '@millrace/api'
import { NestedArray, parseArray, parseHstore } from './array.ts'
import type { PgType, TypeCatalog } from './catalog.ts'
import {
  type Decode,
  decodeBoolean,
  decodeBytea,
  decodeFloat,
  decodeInt,
  decodeLong,
  decodeSingle,
  decodeText,
} from './decoder.ts'
import { intervalIso, intervalMicros } from './interval.ts'
import {
  decimalDecoder,
  decodeNumericDouble,
  moneyToDecimal,
  numericTextDecoder,
  variableScaleDecoder,
} from './numeric.ts'
import type { TypeOptions } from './options.ts'
import * as schemas from './schemas.ts'
import { decodeBit, decodeBits, parseEwkb, parsePoint, parseSparseVector, parseVector } from './special.ts'
import { decodeTimeTz, timestampTzDecoder } from './temporal.ts'
import { dateType, timestampType, timeType } from './temporal-types.ts'

/** How a column is written and read. */
export interface ColumnType {
  /** A new builder of its schema, not yet optional. */
  readonly schema: () => SchemaBuilder
  readonly decode: Decode
  /** What stands for a large value that an update did not touch. */
  readonly unchanged: unknown
}

/** A column as far as its type matters. */
export interface TypedColumn {
  readonly name: string
  readonly typeOid: number
  readonly modifier: number
}

const NO_LIMIT = 2_147_483_647
/** Length that pgjdbc gives a numeric without precision. */
const NUMERIC_WITHOUT_PRECISION = 131_089
const HEADER = 4

const fromText =
  (make: (text: string) => unknown): Decode =>
  (bytes, start, end) =>
    make(bytes.utf8Slice(start, end))

/** Chooses column types by the options of a connector. */
export class ColumnTypes {
  readonly #catalog: TypeCatalog
  readonly #options: TypeOptions

  constructor(catalog: TypeCatalog, options: TypeOptions) {
    this.#catalog = catalog
    this.#options = options
  }

  /** Null for a type that is not captured: unknown ones, unless they are asked for as bytes. */
  of(column: TypedColumn): ColumnType | null {
    const { type, modifier } = this.#catalog.resolve(column.typeOid, column.modifier)
    if (type === undefined) return this.#unknown()
    const known = this.#of(type, modifier, column.name)
    return known === null && type.elementOid === 0 ? this.#unknown() : known
  }

  #of(type: PgType, modifier: number, column: string): ColumnType | null {
    if (type.elementOid !== 0) return this.#array(type, modifier, column)
    if (type.kind === 'e') return this.#text(() => schemas.enumerated(type.labels))
    if (type.kind !== 'b' && type.kind !== 'r') return null
    return type.schema === 'pg_catalog' ? this.#builtIn(type, modifier, column) : this.#extension(type.name)
  }

  #builtIn({ name }: PgType, modifier: number, column: string): ColumnType | null {
    const options = this.#options
    switch (name) {
      case 'bool':
        return plain(SchemaBuilder.bool, decodeBoolean)
      case 'int2':
        return plain(SchemaBuilder.int16, decodeInt)
      case 'int4':
        return plain(SchemaBuilder.int32, decodeInt)
      case 'int8':
        return plain(SchemaBuilder.int64, decodeLong)
      case 'oid':
        return plain(SchemaBuilder.int64, decodeInt)
      case 'float4':
        return plain(SchemaBuilder.float32, decodeSingle)
      case 'float8':
        return plain(SchemaBuilder.float64, decodeFloat)
      case 'numeric':
        return this.#numeric(modifier, column)
      case 'money':
        return this.#money()
      case 'text':
      case 'varchar':
      case 'bpchar':
      case 'char':
      case 'name':
      case 'inet':
      case 'cidr':
      case 'macaddr':
      case 'macaddr8':
      case 'int4range':
      case 'int8range':
      case 'numrange':
      case 'tsrange':
      case 'tstzrange':
      case 'daterange':
        return this.#text(SchemaBuilder.string)
      case 'json':
      case 'jsonb':
        return this.#text(schemas.json)
      case 'xml':
        return this.#text(schemas.xml)
      case 'uuid':
        return this.#text(schemas.uuid)
      case 'tsvector':
        return this.#text(schemas.tsVector)
      case 'bytea':
        return this.#bytes(decodeBytea)
      case 'bit':
      case 'varbit': {
        const length = modifier > 0 ? modifier : NO_LIMIT
        return length === 1 ? plain(SchemaBuilder.bool, decodeBit) : plain(() => schemas.bits(length), decodeBits)
      }
      case 'date':
        return dateType(options.time)
      case 'time':
        return timeType(options.time, modifier)
      case 'timestamp':
        return timestampType(options.time, modifier)
      case 'timetz':
        return plain(schemas.zonedTime, decodeTimeTz)
      case 'timestamptz':
        return plain(schemas.zonedTimestamp, timestampTzDecoder(modifier < 0 ? 6 : modifier))
      case 'interval':
        return options.interval === 'string'
          ? plain(schemas.intervalText, fromText(intervalIso))
          : plain(schemas.microDuration, fromText(intervalMicros))
      case 'point':
        return plain(schemas.point, fromText(parsePoint))
      default:
        return null
    }
  }

  #extension(name: string): ColumnType | null {
    switch (name) {
      case 'citext':
      case 'isbn':
        return this.#text(SchemaBuilder.string)
      case 'ltree':
        return this.#text(schemas.ltree)
      case 'hstore':
        return this.#options.hstore === 'map' ? this.#hstoreMap() : this.#hstoreJson()
      case 'geometry':
        return plain(() => schemas.geometry('Geometry'), fromText(parseEwkb))
      case 'geography':
        return plain(() => schemas.geometry('Geography'), fromText(parseEwkb))
      case 'vector':
        return plain(schemas.doubleVector, fromText(parseVector))
      case 'halfvec':
        return plain(schemas.floatVector, fromText(parseVector))
      case 'sparsevec':
        return plain(schemas.sparseVector, fromText(parseSparseVector))
      default:
        return null
    }
  }

  #text(schema: () => SchemaBuilder): ColumnType {
    return { schema, decode: decodeText, unchanged: this.#options.placeholder.toString('utf8') }
  }

  #numeric(modifier: number, column: string): ColumnType {
    const { decimal } = this.#options
    const bounded = modifier >= HEADER
    const precision = bounded ? ((modifier - HEADER) >> 16) & 0xffff : NUMERIC_WITHOUT_PRECISION
    // Eleven bits with a sign, since a scale may be negative from version 15.
    const scale = bounded ? (((modifier - HEADER) & 0x7ff) ^ 0x400) - 0x400 : 0
    if (decimal === 'double') return plain(SchemaBuilder.float64, decodeNumericDouble)
    if (decimal === 'string') return plain(SchemaBuilder.string, numericTextDecoder(scale))
    if (!bounded) return plain(schemas.variableScaleDecimal, variableScaleDecoder(column))
    return plain(
      () => decimalBuilder(scale).parameter('connect.decimal.precision', String(precision)),
      decimalDecoder(column, scale),
    )
  }

  #money(): ColumnType {
    const { decimal, moneyDigits } = this.#options
    const exact = (text: string) => moneyToDecimal(text, moneyDigits)
    if (decimal === 'double')
      return plain(
        SchemaBuilder.float64,
        fromText((text) => exact(text).toNumber()),
      )
    if (decimal === 'string')
      return plain(
        SchemaBuilder.string,
        fromText((text) => exact(text).toPlainString()),
      )
    return plain(() => decimalBuilder(moneyDigits), fromText(exact))
  }

  /** Bytes as `binary.handling.mode` has them. */
  #bytes(decode: (bytes: Buffer, start: number, end: number) => Buffer): ColumnType {
    const { binary, placeholder } = this.#options
    if (binary === 'bytes') return { schema: SchemaBuilder.bytes, decode, unchanged: placeholder }
    const encoding = binary === 'hex' ? 'hex' : binary === 'base64' ? 'base64' : 'base64url'
    const write = (value: Buffer) => {
      const text = value.toString(encoding)
      // Java's encoder for URLs pads.
      return encoding === 'base64url' ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text
    }
    return {
      schema: SchemaBuilder.string,
      decode: (bytes, start, end) => write(decode(bytes, start, end)),
      unchanged: encoding === 'hex' ? placeholder.toString('utf8') : write(placeholder),
    }
  }

  #hstoreMap(): ColumnType {
    const text = this.#options.placeholder.toString('utf8')
    return {
      schema: () => SchemaBuilder.map(Schemas.STRING, Schemas.OPTIONAL_STRING),
      decode: fromText(parseHstore),
      unchanged: new Map([[text, text]]),
    }
  }
  #hstoreJson(): ColumnType {
    const text = this.#options.placeholder.toString('utf8')
    return {
      schema: schemas.json,
      decode: fromText((value) => JSON.stringify(Object.fromEntries(parseHstore(value)))),
      unchanged: JSON.stringify({ [text]: text }),
    }
  }

  #array(type: PgType, modifier: number, column: string): ColumnType | null {
    const { type: element, modifier: inner } = this.#catalog.resolve(type.elementOid, modifier)
    if (element === undefined || UNSUPPORTED_ELEMENTS.has(element.name)) return null
    const item = this.#of(element, inner, column)
    if (item === null) return null
    const isEnum = element.kind === 'e'
    const isText = item.schema().build().type === 'STRING'
    const itemSchema = (): Schema => (isEnum ? item.schema().build() : item.schema().optional().build())
    return {
      schema: () => SchemaBuilder.array(itemSchema()),
      decode: fromText((text) => elements(parseArray(text, element.delimiter), item.decode, isText)),
      unchanged: this.#unchangedArray(item),
    }
  }

  #unchangedArray(item: ColumnType): unknown {
    const text = this.#options.placeholder.toString('utf8')
    const { type } = item.schema().build()
    if (type === 'STRING') return [text]
    if (type === 'INT32' || type === 'INT64' || type === 'INT16') return [...this.#options.placeholder]
    return []
  }

  /** The server's text as bytes, when they are asked for. */
  #unknown(): ColumnType | null {
    if (!this.#options.includeUnknown) return null
    return this.#bytes((bytes, start, end) => Buffer.from(bytes.subarray(start, end)))
  }
}

/** Arrays of these are not captured, as in Debezium. */
const UNSUPPORTED_ELEMENTS = new Set(['money', 'name', 'interval', 'varbit', 'xml', 'point', 'refcursor'])

function plain(schema: () => SchemaBuilder, decode: Decode): ColumnType {
  return { schema, decode, unchanged: null }
}

/** Arrays of arrays have no schema of their own: as text they stay readable, as other values they are null, as in Debezium. */
function elements(items: ReturnType<typeof parseArray>, decode: Decode, isText: boolean): unknown[] {
  return items.map((item) => {
    if (item === null) return null
    if (item instanceof NestedArray) return isText ? item.text : null
    const bytes = Buffer.from(item)
    return decode(bytes, 0, bytes.length)
  })
}
