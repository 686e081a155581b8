// Values: text, parsing and conversions. What the reference's own Values answers is held by packages/converters' golden test.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataException } from '../../errors.ts'
import { Decimal } from '../decimal.ts'
import { decimalBuilder, LogicalSchemas } from '../logical.ts'
import { SchemaBuilder, Schemas } from '../schema-builder.ts'
import { schemaEquals } from '../schema-equals.ts'
import * as Values from '../values.ts'

process.env.TZ = 'UTC'

test('what is printed is parsed again', () => {
  const rows: readonly (readonly [unknown, ReturnType<typeof Values.inferSchema>])[] = [
    ['text', null],
    [true, null],
    [5, null],
    [2n ** 62n, null],
    [Decimal.parse('12345678901234567890'), null],
    [new Date('2024-02-29T00:00:00Z'), null],
    [new Date('2024-02-29T12:34:56.789Z'), null],
    [new Date(1), null],
    [['a "b" \\ c', 'd'], null],
    [[1, 300, -5], null],
    [
      new Map([
        ['k', 1],
        ['l', 2],
      ]),
      null,
    ],
    [[[1], [2]], null],
  ]
  for (const [value, schema] of rows) {
    const text = Values.convertToString(schema, value)
    assert.deepEqual(Values.parseString(text).value, escaped(value), `${text}`)
  }
})

