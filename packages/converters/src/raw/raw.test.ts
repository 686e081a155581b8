// CBOR and MessagePack: the contract, known encodings, other implementations both ways, random data, damaged bytes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DataException,
  Decimal,
  decimalBuilder,
  LogicalSchemas,
  SchemaBuilder,
  Schemas,
  valueEquals,
} from '@millrace/api'
import { converterContract, Random, randomPlain, randomSchema, randomValue } from '@millrace/testkit'
import { decode as msgpackDecode, encode as msgpackEncode } from '@msgpack/msgpack'
import { decode as cborDecode, encode as cborEncode } from 'cborg'
import { CborConverter } from './cbor-converter.ts'
import { MessagePackConverter } from './msgpack-converter.ts'
import type { RawConverter } from './raw-converter.ts'

const STRUCT = SchemaBuilder.struct()
  .name('all')
  .field('long', Schemas.INT64)
  .field('text', Schemas.OPTIONAL_STRING)
  .field('bytes', Schemas.BYTES)
  .field('float', Schemas.FLOAT32)
  .field('double', Schemas.FLOAT64)
  .field('array', SchemaBuilder.array(Schemas.INT32).build())
  .field('map', SchemaBuilder.map(Schemas.INT32, Schemas.OPTIONAL_BOOLEAN).build())
  .field('decimal', decimalBuilder(2).build())
  .field('date', LogicalSchemas.DATE)
  .field('time', LogicalSchemas.TIME)
  .field('timestamp', LogicalSchemas.TIMESTAMP)
  .build()
const struct = (long: number | bigint, text: string | null) => ({
  long,
  text,
  bytes: Buffer.from([1, 2, 250]),
  float: 1.5,
  double: Number.NaN,
  array: [1, -2],
  map: new Map([[7, null]]),
  decimal: new Decimal(-(10n ** 30n), 2),
  date: new Date(-86_400_000),
  time: new Date(1),
  timestamp: new Date(-1),
})

for (const [name, converter] of [
  ['CborConverter', CborConverter],
  ['MessagePackConverter', MessagePackConverter],
] as const) {
  converterContract(`${name} with schemas`, {
    converter,
    configs: { 'schemas.enable': 'true' },
    samples: [
      { schema: STRUCT, value: { ...struct(5, 'ü 😀'), double: 0.1 } },
      { schema: STRUCT, value: { ...struct(2n ** 60n + 1n, null), double: -1e300 } },
      { schema: null, value: { a: 1 } },
      { schema: Schemas.INT64, value: -(2n ** 63n) },
      { schema: Schemas.OPTIONAL_STRING, value: null },
    ],
    unwritable: [
      { schema: STRUCT, value: { long: 'no number' } },
      { schema: Schemas.STRING, value: null },
    ],
    unreadable: [Buffer.alloc(0), Buffer.from([0x81]), Buffer.from([1])],
  })
  converterContract(`${name} without schemas`, {
    converter,
    samples: [
      { schema: null, value: { a: 1, b: 'ü', c: [1, 2.5, null], d: { e: true }, ['__proto__']: 1 } },
      { schema: null, value: [2n ** 63n, -(2n ** 63n), 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 32, -(2 ** 31) - 1] },
      { schema: null, value: [new Date(0), new Date(1_600_000_000_123), new Date(-1), new Date(8.64e15)] },
      {
        schema: null,
        value: new Map<unknown, unknown>([
          [1, 'x'],
          ['y', 2],
        ]),
      },
      { schema: null, value: Buffer.alloc(70_000, 7) },
      { schema: null, value: 'x'.repeat(70_000) },
    ],
    unwritable: [
      { schema: null, value: () => 1 },
      { schema: null, value: new Date(Number.NaN) },
    ],
    unreadable: [Buffer.alloc(0), Buffer.from([0xdf, 255, 255, 255, 255]), Buffer.from([1, 2])],
  })
}

function make(converter: new () => RawConverter, withSchemas: boolean): RawConverter {
  const made = new converter()
  made.configure({ 'schemas.enable': String(withSchemas) }, false)
  return made
}
const plainBytes = (converter: new () => RawConverter, value: unknown) =>
  make(converter, false).fromConnectData('t', null, null, value) as Buffer

