// JsonConverter beyond what the golden answers show: exact numbers, defaults, caches, places in errors, what it does better.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ConfigException,
  DataException,
  Decimal,
  decimalBuilder,
  type RawConfig,
  type Schema,
  SchemaBuilder,
  Schemas,
  schemaEquals,
  type ValueSlot,
} from '@millrace/api'
import { MemorySink, MemorySource } from '@millrace/testkit'
import { JsonConverter } from './json-converter.ts'

const PLAIN = { 'schemas.enable': 'false' }

function made(configs: RawConfig = {}, isKey = false): JsonConverter {
  const converter = new JsonConverter()
  converter.configure(configs, isKey)
  return converter
}

function text(converter: JsonConverter, schema: Schema | null, value: unknown): string {
  const bytes = Buffer.from(converter.fromConnectData('t', null, schema, value) as Uint8Array)
  const sink = new MemorySink()
  assert.ok(converter.write('t', null, schema, value, sink))
  assert.deepEqual(sink.written, bytes)
  return bytes.toString()
}

function read(converter: JsonConverter, json: string): ValueSlot {
  const slot: ValueSlot = { schema: null, value: undefined }
  converter.read('t', null, new MemorySource(Buffer.from(json)), slot)
  assert.deepEqual(converter.toConnectData('t', null, Buffer.from(json)), slot)
  return slot
}

test('integers keep all digits without a schema, in both directions', () => {
  const converter = made(PLAIN)
  const json =
    '{"a":9007199254740993,"b":[-9223372036854775808,18446744073709551615],"c":1700000000000000000,"d":9007199254740991}'
  const { value } = read(converter, json)
  assert.deepEqual(value, {
    a: 9007199254740993n,
    b: [-9223372036854775808n, 18446744073709551615n],
    c: 1700000000000000000n,
    d: 9007199254740991,
  })
  assert.equal(text(converter, null, value), json)
})

test('digits in strings, names and fractions are no integers', () => {
  const long = 12345678901234567890n
  const rows: readonly (readonly [json: string, value: unknown])[] = [
    ['{"a":"12345678901234567890"}', { a: '12345678901234567890' }],
    ['{"12345678901234567890":1}', { '12345678901234567890': 1 }],
    ['{"a":"x, 12345678901234567890 ,y","b":12345678901234567890}', { a: 'x, 12345678901234567890 ,y', b: long }],
    ['{"a":"x:[12345678901234567890]"}', { a: 'x:[12345678901234567890]' }],
    ['{"a":0.1234567890123456}', { a: 0.1234567890123456 }],
    ['["\u009f1",12345678901234567890]', ['\u009f1', long]],
    ['["\\u009f1",12345678901234567890]', ['\u009f1', long]],
    ['["\\\\",12345678901234567890]', ['\\', long]],
    ['12345678901234567890', long],
    ['[12345678901234567890,12345678901234567890]', [long, long]],
  ]
  for (const [json, value] of rows) assert.deepEqual(read(made(PLAIN), json).value, value, json)
})

test('decimals keep their digits, and their own scale, as numbers', () => {
  const schema = SchemaBuilder.struct()
    .field('price', decimalBuilder(2).build())
    .field('rate', Schemas.FLOAT64)
    .field('count', Schemas.INT32)
    .build()
  const numeric = made({ 'decimal.format': 'NUMERIC' })
  const price = Decimal.parse('123456789012345678901234567890.10')
  const json = text(numeric, schema, { price, rate: 1.5, count: 3 })
  assert.match(json, /"price":123456789012345678901234567890\.10,"rate":1\.5,"count":3\}\}$/)
  assert.deepEqual(read(numeric, json).value, { price, rate: 1.5, count: 3 })
  const integral = json.replace('123456789012345678901234567890.10', '5').replace('"rate":1.5', '"rate":2e0')
  assert.deepEqual(read(numeric, integral).value, { price: new Decimal(5n, 0), rate: 2, count: 3 })
})

test('a value read again has the same schema object, also when schemas take turns', () => {
  const converter = made()
  const texts = Array.from({ length: 12 }, (_, at) => {
    const schema = SchemaBuilder.struct().name(`s${at}`).field('a', Schemas.INT32).build()
    return text(converter, schema, { a: at })
  })
  const first = texts.map((json) => read(converter, json).schema)
  const again = texts.map((json) => read(converter, json).schema)
  for (const [at, schema] of first.entries()) assert.equal(again[at], schema)
})

