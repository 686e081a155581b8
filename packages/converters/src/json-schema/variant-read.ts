// JSON text of a value in the encoding of variants, as the reference writes it. The bytes come from records: every length is checked.
import { DataException, Decimal } from '@millrace/api'
import { bytesText, doubleText, type Escapes, floatText, quote } from '../json/text.ts'
import { Basic, Primitive, type Variant, VERSION } from './variant.ts'

const MOST_NESTED = 1000
const DAY_MS = 86_400_000

/** The text. @throws DataException for bytes that are no variant */
export function variantText(variant: Variant, escapes: Escapes): string {
  try {
    return new VariantReader(variant, escapes).text()
  } catch (error) {
    // Reading past the end.
    if (error instanceof RangeError)
      throw new DataException('The bytes are no variant: they end too early', { cause: error })
    throw error
  }
}

class VariantReader {
  readonly #names: readonly string[]
  readonly #bytes: Buffer
  readonly #escapes: Escapes

  constructor({ metadata, value }: Variant, escapes: Escapes) {
    this.#names = dictionary(asBuffer(metadata))
    this.#bytes = asBuffer(value)
    this.#escapes = escapes
  }

  text(): string {
    return this.#at(0, 0)
  }

  #at(at: number, depth: number): string {
    if (depth > MOST_NESTED) throw new DataException('The variant is nested too deeply')
    const first = this.#bytes.readUInt8(at)
    const rest = first >> 2
    switch (first & 3) {
      case Basic.PRIMITIVE:
        return this.#primitive(rest, at + 1)
      case Basic.SHORT_STRING:
        return this.#string(at + 1, rest)
      case Basic.OBJECT:
        return this.#object(rest, at + 1, depth)
      default:
        return this.#array(rest, at + 1, depth)
    }
  }

  #object(header: number, at: number, depth: number): string {
    const [size, idSize, large] = [(header & 3) + 1, ((header >> 2) & 3) + 1, (header & 16) !== 0]
    const count = this.#count(at, large ? 4 : 1)
    const ids = at + (large ? 4 : 1)
    const offsets = ids + count * idSize
    const values = offsets + (count + 1) * size
    const members: string[] = []
    for (let one = 0; one < count; one++) {
      const name = this.#names[this.#bytes.readUIntLE(ids + one * idSize, idSize)]
      if (name === undefined) throw new DataException('The bytes are no variant: a name is not in the metadata')
      const value = values + this.#bytes.readUIntLE(offsets + one * size, size)
      members.push(`${quote(name, this.#escapes)}:${this.#at(value, depth + 1)}`)
    }
    return `{${members.join(',')}}`
  }
  #array(header: number, at: number, depth: number): string {
    const [size, large] = [(header & 3) + 1, (header & 4) !== 0]
    const count = this.#count(at, large ? 4 : 1)
    const offsets = at + (large ? 4 : 1)
    const values = offsets + (count + 1) * size
    const items: string[] = []
    for (let one = 0; one < count; one++) {
      items.push(this.#at(values + this.#bytes.readUIntLE(offsets + one * size, size), depth + 1))
    }
    return `[${items.join(',')}]`
  }
  #count(at: number, size: number): number {
    const count = this.#bytes.readUIntLE(at, size)
    if (count > this.#bytes.length) throw new DataException('The bytes are no variant: there are fewer than its values')
    return count
  }

  #primitive(type: number, at: number): string {
    const bytes = this.#bytes
    switch (type) {
      case Primitive.NULL:
        return 'null'
      case Primitive.TRUE:
        return 'true'
      case Primitive.FALSE:
        return 'false'
      case Primitive.INT8:
        return String(bytes.readInt8(at))
      case Primitive.INT16:
        return String(bytes.readInt16LE(at))
      case Primitive.INT32:
        return String(bytes.readInt32LE(at))
      case Primitive.INT64:
        return String(bytes.readBigInt64LE(at))
      case Primitive.DOUBLE:
        return doubleText(bytes.readDoubleLE(at))
      case Primitive.FLOAT:
        return floatText(bytes.readFloatLE(at))
      case Primitive.DECIMAL4:
        return this.#decimal(at, 4)
      case Primitive.DECIMAL8:
        return this.#decimal(at, 8)
      case Primitive.DECIMAL16:
        return this.#decimal(at, 16)
      case Primitive.STRING:
        return this.#string(at + 4, bytes.readUInt32LE(at))
      case Primitive.BINARY:
        return bytesText(this.#slice(at + 4, bytes.readUInt32LE(at)))
      default:
        return `"${this.#special(type, at)}"`
    }
  }

  /** What JSON has only as a text. */
  #special(type: number, at: number): string {
    const bytes = this.#bytes
    switch (type) {
      case Primitive.DATE:
        return dateText(bytes.readInt32LE(at))
      case Primitive.TIME:
        return timeText(bytes.readBigInt64LE(at) * 1000n)
      case Primitive.TIMESTAMP:
        return `${momentText(bytes.readBigInt64LE(at) * 1000n)}Z`
      case Primitive.LOCAL_TIMESTAMP:
        return momentText(bytes.readBigInt64LE(at) * 1000n)
      case Primitive.NANO_TIMESTAMP:
        return `${momentText(bytes.readBigInt64LE(at))}Z`
      case Primitive.LOCAL_NANO_TIMESTAMP:
        return momentText(bytes.readBigInt64LE(at))
      case Primitive.UUID:
        return this.#slice(at, 16)
          .toString('hex')
          .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
      default:
        throw new DataException(`The bytes are no variant: there is no type ${type}`)
    }
  }

  #decimal(at: number, size: number): string {
    const unscaled = Buffer.from(this.#slice(at + 1, size)).reverse()
    return Decimal.fromBytes(unscaled, this.#bytes.readInt8(at)).toString()
  }
  #string(at: number, length: number): string {
    return quote(this.#slice(at, length).toString(), this.#escapes)
  }
  #slice(at: number, length: number): Buffer {
    if (at + length > this.#bytes.length) throw new RangeError('past the end')
    return this.#bytes.subarray(at, at + length)
  }
}

