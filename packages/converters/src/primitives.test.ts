// String, byte array, boolean and number converters: bytes, errors, and that the direct ways agree with the slow ones.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ConfigException,
  DataException,
  Decimal,
  type RawConfig,
  type Schema,
  SchemaBuilder,
  Schemas,
  type ValueSlot,
} from '@millrace/api'
import { MemorySink, MemorySource } from '@millrace/testkit'
import type { ValueConverter } from './base.ts'
import { BooleanConverter } from './boolean-converter.ts'
import { ByteArrayConverter } from './byte-array-converter.ts'
import {
  DoubleConverter,
  FloatConverter,
  IntegerConverter,
  LongConverter,
  ShortConverter,
} from './number-converters.ts'
import { SimpleHeaderConverter } from './simple-header-converter.ts'
import { StringConverter } from './string-converter.ts'

function made<C extends ValueConverter>(Type: new () => C, configs: RawConfig = {}): C {
  const converter = new Type()
  converter.configure(configs, false)
  return converter
}

/** Bytes in hex by all three ways of writing, which must agree; null for null bytes. */
function hexOf(converter: ValueConverter, schema: Schema | null, value: unknown): string | null {
  const bytes = converter.fromConnectData('t', null, schema, value)
  const sink = new MemorySink()
  assert.equal(converter.write('t', null, schema, value, sink), bytes !== null)
  if (bytes !== null) assert.deepEqual(sink.written, Buffer.from(bytes))
  assert.deepEqual(converter.fromConnectHeader('t', 'h', schema, value), bytes)
  return bytes === null ? null : Buffer.from(bytes).toString('hex')
}

/** What all three ways of reading give, which must agree. */
function readHex(converter: ValueConverter, hex: string): ValueSlot {
  const bytes = Buffer.from(hex, 'hex')
  const slot: ValueSlot = { schema: null, value: undefined }
  converter.read('t', null, new MemorySource(bytes), slot)
  assert.deepEqual(converter.toConnectData('t', null, bytes), slot)
  assert.deepEqual(converter.toConnectHeader('t', 'h', bytes), slot)
  return slot
}

const NUMBERS = [
  [
    ShortConverter,
    Schemas.OPTIONAL_INT16,
    [
      [0, '0000'],
      [-1, 'ffff'],
      [32_767, '7fff'],
      [-32_768, '8000'],
    ],
  ],
  [
    IntegerConverter,
    Schemas.OPTIONAL_INT32,
    [
      [1, '00000001'],
      [-2_147_483_648, '80000000'],
      [2_147_483_647, '7fffffff'],
    ],
  ],
  [
    LongConverter,
    Schemas.OPTIONAL_INT64,
    [
      [0, '0000000000000000'],
      [-1, 'ffffffffffffffff'],
      [Number.MAX_SAFE_INTEGER, '001fffffffffffff'],
      [Number.MIN_SAFE_INTEGER, 'ffe0000000000001'],
      [2n ** 53n, '0020000000000000'],
      [-(2n ** 53n), 'ffe0000000000000'],
      [2n ** 63n - 1n, '7fffffffffffffff'],
      [-(2n ** 63n), '8000000000000000'],
    ],
  ],
  [
    FloatConverter,
    Schemas.OPTIONAL_FLOAT32,
    [
      [1.5, '3fc00000'],
      [-0, '80000000'],
      [Number.NaN, '7fc00000'],
    ],
  ],
  [
    DoubleConverter,
    Schemas.OPTIONAL_FLOAT64,
    [
      [1.5, '3ff8000000000000'],
      [Number.NEGATIVE_INFINITY, 'fff0000000000000'],
    ],
  ],
] as const

for (const [Type, schema, examples] of NUMBERS) {
  test(`${Type.name} writes and reads big-endian numbers`, () => {
    const converter = made<ValueConverter>(Type)
    for (const [value, hex] of examples) {
      assert.equal(hexOf(converter, null, value), hex)
      const read = readHex(converter, hex)
      assert.equal(read.schema, schema)
      assert.ok(Object.is(read.value, value), `${String(read.value)} for ${hex}`)
    }
    assert.equal(hexOf(converter, schema, null), null)
    assert.deepEqual(converter.toConnectData('t', null, null), { schema, value: null })
  })

  test(`${Type.name} refuses what is no such number`, () => {
    const converter = made<ValueConverter>(Type)
    const word = Type.name.replace('Converter', '').toLowerCase()
    assert.throws(() => hexOf(converter, null, '5'), {
      name: 'DataException',
      message: new RegExp(`^Failed to serialize to ${word} \\(was class java\\.lang\\.String\\): `),
    })
    assert.throws(() => readHex(converter, '00'), {
      name: 'DataException',
      message: new RegExp(
        `^Failed to deserialize ${word}: Size of data received by \\w+Deserializer is not \\d but 1$`,
      ),
    })
  })
}

test('numbers out of range are refused, with the number', () => {
  assert.throws(() => hexOf(made(ShortConverter), null, 32_768), /wanted an integer from -32768 to 32767, was 32768/)
  assert.throws(() => hexOf(made(IntegerConverter), null, 1.5), /was 1\.5/)
  assert.throws(() => hexOf(made(LongConverter), null, 2 ** 53), /wanted a safe integer or a bigint/)
  assert.throws(() => hexOf(made(LongConverter), null, 2n ** 63n), /was 9223372036854775808/)
})

