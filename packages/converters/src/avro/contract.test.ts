// The shared suites, run on the Avro converter over a registry in memory.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import {
  DataException,
  Decimal,
  decimalBuilder,
  LogicalSchemas,
  type Schema,
  SchemaBuilder,
  Schemas,
} from '@millrace/api'
import { converterContract, converterProperties } from '@millrace/testkit'
import { MemoryRegistry } from '../registry/testing/memory-registry.ts'
import { AvroConverter } from './avro-converter.ts'
import { AvroOut } from './avro-out.ts'
import { EmbeddedAvroConverter } from './embedded-avro-converter.ts'

const registry = await MemoryRegistry.start()
after(() => registry[Symbol.asyncDispose]())
const REGISTRY = { 'schema.registry.url': registry.url }

const STRUCT = SchemaBuilder.struct()
  .name('com.example.All')
  .version(1)
  .doc('all types')
  .field('tiny', Schemas.INT8)
  .field('small', Schemas.OPTIONAL_INT16)
  .field('int', SchemaBuilder.int32().doc('a number').build())
  .field('long', Schemas.INT64)
  .field('float', Schemas.FLOAT32)
  .field('double', Schemas.OPTIONAL_FLOAT64)
  .field('flag', Schemas.BOOLEAN)
  .field('text', SchemaBuilder.string().optional().default('none').build())
  .field('bytes', Schemas.BYTES)
  .field('array', SchemaBuilder.array(Schemas.OPTIONAL_STRING).build())
  .field('map', SchemaBuilder.map(Schemas.STRING, Schemas.INT64).build())
  .field('entries', SchemaBuilder.map(Schemas.INT32, Schemas.OPTIONAL_STRING).build())
  .field('decimal', decimalBuilder(2).build())
  .field('date', LogicalSchemas.DATE)
  .field('time', LogicalSchemas.TIME)
  .field('timestamp', LogicalSchemas.OPTIONAL_TIMESTAMP)
  .field('inner', SchemaBuilder.struct().name('com.example.Inner').field('x', Schemas.INT32).optional().build())
  .build()
const struct = (long: number | bigint, rest: object = {}) => ({
  tiny: -128,
  small: null,
  int: -(2 ** 31),
  long,
  float: 1.5,
  double: Number.NaN,
  flag: true,
  text: 'ü 日 😀',
  bytes: Buffer.from([0, 255]),
  array: ['a', null, ''],
  map: new Map<string, number | bigint>([['k', 2n ** 62n]]),
  entries: new Map([
    [1, 'one'],
    [-2, null],
  ]),
  decimal: new Decimal(-(10n ** 30n), 2),
  date: new Date(-86_400_000),
  time: new Date(86_399_999),
  timestamp: new Date(-1),
  inner: { x: 7 },
  ...rest,
})
const primitive = (type: 'INT8' | 'INT64' | 'FLOAT64' | 'STRING' | 'BYTES' | 'BOOLEAN') =>
  SchemaBuilder.type(type).version(3).build()
const deep = (levels: number): { readonly schema: Schema; readonly value: unknown } => {
  let schema = SchemaBuilder.array(Schemas.INT32).build()
  let value: unknown = [1]
  for (let left = levels; left > 0; left--) {
    schema = SchemaBuilder.array(schema).build()
    value = [value]
  }
  return { schema: SchemaBuilder.array(schema).version(1).build(), value: [value] }
}

/** A container of the int 1, as another writer makes it. */
function container(schema: string, codec: string, count: number): Buffer {
  const value = codec === 'deflate' ? deflateRawSync(Buffer.from([2])) : Buffer.from([2])
  const out = new AvroOut()
  out.bytes(Buffer.from('Obj\x01', 'latin1'))
  out.count(2)
  out.string('avro.schema')
  out.block(Buffer.from(schema))
  out.string('avro.codec')
  out.block(Buffer.from(codec))
  out.u8(0)
  out.bytes(Buffer.alloc(16, 7))
  out.count(count)
  out.block(value)
  out.bytes(Buffer.alloc(16, 7))
  return out.copy()
}
test('containers of other writers are read, deflated or not, with one value', () => {
  const converter = new EmbeddedAvroConverter()
  const read = (bytes: Buffer) => converter.toConnectData('t', null, bytes).value
  assert.deepEqual([read(container('"int"', 'null', 1)), read(container('"int"', 'deflate', 1))], [1, 1])
  assert.throws(() => read(container('"int"', 'null', 2)), /has 2 values in a block/)
  assert.throws(() => read(container('"int"', 'snappy', 1)), /codec snappy; null and deflate are read/)
  assert.throws(() => read(container('"nope"', 'null', 1)), DataException)
})

