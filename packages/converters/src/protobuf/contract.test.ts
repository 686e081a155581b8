// The shared suites, run on the Protobuf converter over a registry in memory.
import { after } from 'node:test'
import {
  Decimal,
  decimalBuilder,
  LogicalSchemas,
  type Schema,
  SchemaBuilder,
  Schemas,
  type SchemaType,
  type Value,
} from '@millrace/api'
import { converterContract, converterProperties } from '@millrace/testkit'
import { MemoryRegistry } from '../registry/testing/memory-registry.ts'
import { ProtobufConverter } from './protobuf-converter.ts'

const registry = await MemoryRegistry.start()
after(() => registry[Symbol.asyncDispose]())
const REGISTRY = { 'schema.registry.url': registry.url }

const TAG = 'io.confluent.connect.protobuf.Tag'
/** A field as it is read: optional, and with its number. */
const optional = (builder: SchemaBuilder, tag: number) => builder.optional().parameter(TAG, String(tag)).build()
const of = (type: SchemaType, tag: number) => optional(SchemaBuilder.type(type), tag)

// As they come back, so that they can be compared: what is written of a schema is looked at in protobuf-data.test.ts.
const INNER = optional(SchemaBuilder.struct().name('Inner').field('x', of('INT32', 1)).field('s', of('STRING', 2)), 16)
const STRUCT = SchemaBuilder.struct()
  .name('All')
  .version(1)
  .field('tiny', of('INT8', 1))
  .field('small', of('INT16', 2))
  .field('int', of('INT32', 3))
  .field('long', of('INT64', 4))
  .field('float', of('FLOAT32', 5))
  .field('double', of('FLOAT64', 6))
  .field('flag', of('BOOLEAN', 7))
  .field('text', of('STRING', 8))
  .field('bytes', of('BYTES', 9))
  .field('array', optional(SchemaBuilder.array(Schemas.OPTIONAL_STRING), 10))
  .field('map', optional(SchemaBuilder.map(of('STRING', 1), of('INT64', 2)).name('some_map'), 11))
  .field('decimal', optional(decimalBuilder(2), 12))
  .field('date', optional(SchemaBuilder.int32().name('org.apache.kafka.connect.data.Date').version(1), 13))
  .field('time', optional(SchemaBuilder.int32().name('org.apache.kafka.connect.data.Time').version(1), 14))
  .field('timestamp', optional(SchemaBuilder.int64().name('org.apache.kafka.connect.data.Timestamp').version(1), 15))
  .field('inner', INNER)
  .field('fixed', optional(SchemaBuilder.int64().parameter('io.confluent.connect.protobuf.Type', 'sfixed64'), 5000))
  .build()
const struct = (long: number | bigint, rest: object = {}) => ({
  tiny: -128,
  small: 300,
  int: -(2 ** 31),
  long,
  float: 1.5,
  double: Number.NaN,
  flag: true,
  text: 'ü 日 😀',
  bytes: Buffer.from([0, 255]),
  array: ['a', '', 'x'.repeat(200)],
  map: new Map<string, number | bigint>([['k', 2n ** 62n]]),
  decimal: new Decimal(-(10n ** 30n), 2),
  date: new Date(-86_400_000),
  time: new Date(86_399_999),
  timestamp: new Date(-1),
  inner: { x: 7, s: '' },
  fixed: long,
  ...rest,
})
const empty = {
  tiny: null,
  small: null,
  int: null,
  float: null,
  double: null,
  flag: null,
  text: null,
  bytes: null,
  array: null,
  map: null,
  decimal: null,
  date: null,
  time: null,
  timestamp: null,
  inner: null,
}
const zeros = {
  ...empty,
  tiny: 0,
  small: 0,
  int: 0,
  float: 0,
  double: 0,
  flag: false,
  text: '',
  bytes: Buffer.alloc(0),
  array: [],
  map: new Map(),
}
/** They all stand in one file, the second that is registered. */
const primitive = (type: SchemaType) => SchemaBuilder.type(type).version(2).build()
const deep = (levels: number): { schema: Schema; value: unknown } => {
  let inner = of('STRING', 1)
  let value: unknown = 'end'
  for (let left = levels; left > 0; left--) {
    inner = optional(SchemaBuilder.struct().name(`Level${left}`).field('f', inner), 1)
    value = { f: value }
  }
  return { schema: SchemaBuilder.struct().name('Top').version(4).field('f', inner).build(), value: { f: value } }
}

