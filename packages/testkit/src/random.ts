// Seeded random schemas and values for property tests: the seed is in every failure, and gives the same values again.
import {
  Decimal,
  dateBuilder,
  decimalBuilder,
  type Schema,
  SchemaBuilder,
  timeBuilder,
  timestampBuilder,
} from '@millrace/api'

/** A small generator of good statistics (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }
  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let z = this.#state
    z = Math.imul(z ^ (z >>> 15), z | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return ((z ^ (z >>> 14)) >>> 0) / 4_294_967_296
  }
  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }
  chance(probability: number): boolean {
    return this.next() < probability
  }
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }
  /** `length` results of `make`. */
  list<T>(length: number, make: () => T): T[] {
    return Array.from({ length }, make)
  }
  int64(): number | bigint {
    const value =
      BigInt.asIntN(64, (BigInt(this.below(2 ** 32)) << 32n) | BigInt(this.below(2 ** 32))) >> BigInt(this.below(64))
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }
  double(): number {
    const view = new DataView(new ArrayBuffer(8))
    view.setUint32(0, this.below(2 ** 32))
    view.setUint32(4, this.below(2 ** 32))
    return this.chance(0.5) ? this.below(1_000_000) / this.pick([1, 10, 1000]) : view.getFloat64(0)
  }
  text(): string {
    return this.list(this.below(12), () => this.pick(CHARACTERS)).join('')
  }
  bytes(): Buffer {
    return Buffer.from(this.list(this.below(12), () => this.below(256)))
  }
}

const CHARACTERS = [
  'a',
  'Z',
  '0',
  ' ',
  '"',
  '\\',
  '/',
  '\n',
  '\u0001',
  '\u007f',
  'é',
  '日',
  '😀',
  '\u2028',
  '{',
  ',',
  ':',
  '1234567890123456789',
]

/** What random schemas are to have. */
export interface RandomSchemaOptions {
  /** Names of structs; by default one of ten, so that two structs may share one. */
  readonly structName?: () => string | null
  /** Give fields defaults now and then. */
  readonly defaults?: boolean
  /** Let maps have keys that are no strings; true by default. */
  readonly anyKeys?: boolean
  /** Let arrays and maps hold nulls, arrays and maps; true by default. */
  readonly anyItems?: boolean
}

/** A random schema, at most `depth` levels deep. */
export function randomSchema(random: Random, depth: number, options: RandomSchemaOptions = {}): Schema {
  const builder = randomBuilder(random, depth, options)
  if (random.chance(0.4)) builder.optional()
  if (options.defaults !== true || depth > 1 || !random.chance(0.2)) return builder.build()
  const value = randomValue(random, builder.build())
  return value === null ? builder.build() : builder.default(value).build()
}

/** A random struct that has fields, for formats whose values are structs. */
export function randomStruct(random: Random, depth: number, options: RandomSchemaOptions = {}): Schema {
  const name = options.structName === undefined ? `s${random.below(10)}` : options.structName()
  const builder = SchemaBuilder.struct()
  if (name !== null) builder.name(name)
  for (let at = 0; at <= random.below(8); at++) builder.field(`f${at}`, randomSchema(random, depth - 1, options))
  return builder.build()
}

/** What an array or a map holds. */
function randomItem(random: Random, depth: number, options: RandomSchemaOptions): Schema {
  if (options.anyItems !== false) return randomSchema(random, depth, options)
  return random.chance(0.3) ? randomStruct(random, depth, options) : randomBuilder(random, 0, options).build()
}
function randomBuilder(random: Random, depth: number, options: RandomSchemaOptions): SchemaBuilder {
  const kind = random.below(depth > 0 ? 17 : 13)
  switch (kind) {
    case 9:
      return decimalBuilder(random.below(6))
    case 10:
      return dateBuilder()
    case 11:
      return timeBuilder()
    case 12:
      return timestampBuilder()
    case 13:
      return SchemaBuilder.array(randomItem(random, depth - 1, options))
    case 14:
      return SchemaBuilder.map(SchemaBuilder.string().build(), randomItem(random, depth - 1, options))
    case 15: {
      const key = options.anyKeys === false ? SchemaBuilder.string() : SchemaBuilder.int32()
      return SchemaBuilder.map(key.build(), randomItem(random, depth - 1, options))
    }
    case 16: {
      const builder = SchemaBuilder.struct()
      const name = options.structName === undefined ? `s${random.below(10)}` : options.structName()
      if (name !== null) builder.name(name)
      for (let at = 0; at < random.below(6); at++) builder.field(`f${at}`, randomSchema(random, depth - 1, options))
      return random.chance(0.2) ? builder.doc(random.text()) : builder
    }
    default:
      return SchemaBuilder.type(
        (['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64', 'BOOLEAN', 'STRING', 'BYTES'] as const)[
          kind
        ] as 'INT8',
      )
  }
}

/** A random value of a schema. */
export function randomValue(random: Random, schema: Schema): unknown {
  if (schema.optional && random.chance(0.3)) return null
  const name = schema.name?.split('.').at(-1)
  switch (schema.type) {
    case 'INT8':
      return random.below(256) - 128
    case 'INT16':
      return random.below(65_536) - 32_768
    case 'INT32':
      if (name === 'Date') return new Date((random.below(60_000) - 30_000) * 86_400_000)
      return name === 'Time' ? new Date(random.below(86_400_000)) : random.below(2 ** 32) - 2 ** 31
    case 'INT64':
      return name === 'Timestamp' ? new Date(random.below(2 ** 40) - 2 ** 39) : random.int64()
    case 'FLOAT32':
      return Math.fround(random.double())
    case 'FLOAT64':
      return random.double()
    case 'BOOLEAN':
      return random.chance(0.5)
    case 'STRING':
      return random.text()
    case 'BYTES':
      if (name !== 'Decimal') return random.bytes()
      return new Decimal(BigInt(random.int64()) ** BigInt(1 + random.below(3)), Number(schema.parameters?.get('scale')))
    case 'ARRAY':
      return random.list(random.below(5), () => randomValue(random, schema.valueSchema as Schema))
    case 'MAP':
      return new Map(
        random.list(random.below(5), () => [
          randomValue(random, schema.keySchema as Schema),
          randomValue(random, schema.valueSchema as Schema),
        ]),
      )
    case 'STRUCT':
      return Object.fromEntries(schema.fields.map((field) => [field.name, randomValue(random, field.schema)]))
  }
}

/** A random value without a schema: what JSON can say, and long integers. */
export function randomPlain(random: Random, depth: number): unknown {
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0:
      return null
    case 1:
      return random.chance(0.5)
    case 2:
      return random.text()
    case 3:
      return random.int64()
    case 4:
      return random.below(1000)
    case 5: {
      // An integral double beyond 2^53 would come back as a bigint.
      const double = random.double()
      return Number.isFinite(double) && !Number.isInteger(double) ? double : 0.5
    }
    case 6:
      return random.list(random.below(5), () => randomPlain(random, depth - 1))
    default:
      return Object.fromEntries(random.list(random.below(5), () => [random.text(), randomPlain(random, depth - 1)]))
  }
}