/** The reference does not take escapes away when it parses quoted text. */
function escaped(value: unknown): unknown {
  return Array.isArray(value)
    ? value.map((item) => (typeof item === 'string' ? item.replace(/[\\"]/g, '\\$&') : item))
    : value
}

test('schemas are inferred from values', () => {
  const rows: readonly (readonly [unknown, ReturnType<typeof Values.inferSchema>])[] = [
    ['x', Schemas.STRING],
    [1, Schemas.INT64],
    [2n, Schemas.INT64],
    [1.5, Schemas.FLOAT64],
    [true, Schemas.BOOLEAN],
    [Buffer.alloc(1), Schemas.BYTES],
    [['a', null], SchemaBuilder.array(Schemas.OPTIONAL_STRING).build()],
    [[[1], [2]], SchemaBuilder.array(SchemaBuilder.array(Schemas.INT64).build()).build()],
    [{ a: 1 }, SchemaBuilder.map(Schemas.STRING, Schemas.INT64).build()],
    [new Map([[1, 'x']]), SchemaBuilder.map(Schemas.INT64, Schemas.STRING).build()],
    [[], null],
    [[1, 'x'], null],
    [{}, null],
    [null, null],
    [[null], null],
    [new Date(0), null],
    [Decimal.parse('1'), null],
  ]
  for (const [value, schema] of rows)
    assert.ok(
      schemaEquals(Values.inferSchema(value), schema),
      JSON.stringify(value, (_, v) => String(v)),
    )
})

test('numbers are cut as Java casts them', () => {
  assert.equal(Values.convertToByte(null, 300), 44)
  assert.equal(Values.convertToShort(null, '-32769.9'), 32_767)
  assert.equal(Values.convertToInteger(null, 2 ** 31), -2_147_483_648)
  assert.equal(Values.convertToInteger(null, -1.9), -1)
  assert.equal(Values.convertToLong(null, '9007199254740993'), 9007199254740993n)
  assert.equal(Values.convertToLong(null, 1e300), 2n ** 63n - 1n)
  assert.equal(Values.convertToLong(null, Number.NaN), 0)
  assert.equal(Values.convertToLong(null, Decimal.parse('18446744073709551617.9')), 1)
  assert.equal(Values.convertToFloat(null, '0.1'), Math.fround(0.1))
  assert.equal(Values.convertToDouble(null, 2n ** 60n), 2 ** 60)
  assert.equal(Values.convertToDouble(LogicalSchemas.TIMESTAMP, new Date(5)), 5)
  for (const convert of [Values.convertToByte, Values.convertToLong, Values.convertToDouble, Values.convertToBoolean]) {
    assert.equal(convert(null, null), null)
    assert.throws(
      () => convert(null, 'abc'),
      /^DataException: Unable to convert abc \(class java\.lang\.String\) to a number$/,
    )
  }
})

test('booleans from text and numbers', () => {
  const rows = [
    ['true', true],
    [' false ', false],
    ['0', false],
    ['-1', true],
    [0, false],
    [5n, true],
    [Decimal.parse('0.5'), false],
  ] as const
  for (const [value, wanted] of rows) assert.equal(Values.convertToBoolean(null, value), wanted)
})

test('dates, times and timestamps from one another, numbers and text', () => {
  const at = new Date('2024-02-29T12:34:56.789Z')
  assert.deepEqual(Values.convertToDate(LogicalSchemas.TIMESTAMP, at), new Date('2024-02-29T00:00:00Z'))
  assert.deepEqual(Values.convertToTime(LogicalSchemas.TIMESTAMP, at), new Date('1970-01-01T12:34:56.789Z'))
  assert.deepEqual(Values.convertToTime(LogicalSchemas.TIMESTAMP, new Date(-1)), new Date(86_399_999))
  assert.deepEqual(Values.convertToTimestamp(LogicalSchemas.DATE, new Date(86_400_000)), new Date(86_400_000))
  assert.deepEqual(Values.convertToTimestamp(null, '2024-02-29T12:34:56.789Z'), at)
  assert.deepEqual(Values.convertToDate(null, 2), new Date(2 * 86_400_000))
  assert.deepEqual(Values.convertToTime(null, '5'), new Date(5))
  for (const convert of [Values.convertToDate, Values.convertToTime, Values.convertToTimestamp]) {
    assert.throws(() => convert(null, null), /Unable to convert a null value to a schema that requires a value/)
    assert.throws(() => convert(null, true), DataException)
  }
})

test('decimals', () => {
  assert.equal(String(Values.convertToDecimal(null, '1.50', 2)), '1.50')
  assert.equal(String(Values.convertToDecimal(null, 5, 2)), '5.0')
  assert.equal(String(Values.convertToDecimal(null, 0.1, 2)), '0.1')
  assert.equal(String(Values.convertToDecimal(null, Buffer.of(150), 2)), '-1.06')
  assert.throws(() => Values.convertToDecimal(null, Number.NaN, 2), DataException)
  assert.throws(() => Values.convertToDecimal(null, 'x', 2), DataException)
})

test('lists, maps and structs', () => {
  assert.deepEqual(Values.convertToList(null, '[1,2]'), [1, 2])
  assert.deepEqual(Values.convertToMap(null, '{"a":1}'), new Map([['a', 1]]))
  assert.deepEqual(Values.convertToMap(null, { a: 1 }), new Map([['a', 1]]))
  const struct = { a: 1 }
  assert.equal(Values.convertToStruct(null, struct), struct)
  assert.throws(() => Values.convertToList(null, 'x'), DataException)
  assert.throws(() => Values.convertToMap(null, [1]), DataException)
  assert.throws(() => Values.convertToStruct(null, new Map()), DataException)
})

test('convertTo goes by the schema wanted', () => {
  assert.equal(Values.convertTo(Schemas.INT8, null, '5'), 5)
  assert.equal(Values.convertTo(Schemas.STRING, Schemas.FLOAT64, 5), '5.0')
  assert.deepEqual(Values.convertTo(LogicalSchemas.DATE, null, 1), new Date(86_400_000))
  assert.deepEqual(Values.convertTo(decimalBuilder(1).build(), null, '2.5'), Decimal.parse('2.5'))
  assert.equal(Values.convertTo(Schemas.OPTIONAL_INT8, null, null), null)
  assert.throws(() => Values.convertTo(Schemas.INT8, null, null), /Unable to convert a null value/)
  assert.throws(() => Values.convertTo(Schemas.BYTES, null, 'x'), /to Schema\{BYTES\}$/)
})

test('text that nests deeply or has a huge exponent is read in little time', () => {
  const deep = '['.repeat(20_000)
  assert.equal(Values.parseString(deep).value, deep)
  assert.equal(String(Values.parseString('1e999999999').value), '1E+999999999')
  assert.equal(Values.parseString('1e99999999999').value, '1e99999999999')
  assert.equal(Values.convertToLong(null, '1e999999999'), 0)
})

test('what is not of the data model has no text', () => {
  for (const value of [() => 1, Symbol('x'), new Set([1])]) {
    assert.throws(() => Values.convertToString(null, value), /Failed to serialize unexpected value type/)
  }
})