test('schemas.cache.size=0 keeps no schemas and loses no records', () => {
  const converter = made({ 'schemas.cache.size': '0' })
  for (const type of [Schemas.INT32, Schemas.STRING, Schemas.INT32]) {
    const value = type === Schemas.INT32 ? 5 : 'x'
    assert.deepEqual(read(converter, text(converter, type, value)).value, value)
  }
})

test('envelopes in any order and with any white space', () => {
  const converter = made()
  for (const json of [
    '{"schema":{"type":"int32"},"payload":5}',
    '{"payload":5,"schema":{"type":"int32"}}',
    ' {\n "schema" : { "type" : "int32" } , "payload" : 5 }\n',
    '{"schema":{"doc":",\\"payload\\":","type":"int32"},"payload":5}',
    '{"\\u0073chema":{"type":"int32"},"payload":5}',
  ]) {
    assert.equal(read(converter, json).value, 5, json)
    assert.equal(read(converter, json).schema?.type, 'INT32', json)
  }
  for (const json of [
    '{"schema":null,"payload":5,"x":1}',
    '{"schema":null}',
    '5',
    '{"schema":null,"payload":1,"payload":2,"x":3}',
  ]) {
    assert.throws(() => read(converter, json), /requires "schema" and "payload" fields/, json)
  }
})

test('a struct that arrives in another order is read in the order of its schema', () => {
  const converter = made()
  const schema = SchemaBuilder.struct().field('b', Schemas.INT32).field('a', Schemas.OPTIONAL_INT32).build()
  const prefix = text(converter, schema, { b: 1, a: 2 }).replace(/\{"b":1,"a":2\}\}$/, '')
  for (const payload of ['{"a":2,"b":1}', '{"b":1,"a":2}', '{"x":0,"a":2,"b":1}', '{"b":1}']) {
    assert.deepEqual(Object.keys(read(converter, `${prefix}${payload}}`).value as object), ['b', 'a'], payload)
  }
})

test('a default of a struct, which the reference cannot read', () => {
  const converter = made()
  const inner = SchemaBuilder.struct().field('a', Schemas.INT32).optional().default({ a: 1 }).build()
  const schema = SchemaBuilder.struct().field('inner', inner).build()
  const json = text(converter, schema, { inner: null })
  assert.match(json, /"payload":\{"inner":\{"a":1\}\}\}$/)
  const back = read(converter, json)
  assert.ok(schemaEquals(back.schema, schema))
  assert.deepEqual(
    read(made({ 'replace.null.with.default': 'false' }), json.replace('"inner":{"a":1}}}', '"inner":null}}')).value,
    { inner: null },
  )
})

test('NaN and the infinities come back as they went', () => {
  const converter = made()
  for (const schema of [Schemas.FLOAT32, Schemas.FLOAT64]) {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]) {
      assert.ok(Object.is(read(converter, text(converter, schema, value)).value, value))
    }
  }
})

test('a map may be a plain object, and names that reach prototypes are only names', () => {
  const converter = made()
  assert.match(
    text(converter, SchemaBuilder.map(Schemas.STRING, Schemas.INT32).build(), { a: 1 }),
    /"payload":\{"a":1\}\}$/,
  )
  const schema = SchemaBuilder.struct().field('__proto__', Schemas.INT32).field('constructor', Schemas.STRING).build()
  const value = Object.fromEntries([
    ['__proto__', 5],
    ['constructor', 'x'],
  ])
  const back = read(converter, text(converter, schema, value)).value as object
  assert.deepEqual(Object.entries(back), [
    ['__proto__', 5],
    ['constructor', 'x'],
  ])
  assert.equal(Object.getPrototypeOf(back), Object.prototype)
  assert.deepEqual(
    Object.entries(read(made(PLAIN), '{"__proto__":{"x":1},"constructor":12345678901234567890}').value as object),
    [
      ['__proto__', { x: 1 }],
      ['constructor', 12345678901234567890n],
    ],
  )
})

