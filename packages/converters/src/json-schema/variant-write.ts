// Writes parsed JSON in the encoding of variants, as the reference's builder does: integers of four or eight bytes, all
// other numbers as decimals, names in the order in which they first come.
import { DataException, Decimal } from '@millrace/api'
import { NumberText } from '../json/parser.ts'
import { Basic, Primitive, SHORT_STRING, type Variant, VERSION } from './variant.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
const MOST_DIGITS = 38

/** The variant of a parsed value; numbers with a point are {@link NumberText}. @throws DataException for a number of too many digits */
export function writeVariant(node: unknown): Variant {
  const names = new Map<string, number>()
  const value = encode(node, names)
  const texts = [...names.keys()].map((name) => Buffer.from(name))
  const size = sizeOf(Math.max(total(texts), texts.length))
  const header = VERSION | ((size - 1) << 6)
  const metadata = Buffer.concat([Buffer.from([header]), number(texts.length, size), offsets(texts, size), ...texts])
  return { metadata, value }
}

function encode(node: unknown, names: Map<string, number>): Buffer {
  switch (typeof node) {
    case 'string':
      return text(node)
    case 'boolean':
      return primitive(node ? Primitive.TRUE : Primitive.FALSE)
    case 'number':
    case 'bigint':
      return integer(node)
    default:
      if (node === null || node === undefined) return primitive(Primitive.NULL)
      if (node instanceof NumberText) return decimal(Decimal.parse(node.text))
      return Array.isArray(node) ? array(node, names) : object(node as Readonly<Record<string, unknown>>, names)
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  if (bytes.length <= SHORT_STRING) return Buffer.concat([first(Basic.SHORT_STRING, bytes.length), bytes])
  return primitive(Primitive.STRING, number(bytes.length, 4), bytes)
}

function integer(value: number | bigint): Buffer {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return decimal(Decimal.parse(String(value)))
  if (typeof value === 'number' && (value | 0) === value) {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32LE(value)
    return primitive(Primitive.INT32, bytes)
  }
  const exact = BigInt(value)
  if (exact < INT64_MIN || exact > INT64_MAX) return decimal(new Decimal(exact, 0))
  return primitive(Primitive.INT64, littleEndian(exact, 8))
}

function decimal(value: Decimal): Buffer {
  const { unscaled, scale } = value
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().length
  if (digits > MOST_DIGITS || scale > MOST_DIGITS || scale < -128) {
    throw new DataException(`A variant holds numbers of ${MOST_DIGITS} digits at most, and not ${value}`)
  }
  const [type, size] =
    digits <= 9
      ? ([Primitive.DECIMAL4, 4] as const)
      : digits <= 18
        ? ([Primitive.DECIMAL8, 8] as const)
        : ([Primitive.DECIMAL16, 16] as const)
  return primitive(type, Buffer.from([scale & 0xff]), littleEndian(unscaled, size))
}

function array(items: readonly unknown[], names: Map<string, number>): Buffer {
  const values = items.map((item) => encode(item, names))
  const size = sizeOf(total(values))
  const large = values.length > 0xff
  const header = (size - 1) | (large ? 4 : 0)
  return Buffer.concat([
    first(Basic.ARRAY, header),
    number(values.length, large ? 4 : 1),
    offsets(values, size),
    ...values,
  ])
}

/** Members stand in the order of their names, by UTF-16 units as Java compares them. */
function object(members: Readonly<Record<string, unknown>>, names: Map<string, number>): Buffer {
  const fields = Object.keys(members).map((name) => {
    let id = names.get(name)
    if (id === undefined) {
      id = names.size
      names.set(name, id)
    }
    return { name, id, value: encode(members[name], names) }
  })
  fields.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const values = fields.map(({ value }) => value)
  const idSize = sizeOf(Math.max(0, ...fields.map(({ id }) => id)))
  const size = sizeOf(total(values))
  const large = fields.length > 0xff
  const header = (size - 1) | ((idSize - 1) << 2) | (large ? 16 : 0)
  return Buffer.concat([
    first(Basic.OBJECT, header),
    number(fields.length, large ? 4 : 1),
    ...fields.map(({ id }) => number(id, idSize)),
    offsets(values, size),
    ...values,
  ])
}

function primitive(type: number, ...content: readonly Buffer[]): Buffer {
  return Buffer.concat([first(Basic.PRIMITIVE, type), ...content])
}
function first(basic: number, rest: number): Buffer {
  return Buffer.from([basic | (rest << 2)])
}

/** Where each of the parts begins, and where the last one ends. */
function offsets(parts: readonly Buffer[], size: number): Buffer {
  let at = 0
  const starts = parts.map((part) => {
    const start = number(at, size)
    at += part.length
    return start
  })
  return Buffer.concat([...starts, number(at, size)])
}
function total(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}
function sizeOf(value: number): 1 | 2 | 3 | 4 {
  return value <= 0xff ? 1 : value <= 0xffff ? 2 : value <= 0xff_ffff ? 3 : 4
}
function number(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  bytes.writeUIntLE(value, 0, size)
  return bytes
}
function littleEndian(value: bigint, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let left = BigInt.asUintN(size * 8, value)
  for (let at = 0; at < size; at++) {
    bytes[at] = Number(left & 0xffn)
    left >>= 8n
  }
  return bytes
}