test('a boolean is one byte', () => {
  const converter = made(BooleanConverter)
  assert.equal(hexOf(converter, Schemas.BOOLEAN, true), '01')
  assert.equal(hexOf(converter, null, false), '00')
  assert.equal(hexOf(converter, null, null), null)
  assert.deepEqual(readHex(converter, '01'), { schema: Schemas.OPTIONAL_BOOLEAN, value: true })
  assert.throws(
    () => hexOf(converter, Schemas.STRING, true),
    /^DataException: Invalid schema type for BooleanConverter: STRING$/,
  )
  assert.throws(
    () => hexOf(converter, null, 1),
    /BooleanConverter is not compatible with objects of type class java\.lang\.Long/,
  )
  assert.throws(() => readHex(converter, '02'), /Unexpected byte received by BooleanDeserializer: 2/)
  assert.throws(() => readHex(converter, '0101'), DataException)
})

test('bytes pass as they are', () => {
  const converter = made(ByteArrayConverter)
  assert.equal(hexOf(converter, Schemas.BYTES, new Uint8Array([1, 2])), '0102')
  assert.equal(hexOf(converter, null, Buffer.alloc(0)), '')
  assert.equal(hexOf(converter, null, undefined), null)
  assert.deepEqual(readHex(converter, '00ff'), { schema: Schemas.OPTIONAL_BYTES, value: Buffer.of(0, 255) })
  assert.deepEqual(converter.toConnectData('t', null, null), { schema: Schemas.OPTIONAL_BYTES, value: null })
  assert.throws(() => hexOf(converter, Schemas.STRING, 'x'), /Invalid schema type for ByteArrayConverter: STRING/)
  assert.throws(() => hexOf(converter, null, 'x'), /not compatible with objects of type class java\.lang\.String/)
})

test('strings are written in UTF-8, other values as Java prints them', () => {
  const converter = made(StringConverter)
  const text = (value: unknown, schema: Schema | null = null) =>
    Buffer.from(hexOf(converter, schema, value) ?? '', 'hex').toString()
  assert.equal(text('é 日本 😀'), 'é 日本 😀')
  assert.equal(text('lone \ud800'), 'lone ?')
  assert.equal(text(5), '5')
  assert.equal(text(5, Schemas.FLOAT64), '5.0')
  assert.equal(text(new Decimal(150n, 2)), '1.50')
  assert.equal(text(new Map([['a', 1]])), '{a=1}')
  assert.equal(text({ a: 1, b: null }), '{a=1, b=null}')
  const struct = SchemaBuilder.struct().field('a', Schemas.INT32).field('b', Schemas.OPTIONAL_STRING).build()
  assert.equal(text({ a: 1, b: null }, struct), 'Struct{a=1}')
  assert.equal(hexOf(converter, Schemas.STRING, null), null)
  assert.deepEqual(readHex(converter, '61ff62'), { schema: Schemas.OPTIONAL_STRING, value: 'a\ufffdb' })
  assert.deepEqual(readHex(converter, ''), { schema: Schemas.OPTIONAL_STRING, value: '' })
})

test('other character sets by their Java names', () => {
  const rows = [
    ['ISO-8859-1', 'é€', 'e93f'],
    ['latin1', 'é', 'e9'],
    ['US-ASCII', 'aé', '613f'],
    ['windows-1252', '€', '80'],
    ['UTF-16', 'a', 'feff0061'],
    ['UTF-16BE', '日', '65e5'],
    ['utf-16le', '😀', '3dd800de'],
    ['KOI8-R', 'Я', 'f1'],
  ] as const
  for (const [encoding, text, hex] of rows) {
    const converter = made(StringConverter, { 'converter.encoding': encoding })
    assert.equal(hexOf(converter, null, text), hex, encoding)
    const back = readHex(converter, hex).value
    assert.equal(back, hex.includes('3f') ? text.replace(/[^a]$/, '?') : text, encoding)
  }
})

test('an unknown character set is a configuration error that names the near ones', () => {
  assert.throws(
    () => made(StringConverter, { 'converter.encoding': 'UTF-9' }),
    (error) => error instanceof ConfigException && /UTF-9.*did you mean.*UTF-8/.test(error.message),
  )
})

test('converter.type is checked where it is given, and implied where it is not', () => {
  const converter = new StringConverter()
  converter.configure({})
  converter.configure({ 'converter.type': 'header' })
  assert.throws(() => converter.configure({ 'converter.type': 'body' }), /String must be one of: key, value, header/)
})

test('SimpleHeaderConverter writes text and reads what the text suggests', () => {
  const converter = new SimpleHeaderConverter()
  converter.configure({})
  const write = (value: unknown, schema: Schema | null = null) =>
    converter.fromConnectHeader('t', 'h', schema, value)?.toString() ?? null
  assert.equal(write(null), null)
  assert.equal(write('a "b"'), 'a "b"')
  assert.equal(write([1, 'a']), '[1,"a"]')
  assert.equal(write(1, Schemas.FLOAT32), '1.0')
  assert.deepEqual(converter.toConnectHeader('t', 'h', null), { schema: null, value: null })
  assert.deepEqual(converter.toConnectHeader('t', 'h', Buffer.from('5')), { schema: Schemas.INT8, value: 5 })
  assert.deepEqual(converter.toConnectHeader('t', 'h', Buffer.from('text/plain')).value, 'text/plain')
})