test('a key has the escapes of the reference, a value those of JSON.stringify', () => {
  const value = { a: '\u001f😀\\u001f' }
  assert.equal(text(made(PLAIN, true), null, value), '{"a":"\\u001F\\uD83D\\uDE00\\\\u001f"}')
  assert.equal(text(made(PLAIN), null, value), '{"a":"\\u001f😀\\\\u001f"}')
  assert.deepEqual(read(made(PLAIN), '{"a":"\\u001F\\uD83D\\uDE00\\\\u001f"}').value, value)
})

test('values without a type in Connect are refused', () => {
  const converter = made(PLAIN)
  for (const value of [
    new Date(0),
    new Decimal(1n, 0),
    new Set([1]),
    () => 1,
    Symbol('x'),
    2n ** 64n,
    new Error('x'),
    /x/,
  ]) {
    assert.throws(() => text(converter, null, { a: value }), /does not have corresponding schema type/, String(value))
  }
})

test('instances of classes are maps of their own properties', () => {
  class Row {
    a = 1
    b = [2n]
  }
  assert.equal(text(made(PLAIN), null, new Row()), '{"a":1,"b":[2]}')
  assert.equal(text(made(PLAIN), null, Object.assign(Object.create(null), { x: undefined, y: null })), '{"y":null}')
})

test('values nested without end are a DataException', () => {
  const loop: Record<string, unknown> = {}
  loop.self = loop
  assert.throws(() => text(made(PLAIN), null, loop), /^DataException: Converting Kafka Connect data to byte\[\] failed/)
  assert.throws(() => read(made(), `${'['.repeat(100_000)}`), DataException)
  assert.throws(() => read(made(PLAIN), `${'['.repeat(100_000)}`), /nesting depth exceeds/)
})

test('an error says where in the value it is', () => {
  const schema = SchemaBuilder.struct()
    .field('rows', SchemaBuilder.array(SchemaBuilder.struct().field('id', Schemas.INT32).build()).build())
    .field('tags', SchemaBuilder.map(Schemas.STRING, Schemas.BYTES).optional().build())
    .build()
  const converter = made()
  assert.throws(() => text(converter, schema, { rows: [{ id: 1 }, { id: 'x' }], tags: null }), {
    name: 'DataException',
    message: 'Invalid type for INT32: class java.lang.String (at rows[1].id)',
  })
  assert.throws(() => text(converter, schema, { rows: [], tags: new Map([['k', 5]]) }), /\(at tags\["k"\]\)$/)
  const json = text(converter, schema, { rows: [{ id: 1 }], tags: new Map([['k', Buffer.from('x')]]) })
  assert.throws(
    () => read(converter, json.replace('"eA=="', '"!"')),
    /^DataException: Invalid bytes field.*\(at tags\["k"\]\)$/,
  )
  assert.throws(
    () => read(converter, json.replace('{"id":1}', '{"id":null}')),
    /Invalid null value for required INT32 field \(at rows\[0\]\.id\)$/,
  )
})

test('an integer that a number cannot hold is refused, not rounded', () => {
  assert.throws(
    () => text(made(), Schemas.INT64, 2 ** 53),
    /Invalid type for INT64: class java\.lang\.Long \(value 9007199254740992\)/,
  )
  assert.throws(() => text(made(), Schemas.INT8, 128), DataException)
})

test('a schema of its own for messages without one', () => {
  const content = '{"type":"struct","fields":[{"field":"a","type":"int64"}]}'
  const converter = made({ 'schema.content': content })
  const { schema, value } = read(converter, '{"a":9007199254740993}')
  assert.equal(schema?.type, 'STRUCT')
  assert.deepEqual(value, { a: 9007199254740993n })
  assert.deepEqual(read(made({ 'schema.content': '', ...PLAIN }), '{"a":1}').value, { a: 1 })
  assert.throws(
    () => made({ 'schema.content': '{"type":"intt"}' }),
    (error) =>
      error instanceof ConfigException && error.context.configKey === 'schema.content' && /intt/.test(error.message),
  )
})

test('tombstones', () => {
  for (const converter of [made(), made(PLAIN)]) {
    assert.equal(converter.fromConnectData('t', null, null, null), null)
    assert.equal(converter.write('t', null, null, null, new MemorySink()), false)
    assert.deepEqual(converter.toConnectData('t', null, null), { schema: null, value: null })
  }
  assert.equal(text(made(PLAIN), Schemas.OPTIONAL_STRING, null), 'null')
})
