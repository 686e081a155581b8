// Short, Integer, Long, Float and Double converters: fixed-width big-endian numbers.
import {
  type ByteSink,
  type ByteSource,
  DataException,
  type Headers,
  javaClassOf,
  type Schema,
  type SchemaAndValue,
  Schemas,
  type Value,
  type ValueSlot,
} from '@millrace/api'
import { PLAIN_CONFIG, ValueConverter } from './base.ts'

/** What tells one number converter from another. */
interface NumberFormat {
  /** The word in error texts. */
  readonly word: 'short' | 'integer' | 'long' | 'float' | 'double'
  readonly size: number
  /** Schema of everything read; optional, also for null bytes. */
  readonly schema: Schema
  /** The reason why a value cannot be written, or undefined when it can. */
  check(value: unknown): string | undefined
  /** Writes a checked value. */
  encode(buffer: Buffer, value: number | bigint): void
  send(out: ByteSink, value: number | bigint): void
  decode(buffer: Buffer, at: number): number | bigint
}

class NumberConverter extends ValueConverter {
  readonly config = PLAIN_CONFIG
  readonly #format: NumberFormat

  constructor(format: NumberFormat) {
    super()
    this.#format = format
  }

  override fromConnectData(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
  ): Uint8Array | null {
    if (value === null || value === undefined) return null
    const bytes = Buffer.allocUnsafe(this.#format.size)
    this.#format.encode(bytes, this.#checked(schema, value))
    return bytes
  }

  override toConnectData(_topic: string, _headers: Headers | null, bytes: Buffer | null): SchemaAndValue {
    const { schema } = this.#format
    return { schema, value: bytes === null ? null : this.#decode(bytes, 0, bytes.length) }
  }

  override write(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
    out: ByteSink,
  ): boolean {
    if (value === null || value === undefined) return false
    this.#format.send(out, this.#checked(schema, value))
    return true
  }

  override read(_topic: string, _headers: Headers | null, source: ByteSource, into: ValueSlot): void {
    into.schema = this.#format.schema
    into.value = this.#decode(source.buffer, source.start, source.end)
  }

  #checked(schema: Schema | null, value: unknown): number | bigint {
    const reason = this.#format.check(value)
    if (reason === undefined) return value as number | bigint
    const { word } = this.#format
    throw new DataException(`Failed to serialize to ${word} (was class ${javaClassOf(value, schema)}): ${reason}`)
  }

  #decode(buffer: Buffer, start: number, end: number): number | bigint {
    const { word, size } = this.#format
    if (end - start === size) return this.#format.decode(buffer, start)
    const name = `${word[0]?.toUpperCase()}${word.slice(1)}`
    throw new DataException(
      `Failed to deserialize ${word}: Size of data received by ${name}Deserializer is not ${size} but ${end - start}`,
    )
  }
}

const integerBetween = (low: number, high: number) => (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high
    ? undefined
    : `wanted an integer from ${low} to ${high}${shown(value)}`

const anyNumber = (value: unknown) => (typeof value === 'number' ? undefined : `wanted a number${shown(value)}`)

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

function longReason(value: unknown): string | undefined {
  if (typeof value === 'bigint' ? value >= INT64_MIN && value <= INT64_MAX : Number.isSafeInteger(value))
    return undefined
  return `wanted a safe integer or a bigint of 64 bits${shown(value)}`
}

/** The value seen, where it is a number: other values may be long or secret. */
function shown(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint' ? `, was ${value}` : ''
}

/** `org.apache.kafka.connect.converters.ShortConverter`: two bytes. */
export class ShortConverter extends NumberConverter {
  constructor() {
    super({
      word: 'short',
      size: 2,
      schema: Schemas.OPTIONAL_INT16,
      check: integerBetween(-32_768, 32_767),
      encode: (buffer, value) => buffer.writeInt16BE(value as number),
      send: (out, value) => out.int16(value as number),
      decode: (buffer, at) => buffer.readInt16BE(at),
    })
  }
}

/** `org.apache.kafka.connect.converters.IntegerConverter`: four bytes. */
export class IntegerConverter extends NumberConverter {
  constructor() {
    super({
      word: 'integer',
      size: 4,
      schema: Schemas.OPTIONAL_INT32,
      check: integerBetween(-2_147_483_648, 2_147_483_647),
      encode: (buffer, value) => buffer.writeInt32BE(value as number),
      send: (out, value) => out.int32(value as number),
      decode: (buffer, at) => buffer.readInt32BE(at),
    })
  }
}

const TWO_32 = 4_294_967_296
/** High words from -2^21 to 2^21-1 make numbers of 54 bits with sign: all safe but -2^53. */
const HIGH_LIMIT = 0x20_0000

/** `org.apache.kafka.connect.converters.LongConverter`: eight bytes; a number where it is safe, else a bigint. */
export class LongConverter extends NumberConverter {
  constructor() {
    super({
      word: 'long',
      size: 8,
      schema: Schemas.OPTIONAL_INT64,
      check: longReason,
      encode: (buffer, value) => buffer.writeBigInt64BE(BigInt(value)),
      send: (out, value) => out.int64(value),
      decode: (buffer, at) => {
        const high = buffer.readInt32BE(at)
        const low = buffer.readUInt32BE(at + 4)
        const safe = high < HIGH_LIMIT && (high > -HIGH_LIMIT || (high === -HIGH_LIMIT && low > 0))
        return safe ? high * TWO_32 + low : buffer.readBigInt64BE(at)
      },
    })
  }
}

/** `org.apache.kafka.connect.converters.FloatConverter`: four bytes, IEEE 754. */
export class FloatConverter extends NumberConverter {
  constructor() {
    super({
      word: 'float',
      size: 4,
      schema: Schemas.OPTIONAL_FLOAT32,
      check: anyNumber,
      encode: (buffer, value) => buffer.writeFloatBE(value as number),
      send: (out, value) => out.float32(value as number),
      decode: (buffer, at) => buffer.readFloatBE(at),
    })
  }
}

/** `org.apache.kafka.connect.converters.DoubleConverter`: eight bytes, IEEE 754. */
export class DoubleConverter extends NumberConverter {
  constructor() {
    super({
      word: 'double',
      size: 8,
      schema: Schemas.OPTIONAL_FLOAT64,
      check: anyNumber,
      encode: (buffer, value) => buffer.writeDoubleBE(value as number),
      send: (out, value) => out.float64(value as number),
      decode: (buffer, at) => buffer.readDoubleBE(at),
    })
  }
}