converterContract('ProtobufConverter', {
  converter: ProtobufConverter,
  configs: REGISTRY,
  samples: [
    { schema: STRUCT, value: struct(5) },
    { schema: STRUCT, value: struct(2n ** 63n - 1n, { timestamp: null, inner: null }) },
    { schema: STRUCT, value: struct(-(2n ** 63n)) },
    { schema: STRUCT, value: struct(2 ** 53 - 1) },
    { schema: STRUCT, value: struct(-(2 ** 53 - 1)) },
    { schema: STRUCT, value: struct(0, empty), back: { schema: STRUCT, value: struct(0, zeros) } },
    { schema: primitive('STRING'), value: '' },
    { schema: primitive('STRING'), value: 'x'.repeat(100_000) },
    { schema: primitive('INT64'), value: 2n ** 60n + 1n },
    { schema: primitive('INT32'), value: -1 },
    { schema: Schemas.INT8, value: -1, back: { schema: primitive('INT32'), value: -1 } },
    { schema: primitive('FLOAT64'), value: Number.NEGATIVE_INFINITY },
    { schema: primitive('FLOAT64'), value: -0 },
    { schema: primitive('BOOLEAN'), value: false },
    { schema: primitive('BYTES'), value: Buffer.alloc(300, 7) },
    { schema: SchemaBuilder.struct().name('Empty').version(3).build(), value: {} },
    deep(40),
    { schema: Schemas.OPTIONAL_STRING, value: null, back: { schema: null, value: null } },
    { schema: Schemas.STRING, value: null, back: { schema: null, value: null } },
    { schema: null, value: null },
  ],
  unwritable: [
    { schema: STRUCT, value: struct(1.5) },
    { schema: STRUCT, value: struct(2n ** 63n) },
    { schema: STRUCT, value: struct(1, { tiny: 128 }) },
    { schema: STRUCT, value: struct(1, { array: ['a', null] }) },
    { schema: STRUCT, value: struct(1, { date: new Date(1) }) },
    { schema: STRUCT, value: struct(1, { timestamp: new Date(8.64e15) }) },
    { schema: STRUCT, value: 'text' },
    { schema: Schemas.INT32, value: 2 ** 31 },
    { schema: null, value: 'text' },
    { schema: SchemaBuilder.struct().name('a b').build(), value: {} },
    { schema: SchemaBuilder.array(Schemas.INT32).build(), value: [] },
    { schema: LogicalSchemas.DATE, value: new Date(0) },
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

/** What a null becomes: the default of the schema, or what a field has that is not set. */
function unset(schema: Schema): Value {
  if (schema.name?.startsWith('org.apache.kafka.connect.data.') === true) return null
  switch (schema.type) {
    case 'STRUCT':
      return null
    case 'ARRAY':
      return []
    case 'MAP':
      return new Map()
    case 'BOOLEAN':
      return false
    case 'STRING':
      return ''
    case 'BYTES':
      return Buffer.alloc(0)
    default:
      return 0
  }
}
/** Lists and maps are never null. */
const keepsNulls = (schema: Schema): Value => (schema.type === 'ARRAY' ? [] : schema.type === 'MAP' ? new Map() : null)
function asRead(value: Value, schema: Schema, nullOf: (schema: Schema) => Value = unset): Value {
  if (value === null || value === undefined) return nullOf(schema)
  switch (schema.type) {
    case 'STRUCT':
      return Object.fromEntries(
        schema.fields.map(({ name, schema: own }) => {
          const item = (value as Record<string, unknown>)[name] ?? own.defaultValue
          return [name, asRead(item, own, nullOf)]
        }),
      )
    case 'ARRAY':
      return (value as Value[]).map((item) => asRead(item, schema.valueSchema as Schema, nullOf))
    case 'MAP':
      return new Map(
        [...(value as Map<Value, Value>)].map(([key, item]) => [
          key,
          asRead(item, schema.valueSchema as Schema, nullOf),
        ]),
      )
    default:
      return value
  }
}
let names = 0
const SUBJECT = {
  converter: ProtobufConverter,
  random: { structName: () => `s${names++}`, defaults: true, onlyStructs: true, anyItems: false },
  schemaBack: () => undefined,
  frame: 5,
}
converterProperties('ProtobufConverter', {
  ...SUBJECT,
  configs: REGISTRY,
  valueBack: (value, schema) => asRead(value, schema),
  mutations: 300,
})
for (const key of ['optional.for.nullables', 'wrapper.for.nullables']) {
  converterProperties(`ProtobufConverter with ${key}`, {
    ...SUBJECT,
    configs: { ...REGISTRY, [key]: 'true' },
    valueBack: (value, schema) => asRead(value, schema, keepsNulls),
    seed: 77,
    schemas: 30,
    mutations: 150,
  })
}
