// CSV: the contract, quoting both ways, columns of all types, and lines that are none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigException, DataException, Decimal, SchemaBuilder, Schemas, valueEquals } from '@millrace/api'
import { converterContract, Random } from '@millrace/testkit'
import { CsvConverter } from './csv-converter.ts'

const COLUMNS =
  'id:int64, name, price:decimal(2), score:float64, ok:boolean, day:date, at:time, seen:timestamp, raw:bytes'
const made = (configs: Record<string, string> = {}): CsvConverter => {
  const converter = new CsvConverter()
  converter.configure(configs, false)
  return converter
}
const typed = made({ 'csv.columns': COLUMNS })
const SCHEMA = typed.toConnectData('t', null, Buffer.from('1')).schema
const row = (id: number | bigint, name: string | null) => ({
  id,
  name,
  price: new Decimal(-12345n, 2),
  score: 0.1,
  ok: true,
  day: new Date(-86_400_000),
  at: new Date(3_723_004),
  seen: new Date(-1),
  raw: Buffer.from([0, 255]),
})

converterContract('CsvConverter with columns', {
  converter: CsvConverter,
  configs: { 'csv.columns': COLUMNS },
  samples: [
    { schema: SCHEMA, value: row(1, 'plain') },
    { schema: SCHEMA, value: row(2n ** 62n + 1n, 'a,"b"\r\nü 😀') },
    { schema: SCHEMA, value: row(-5, '') },
    { schema: SCHEMA, value: { ...row(-5, null), score: Number.NaN, ok: null, raw: null } },
  ],
  unwritable: [
    { schema: SCHEMA, value: { id: 'x' } },
    { schema: SCHEMA, value: [1] },
    { schema: Schemas.STRING, value: null },
  ],
  unreadable: ['x', '1,"a', '1,"a"b', '9223372036854775808', '1,a,1.234', `${'1,'.repeat(9)}2`, '1\n2'].map((text) =>
    Buffer.from(text),
  ),
})
converterContract('CsvConverter without columns', {
  converter: CsvConverter,
  configs: { 'csv.separator': '\\t', 'csv.null': '\\N' },
  samples: [
    { schema: null, value: ['a', null, '', '\\N', 'b\tc', '"', '\n'] },
    {
      schema: null,
      value: { a: 1, b: 2n ** 60n, c: [1, { d: 2 }] },
      back: { schema: null, value: ['1', '1152921504606846976', '[1,{"d":2}]'].map((one) => one) },
    },
    { schema: Schemas.INT32, value: 5, back: { schema: null, value: ['5'] } },
  ],
  unwritable: [{ schema: null, value: () => 1 }],
})

test('a struct is written in its own order, nested values as JSON', () => {
  const schema = SchemaBuilder.struct()
    .field('b', Schemas.OPTIONAL_STRING)
    .field('a', SchemaBuilder.array(Schemas.INT32).build())
    .field('f', Schemas.FLOAT32)
    .build()
  const value = { b: null, a: [1, 2], f: 1 }
  assert.equal(String(made().fromConnectData('t', null, schema, value)), ',"[1,2]",1.0')
  assert.equal(
    String(made({ 'csv.header.row': 'true' }).fromConnectData('t', null, schema, value)),
    'b,a,f\n,"[1,2]",1.0',
  )
  assert.equal(String(made({ 'csv.columns': 'f,none,b' }).fromConnectData('t', null, schema, value)), '1.0,,')
})

test('a header row decides which cell is which column', () => {
  const converter = made({ 'csv.columns': 'a:int32,b', 'csv.header.row': 'true', 'schemas.enable': 'false' })
  const { schema, value } = converter.toConnectData('t', null, Buffer.from('b,x,a\r\none,two,3\r\n'))
  assert.equal(schema, null)
  assert.deepEqual(value, { a: 3, b: 'one' })
})

test('columns and marks are checked when configured', () => {
  for (const configs of [
    { 'csv.columns': 'a:int' },
    { 'csv.columns': 'a:decimal' },
    { 'csv.columns': ':int32' },
    { 'csv.separator': '"' },
    { 'csv.quote': '' },
    { 'csv.separator': '\n' },
  ]) {
    assert.throws(() => made(configs), ConfigException, JSON.stringify(configs))
  }
})

test('cells of any text come back, and damaged lines are read or refused', () => {
  const random = new Random(3)
  for (const configs of [{}, { 'csv.separator': '||', 'csv.quote': "'", 'csv.null': 'null' }]) {
    const converter = made(configs)
    for (let i = 0; i < 2000; i++) {
      const cells = random.list(1 + random.below(5), () =>
        random.chance(0.2)
          ? null
          : random
              .list(random.below(4), () => random.pick(['a', ',', '"', "'", '|', '\n', '\r', 'null', ' ']))
              .join(''),
      )
      const bytes = converter.fromConnectData('t', null, null, cells) as Buffer
      assert.ok(valueEquals(converter.toConnectData('t', null, bytes).value, cells), JSON.stringify(cells))
      bytes[random.below(bytes.length)] = random.pick([0x22, 0x2c, 0x0a, 0xff])
      try {
        typed.toConnectData('t', null, bytes)
      } catch (error) {
        assert.ok(error instanceof DataException, String(error))
      }
    }
  }
})