test('CBOR is that of RFC 8949, appendix A', () => {
  const rows: [unknown, string][] = [
    [0, '00'],
    [23, '17'],
    [24, '1818'],
    [1000, '1903e8'],
    [1_000_000, '1a000f4240'],
    [1_000_000_000_000, '1b000000e8d4a51000'],
    [18_446_744_073_709_551_615n, '1bffffffffffffffff'],
    [18_446_744_073_709_551_616n, 'c249010000000000000000'],
    [-18_446_744_073_709_551_616n, '3bffffffffffffffff'],
    [-18_446_744_073_709_551_617n, 'c349010000000000000000'],
    [-1, '20'],
    [-1000, '3903e7'],
    [1.1, 'fb3ff199999999999a'],
    ['', '60'],
    ['ü', '62c3bc'],
    ['𐅑', '64f0908591'],
    [[], '80'],
    [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
    [new Date(1_363_896_240_000), 'c11a514b67b0'],
    [new Date(1_363_896_240_500), 'c1fb41d452d9ec200000'],
    [new Decimal(27_315n, 2), 'c48221196ab3'],
  ]
  const converter = make(CborConverter, false)
  for (const [value, hex] of rows) {
    assert.equal(plainBytes(CborConverter, value).toString('hex'), hex)
    assert.ok(valueEquals(converter.toConnectData('t', null, Buffer.from(hex, 'hex')).value, value), hex)
  }
  const readOnly: [string, unknown][] = [
    ['f93c00', 1],
    ['f97bff', 65_504],
    ['f90001', 2 ** -24],
    ['f9fc00', -Infinity],
    ['5f42010243030405ff', Buffer.from([1, 2, 3, 4, 5])],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    ['c074323031332d30332d32315432303a30343a30305a', new Date(1_363_896_240_000)],
    ['d818456449455446', Buffer.from('dIETF')],
    ['f7', null],
  ]
  for (const [hex, value] of readOnly) {
    const back = converter.toConnectData('t', null, Buffer.from(hex, 'hex')).value
    assert.ok(hex.startsWith('d818') || valueEquals(back, value), hex)
  }
})

test('another implementation of CBOR reads what is written, and the other way round', () => {
  const random = new Random(11)
  const converter = make(CborConverter, false)
  for (let i = 0; i < 2000; i++) {
    const value = randomPlain(random, 4)
    if (value === null) continue
    const theirs = cborDecode(plainBytes(CborConverter, value), { allowBigInt: true })
    assert.ok(valueEquals(theirs, value), `value ${i}`)
    const back = converter.toConnectData('t', null, Buffer.from(cborEncode(value, { float64: true }))).value
    assert.ok(valueEquals(back, value), `value ${i}`)
  }
})

test('another implementation of MessagePack reads what is written, and the other way round', () => {
  const random = new Random(12)
  const converter = make(MessagePackConverter, false)
  const options = { useBigInt64: true } as const
  const normal = (value: unknown): unknown => {
    if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value)
    if (Array.isArray(value)) return value.map(normal)
    if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array)
      return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, normal(item)]))
  }
  for (let i = 0; i < 2000; i++) {
    const value = randomPlain(random, 4)
    if (value === null) continue
    const bytes = plainBytes(MessagePackConverter, value)
    assert.ok(valueEquals(normal(msgpackDecode(bytes, options)), value), `value ${i}`)
    const theirs = Buffer.from(msgpackEncode(value, options))
    assert.ok(valueEquals(converter.toConnectData('t', null, theirs).value, value), `value ${i}`)
  }
  for (const ms of [0, 1, -1, 999, 1_600_000_000_123, 2 ** 32 * 1000, 2 ** 34 * 1000, -62_135_596_800_000]) {
    const bytes = plainBytes(MessagePackConverter, new Date(ms))
    assert.equal((msgpackDecode(bytes) as Date).getTime(), ms)
    assert.deepEqual(bytes, Buffer.from(msgpackEncode(new Date(ms))))
  }
})

for (const converter of [CborConverter, MessagePackConverter]) {
  test(`${converter.name} brings back random values of random schemas`, () => {
    const random = new Random(5)
    const made = make(converter, true)
    for (let i = 0; i < 1500; i++) {
      const schema = randomSchema(random, 3)
      const value = randomValue(random, schema)
      const bytes = made.fromConnectData('t', null, schema, value) as Buffer
      const back = made.toConnectData('t', null, bytes)
      assert.ok(valueEquals(back.value, value), `value ${i} of ${schema.type}`)
    }
  })

  test(`${converter.name} refuses damaged bytes with a DataException, whatever they are`, () => {
    const random = new Random(6)
    const plain = make(converter, false)
    const enveloped = make(converter, true)
    let refused = 0
    for (let i = 0; i < 6000; i++) {
      const bytes = damaged(random, plainBytes(converter, randomPlain(random, 3) ?? 0))
      for (const one of [plain, enveloped]) {
        try {
          one.toConnectData('t', null, bytes)
        } catch (error) {
          assert.ok(error instanceof DataException, String(error))
          refused++
        }
      }
    }
    assert.ok(refused > 3000)
    for (const deep of [Buffer.alloc(100_000, 0x81), Buffer.alloc(100_000, 0x91), Buffer.alloc(100_000, 0xc1)]) {
      assert.throws(() => plain.toConnectData('t', null, deep), DataException)
    }
    let nested: unknown = 1
    for (let i = 0; i < 10_000; i++) nested = [nested]
    assert.throws(() => plain.fromConnectData('t', null, null, nested), DataException)
  })
}

function damaged(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes.subarray(0, random.chance(0.3) ? random.below(bytes.length) : bytes.length))
  for (let i = random.below(4); i > 0 && copy.length > 0; i--) copy[random.below(copy.length)] = random.below(256)
  return random.chance(0.2) ? Buffer.concat([copy, random.bytes()]) : copy
}