/** The names of members, by their ids. */
function dictionary(bytes: Buffer): string[] {
  const header = bytes.readUInt8(0)
  if ((header & 15) !== VERSION)
    throw new DataException(`The metadata are of version ${header & 15} of variants; 1 is read`)
  const size = (header >> 6) + 1
  const count = bytes.readUIntLE(1, size)
  if (count > bytes.length) throw new RangeError('past the end')
  const offset = (one: number) => bytes.readUIntLE(1 + size + one * size, size)
  const start = 1 + size + (count + 1) * size
  return Array.from({ length: count }, (_, one) => bytes.toString('utf8', start + offset(one), start + offset(one + 1)))
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function dateText(days: number): string {
  const date = new Date(days * DAY_MS)
  if (Number.isNaN(date.getTime())) throw new DataException(`The date of a variant is out of range: day ${days}`)
  const text = date.toISOString()
  return text.slice(0, text.indexOf('T'))
}

/** Day and time with seconds, and as many digits after them as there are: none, three, six or nine. */
function momentText(nanos: bigint): string {
  const dayNanos = BigInt(DAY_MS) * 1_000_000n
  const ofDay = ((nanos % dayNanos) + dayNanos) % dayNanos
  return `${dateText(Number((nanos - ofDay) / dayNanos))}T${timeText(ofDay)}`
}
function timeText(nanos: bigint): string {
  const seconds = Number(nanos / 1_000_000_000n)
  const fraction = (nanos % 1_000_000_000n)
    .toString()
    .padStart(9, '0')
    .replace(/(000)+$/, '')
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const text = `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
  return fraction === '' ? text : `${text}.${fraction}`
}