converterContract('AvroConverter', {
  converter: AvroConverter,
  configs: REGISTRY,
  samples: [
    { schema: STRUCT, value: struct(5) },
    { schema: STRUCT, value: struct(2n ** 63n - 1n, { timestamp: null, inner: null }) },
    { schema: STRUCT, value: struct(-(2n ** 63n)) },
    { schema: STRUCT, value: struct(2 ** 53 - 1) },
    { schema: STRUCT, value: struct(-(2 ** 53 - 1)) },
    { schema: STRUCT, value: struct(1, { text: null }), back: { schema: STRUCT, value: struct(1, { text: 'none' }) } },
    { schema: primitive('STRING'), value: '' },
    { schema: primitive('STRING'), value: 'x'.repeat(100_000) },
    { schema: primitive('INT64'), value: 2n ** 60n + 1n },
    { schema: primitive('INT8'), value: -1 },
    { schema: primitive('FLOAT64'), value: Number.NEGATIVE_INFINITY },
    { schema: primitive('BOOLEAN'), value: false },
    { schema: primitive('BYTES'), value: Buffer.alloc(0) },
    { schema: primitive('BYTES'), value: Buffer.alloc(300, 7) },
    { schema: SchemaBuilder.struct().name('Empty').version(1).build(), value: {} },
    deep(40),
    { schema: Schemas.OPTIONAL_STRING, value: null, back: { schema: null, value: null } },
    { schema: null, value: null },
    { schema: null, value: 'text' },
    { schema: null, value: 2n ** 60n },
    { schema: null, value: -0.5 },
    { schema: null, value: [1, 'a', null, [true], new Map([['k', 1.5]])] },
    { schema: null, value: { a: 1 }, back: { schema: null, value: new Map([['a', 1]]) } },
  ],
  unwritable: [
    { schema: STRUCT, value: {} },
    { schema: STRUCT, value: struct(1.5) },
    { schema: STRUCT, value: struct(2n ** 63n) },
    { schema: STRUCT, value: struct(1, { tiny: 128 }) },
    { schema: STRUCT, value: struct(1, { decimal: new Decimal(1n, 3) }) },
    { schema: STRUCT, value: 'text' },
    { schema: Schemas.STRING, value: null },
    { schema: Schemas.INT32, value: 2 ** 31 },
    { schema: null, value: () => {} },
    { schema: SchemaBuilder.struct().name('a b').build(), value: {} },
  ],
  unreadable: [
    Buffer.alloc(0),
    Buffer.from('text'),
    Buffer.from([0, 0, 0]),
    Buffer.from([0, 0, 0, 0, 0]),
    Buffer.from([0, 0, 0, 0, 1]),
    Buffer.from([1, 2, 3]),
    Buffer.alloc(17, 1),
  ],
})

converterContract('EmbeddedAvroConverter', {
  converter: EmbeddedAvroConverter,
  samples: [
    { schema: STRUCT, value: struct(2n ** 63n - 1n) },
    { schema: STRUCT, value: struct(5, { timestamp: null, inner: null }) },
    { schema: Schemas.STRING, value: 'ü 😀' },
    { schema: Schemas.BYTES, value: Buffer.alloc(0) },
    { schema: Schemas.INT8, value: -128 },
    deep(40),
    { schema: Schemas.OPTIONAL_STRING, value: null, back: { schema: null, value: null } },
    { schema: null, value: ['a', 2n ** 60n, null, new Map([['k', true]])] },
  ],
  unwritable: [
    { schema: STRUCT, value: struct(1.5) },
    { schema: Schemas.STRING, value: null },
  ],
  unreadable: [
    Buffer.alloc(0),
    Buffer.from('text'),
    Buffer.from('Obj\x01\x00', 'latin1'),
    container('"int"', 'snappy', 1),
  ],
})

let names = 0
const RANDOM = { structName: () => `s${names++}`, defaults: true }
/** What a null becomes where there is a default, and which version the first of a schema's has. */
function withDefaults(value: unknown, schema: Schema): unknown {
  if (value === null) return schema.defaultValue ?? null
  switch (schema.type) {
    case 'STRUCT':
      return Object.fromEntries(
        schema.fields.map((field) => {
          const item = (value as Record<string, unknown>)[field.name] ?? field.schema.defaultValue ?? null
          return [field.name, item === null ? null : withDefaults(item, field.schema)]
        }),
      )
    case 'ARRAY':
      return (value as unknown[]).map((item) =>
        item === null ? null : withDefaults(item, schema.valueSchema as Schema),
      )
    case 'MAP':
      return new Map(
        [...(value as Map<unknown, unknown>)].map(([key, item]) => [
          key,
          item === null ? null : withDefaults(item, schema.valueSchema as Schema),
        ]),
      )
    default:
      return value
  }
}
converterProperties('EmbeddedAvroConverter', {
  converter: EmbeddedAvroConverter,
  random: RANDOM,
  valueBack: withDefaults,
  schemaBack: () => undefined,
  mutations: 300,
})
converterProperties('AvroConverter', {
  converter: AvroConverter,
  configs: REGISTRY,
  random: RANDOM,
  valueBack: withDefaults,
  // Versions of the registry, and defaults that Avro cannot say, are looked at elsewhere.
  schemaBack: () => undefined,
  frame: 5,
})
