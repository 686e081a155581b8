// Hash codes as Java computes them, and Debezium's variant of MurmurHash3: partitions must not change with the worker.
import { Decimal, type Schema } from '@millrace/api'

/** `Object.hashCode()` of a value under its schema. What has no hash of its own in Java, as bytes, is hashed by its content. */
export function javaHash(value: unknown, schema: Schema): number {
  switch (schema.type) {
    case 'STRING':
      return text(String(value))
    case 'BOOLEAN':
      return value === true ? 1231 : 1237
    case 'FLOAT32':
      FLOATS.setFloat32(0, value as number)
      return FLOATS.getInt32(0)
    case 'FLOAT64':
      FLOATS.setFloat64(0, value as number)
      return FLOATS.getInt32(0) ^ FLOATS.getInt32(4)
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return value instanceof Date ? long(BigInt(value.getTime())) : Number(value)
    case 'INT64':
      return long(value instanceof Date ? BigInt(value.getTime()) : BigInt(value as number | bigint))
    case 'BYTES':
      return value instanceof Decimal ? decimal(value) : bytes(value as Uint8Array)
    case 'ARRAY':
      return (value as readonly unknown[]).reduce(
        (sum: number, one) => (Math.imul(31, sum) + inner(one, schema.valueSchema)) | 0,
        1,
      )
    case 'MAP': {
      let sum = 0
      for (const [key, one] of value as ReadonlyMap<unknown, unknown>) {
        sum = (sum + (inner(key, schema.keySchema) ^ inner(one, schema.valueSchema))) | 0
      }
      return sum
    }
    default:
      return schema.fields.reduce(
        (sum, field) =>
          (Math.imul(31, sum) + inner((value as Readonly<Record<string, unknown>>)[field.name], field.schema)) | 0,
        1,
      )
  }
}

/** The hash that Debezium calls murmur: of texts and bytes themselves, of anything else by its Java hash. */
export function murmurHash(value: unknown, schema: Schema): number {
  if (schema.type === 'STRING') return murmur(Buffer.from(String(value).replace(/\p{Surrogate}/gu, '?')))
  if (schema.type === 'BYTES' && value instanceof Uint8Array) return murmur(value)
  const four = Buffer.alloc(4)
  four.writeInt32LE(javaHash(value, schema))
  return murmur(four)
}

const FLOATS = new DataView(new ArrayBuffer(8))

function inner(value: unknown, schema: Schema | null): number {
  return value === null || value === undefined || schema === null ? 0 : javaHash(value, schema)
}
function text(value: string): number {
  let sum = 0
  for (let at = 0; at < value.length; at++) sum = (Math.imul(31, sum) + value.charCodeAt(at)) | 0
  return sum
}
function long(value: bigint): number {
  return Number(BigInt.asIntN(32, value ^ (BigInt.asUintN(64, value) >> 32n)))
}
/** As `ByteBuffer`, from the last byte to the first. */
function bytes(value: Uint8Array): number {
  let sum = 1
  for (let at = value.length - 1; at >= 0; at--) sum = (Math.imul(31, sum) + (((value[at] as number) << 24) >> 24)) | 0
  return sum
}
function decimal({ unscaled, scale }: Decimal): number {
  let sum = 0
  let shift = 0n
  const magnitude = unscaled < 0n ? -unscaled : unscaled
  while (magnitude >> shift > 0n) shift += 32n
  for (; shift > 0n; shift -= 32n) {
    sum = (Math.imul(31, sum) + Number(BigInt.asIntN(32, magnitude >> (shift - 32n)))) | 0
  }
  return (Math.imul(31, unscaled < 0n ? -sum : sum) + scale) | 0
}

const SEED = 9001n
const wrap = (value: bigint) => BigInt.asUintN(64, value)
const rotate = (value: bigint, by: bigint) => wrap(value << by) | (value >> (64n - by))

/**
 * The upper half of the first 64 bits of MurmurHash3 with constants that change from block to block, and with the sign of the last
 * bytes carried into the bits above them: both as Debezium has them.
 * Source: io.debezium.util.MurmurHash3
 */
function murmur(key: Uint8Array): number {
  let [h1, h2] = [0x9368e53c2f6af274n ^ SEED, 0x586dcd208f7cd3fdn ^ SEED]
  let [c1, c2] = [0x87c37b91114253d5n, 0x4cf5ad432745937fn]
  const mix = (first: bigint, second: bigint) => {
    h1 = wrap((h1 ^ wrap(rotate(wrap(first * c1), 23n) * c2)) + h2)
    h2 = rotate(h2, 41n)
    h2 = wrap((h2 ^ wrap(rotate(wrap(second * c2), 23n) * c1)) + h1)
    h1 = wrap(h1 * 3n + 0x52dce729n)
    h2 = wrap(h2 * 3n + 0x38495ab5n)
    c1 = wrap(c1 * 5n + 0x7b7d159cn)
    c2 = wrap(c2 * 5n + 0x6bce6396n)
  }
  const data = Buffer.from(key.buffer, key.byteOffset, key.length)
  const tail = key.length & ~15
  for (let at = 0; at < tail; at += 16) mix(data.readBigUInt64LE(at), data.readBigUInt64LE(at + 8))
  if (tail < key.length) {
    const part = (from: number, to: number) => {
      let bits = 0n
      for (let at = from; at < to; at++) bits ^= wrap(BigInt(data.readInt8(at)) << BigInt(8 * (at - from)))
      return bits
    }
    mix(part(tail, Math.min(tail + 8, key.length)), part(Math.min(tail + 8, key.length), key.length))
  }
  h2 ^= BigInt(key.length)
  h1 = wrap(h1 + h2)
  h2 = wrap(h2 + h1)
  h1 = finish(h1)
  h2 = finish(h2)
  h1 = wrap(h1 + h2)
  return Number(BigInt.asIntN(32, h1 >> 32n))
}

function finish(given: bigint): bigint {
  let bits = given ^ (given >> 33n)
  bits = wrap(bits * 0xff51afd7ed558ccdn)
  bits ^= bits >> 33n
  bits = wrap(bits * 0xc4ceb9fe1a85ec53n)
  return bits ^ (bits >> 33n)
}
