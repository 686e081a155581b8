// The shared suite, run on every converter.
import { Decimal, decimalBuilder, LogicalSchemas, SchemaBuilder, Schemas } from '@millrace/api'
import { type ConverterSample, converterContract } from '@millrace/testkit'
import { BooleanConverter } from './boolean-converter.ts'
import { ByteArrayConverter } from './byte-array-converter.ts'
import { JsonConverter } from './json/json-converter.ts'
import {
  DoubleConverter,
  FloatConverter,
  IntegerConverter,
  LongConverter,
  ShortConverter,
} from './number-converters.ts'
import { StringConverter } from './string-converter.ts'

const text = (value: string | null): ConverterSample => ({ schema: Schemas.OPTIONAL_STRING, value })
converterContract('StringConverter', {
  converter: StringConverter,
  samples: [
    text('plain'),
    text(''),
    text('ü 日本 😀'),
    text(null),
    { ...text('5'), schema: Schemas.INT32, value: 5, back: text('5') },
  ],
  nullBack: text(null),
})

converterContract('ByteArrayConverter', {
  converter: ByteArrayConverter,
  samples: [
    { schema: Schemas.OPTIONAL_BYTES, value: Buffer.from([0, 1, 255]) },
    { schema: Schemas.OPTIONAL_BYTES, value: Buffer.alloc(0) },
    { schema: Schemas.OPTIONAL_BYTES, value: null },
  ],
  unwritable: [{ schema: Schemas.STRING, value: 'text' }],
  nullBack: { schema: Schemas.OPTIONAL_BYTES, value: null },
})

const PRIMITIVES = [
  { converter: BooleanConverter, schema: Schemas.OPTIONAL_BOOLEAN, values: [true, false] },
  { converter: ShortConverter, schema: Schemas.OPTIONAL_INT16, values: [0, -32_768, 32_767] },
  { converter: IntegerConverter, schema: Schemas.OPTIONAL_INT32, values: [0, -(2 ** 31), 2 ** 31 - 1] },
  { converter: LongConverter, schema: Schemas.OPTIONAL_INT64, values: [0, 2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n)] },
  { converter: FloatConverter, schema: Schemas.OPTIONAL_FLOAT32, values: [0, -1.5, Infinity, NaN] },
  { converter: DoubleConverter, schema: Schemas.OPTIONAL_FLOAT64, values: [0, 0.1, -1e300, NaN] },
] as const
for (const { converter, schema, values } of PRIMITIVES) {
  converterContract(converter.name, {
    converter,
    samples: [...values, null].map((value) => ({ schema, value })),
    unwritable: [{ schema: Schemas.STRING, value: 'text' }],
    unreadable: [Buffer.from([1, 2, 3])],
    nullBack: { schema, value: null },
  })
}

const STRUCT = SchemaBuilder.struct()
  .name('all')
  .field('long', Schemas.INT64)
  .field('text', Schemas.OPTIONAL_STRING)
  .field('bytes', Schemas.BYTES)
  .field('float', Schemas.FLOAT32)
  .field('array', SchemaBuilder.array(Schemas.INT32).build())
  .field('map', SchemaBuilder.map(Schemas.STRING, Schemas.BOOLEAN).build())
  .field('decimal', decimalBuilder(2).build())
  .field('date', LogicalSchemas.DATE)
  .field('timestamp', LogicalSchemas.TIMESTAMP)
  .build()
const struct = (long: number | bigint, some: string | null) => ({
  long,
  text: some,
  bytes: Buffer.from([1, 2, 250]),
  float: 1.5,
  array: [1, 2],
  map: new Map([['k', true]]),
  decimal: new Decimal(-12345n, 2),
  date: new Date(86_400_000),
  timestamp: new Date(1_600_000_000_123),
})
converterContract('JsonConverter with schemas', {
  converter: JsonConverter,
  samples: [
    { schema: STRUCT, value: struct(5, 'ü "quoted" 😀') },
    { schema: STRUCT, value: struct(2n ** 60n + 1n, null) },
    { schema: Schemas.STRING, value: 'plain' },
    { schema: Schemas.INT64, value: -(2n ** 62n) },
  ],
  unwritable: [{ schema: STRUCT, value: { long: 'no number' } }],
  unreadable: [Buffer.from('{"schema":'), Buffer.from('{"payload":1}')],
})
converterContract('JsonConverter without schemas', {
  converter: JsonConverter,
  configs: { 'schemas.enable': 'false' },
  samples: [
    { schema: null, value: { a: 1, b: 'ü', c: [1, 2.5, null], d: { e: true } } },
    { schema: null, value: { exact: 2n ** 60n + 1n } },
    { schema: null, value: 'text' },
    { schema: null, value: [1, 2] },
  ],
  unreadable: [Buffer.from('{"a":')],
})
