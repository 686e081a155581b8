// The shared suites, run on the JSON Schema converter over a registry in memory.
import { after } from 'node:test'
import { Decimal, decimalBuilder, LogicalSchemas, type Schema, SchemaBuilder, Schemas } from '@millrace/api'
import { converterContract, converterProperties } from '@millrace/testkit'
import { MemoryRegistry } from '../registry/testing/memory-registry.ts'
import { JsonSchemaConverter } from './json-schema-converter.ts'

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
  text: 'ü 日 😀 " \\ \u0001 \ud800',
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
const MEMBER = 'io.confluent.connect.json.OneOf.field.'
const UNION = SchemaBuilder.struct()
  .name('io.confluent.connect.json.OneOf')
  .field(`${MEMBER}0`, Schemas.OPTIONAL_INT64)
  .field(`${MEMBER}1`, Schemas.OPTIONAL_STRING)
  .field(`${MEMBER}2`, SchemaBuilder.struct().name('A').field('a', Schemas.STRING).optional().build())
  .build()
const WITH_UNION = SchemaBuilder.struct().version(1).field('one', UNION).build()
const chosen = (at: number, value: unknown) => ({
  one: Object.fromEntries([0, 1, 2].map((one) => [MEMBER + one, one === at ? value : null])),
})

const SUBJECT = {
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
    { schema: primitive('BYTES'), value: Buffer.from([1, 2, 3]) },
    { schema: primitive('BOOLEAN'), value: false },
    { schema: SchemaBuilder.string().optional().version(1).build(), value: null },
    { schema: WITH_UNION, value: chosen(0, 2n ** 62n) },
    { schema: WITH_UNION, value: chosen(1, 'x') },
    { schema: WITH_UNION, value: chosen(2, { a: 'x' }) },
    { schema: null, value: null },
    deep(40),
  ],
  unwritable: [
    { schema: STRUCT, value: struct(1.5) },
    { schema: STRUCT, value: struct(2n ** 63n) },
    { schema: STRUCT, value: struct(1, { tiny: 128 }) },
    { schema: STRUCT, value: struct(1, { decimal: new Decimal(1n, 3) }) },
    { schema: STRUCT, value: 'text' },
    { schema: Schemas.INT32, value: 2 ** 31 },
    { schema: UNION, value: {} },
    { schema: null, value: 'text' },
  ],
  unreadable: [
    Buffer.alloc(0),
    Buffer.from('text'),
    Buffer.from([0, 0, 0]),
    Buffer.from([0, 0, 0, 0, 0]),
    Buffer.from([0, 0, 0, 0, 1]),
    Buffer.from('\u0000\u0000\u0000\u0000\u0001{"tiny":'),
    Buffer.from([0, 0, 0, 0, 1, 0x22, 0xff, 0x22]),
    Buffer.from([1, 2, 3]),
    Buffer.alloc(17, 1),
  ],
}
converterContract('JsonSchemaConverter', { converter: JsonSchemaConverter, configs: REGISTRY, ...SUBJECT })
converterContract('JsonSchemaConverter, validating and with decimals as numbers', {
  converter: JsonSchemaConverter,
  configs: {
    ...REGISTRY,
    'json.fail.invalid.schema': 'true',
    'json.indent.output': 'true',
    'decimal.format': 'NUMERIC',
  },
  ...SUBJECT,
  // JSON has no number for these: the text in their place is none of the schema.
  samples: SUBJECT.samples
    .filter(({ value }) => value !== Number.NEGATIVE_INFINITY)
    .map((sample) => (sample.schema === STRUCT ? withDouble(sample) : sample)),
})

function withDouble<T extends { readonly value: unknown; readonly back?: { readonly value: unknown } }>(sample: T): T {
  const finite = (value: unknown) => ({ ...(value as object), double: 0.1 })
  const back = sample.back === undefined ? {} : { back: { ...sample.back, value: finite(sample.back.value) } }
  return { ...sample, value: finite(sample.value), ...back }
}

/** What a null becomes where there is a default. */
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
      return (value as unknown[]).map((item) => withDefaults(item, schema.valueSchema as Schema))
    case 'MAP':
      return new Map(
        [...(value as Map<unknown, unknown>)].map(([key, item]) => [
          key,
          withDefaults(item, schema.valueSchema as Schema),
        ]),
      )
    default:
      return value
  }
}
let names = 0
converterProperties('JsonSchemaConverter', {
  converter: JsonSchemaConverter,
  configs: REGISTRY,
  random: { structName: () => `s${names++}`, defaults: true },
  valueBack: withDefaults,
  // Versions of the registry are looked at elsewhere.
  schemaBack: () => undefined,
  frame: 5,
})
