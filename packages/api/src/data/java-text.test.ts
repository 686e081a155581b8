// Java's text of numbers and values. The examples of numbers are those of the JDK's own tests and documentation.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decimal } from './decimal.ts'
import { dateToString, doubleToString, floatToString, javaClassOf, valueToString } from './java-text.ts'
import { SchemaBuilder, Schemas } from './schema-builder.ts'

process.env.TZ = 'UTC'

test('doubles', () => {
  const rows = [
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-1.5, '-1.5'],
    [0.001, '0.001'],
    [0.00099, '9.9E-4'],
    [9_999_999, '9999999.0'],
    [1e7, '1.0E7'],
    [12_345_678.9, '1.23456789E7'],
    [1e21, '1.0E21'],
    [2e23, '2.0E23'],
    [4.9e-324, '4.9E-324'],
    [1e-323, '9.9E-324'],
    [Number.MAX_VALUE, '1.7976931348623157E308'],
    [2 ** -44, '5.684341886080802E-14'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [8.41e21, '8.41E21'],
    [2.0e-3, '0.002'],
    [1e-5, '1.0E-5'],
    [100, '100.0'],
  ] as const
  for (const [value, text] of rows) assert.equal(doubleToString(value), text)
})

test('singles', () => {
  const rows = [
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [0.1, '0.1'],
    [1.1, '1.1'],
    [3.4028235e38, '3.4028235E38'],
    [1.4e-45, '1.4E-45'],
    [1.17549435e-38, '1.1754944E-38'],
    [16_777_216, '1.6777216E7'],
    [9_999_999, '9999999.0'],
    [0.001, '0.001'],
    [2 ** -44, '5.684342E-14'],
    [481_145.625, '481145.62'],
    [48_928_608, '4.892861E7'],
    [2 ** -96, '1.2621775E-29'],
    [1e10, '1.0E10'],
    [33_554_432, '3.3554432E7'],
    [2.4414062e-4, '2.4414062E-4'],
    [Number.NaN, 'NaN'],
    [1e39, 'Infinity'],
  ] as const
  for (const [value, text] of rows) assert.equal(floatToString(value), text, `${value}`)
})

test('random numbers read back as they were, in the fewest digits', () => {
  const view = new DataView(new ArrayBuffer(8))
  let state = 7
  const word = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0)
  for (let round = 0; round < 20_000; round++) {
    view.setUint32(0, word())
    view.setUint32(4, word())
    const [double, single] = [view.getFloat64(0), view.getFloat32(0)]
    assert.ok(Object.is(Number(doubleToString(double)), double))
    assert.ok(Object.is(Math.fround(Number(floatToString(single))), single))
    if (!Number.isFinite(single)) continue
    const digits = floatToString(single)
      .replace(/E.*|[-.]/g, '')
      .replace(/^0+|0+$/g, '').length
    assert.ok(digits <= 9)
    if (digits > 2) assert.notEqual(Math.fround(Number(single.toPrecision(digits - 1))), single)
  }
})

test('values', () => {
  const struct = SchemaBuilder.struct()
    .field('a', Schemas.FLOAT64)
    .field('b', Schemas.OPTIONAL_STRING)
    .field('c', SchemaBuilder.array(Schemas.FLOAT32).build())
    .build()
  assert.equal(valueToString({ a: 1, b: null, c: [1, 0.1] }, struct), 'Struct{a=1.0,c=[1.0, 0.1]}')
  assert.equal(
    valueToString(
      new Map<unknown, unknown>([
        ['a', 1],
        [null, [true, null]],
      ]),
    ),
    '{a=1, null=[true, null]}',
  )
  assert.equal(valueToString({ a: 1.5, b: { c: 'x' } }), '{a=1.5, b={c=x}}')
  assert.equal(valueToString('as it is'), 'as it is')
  assert.equal(valueToString(12_345_678), '12345678')
  assert.equal(valueToString(2n ** 60n, Schemas.INT64), '1152921504606846976')
  assert.equal(valueToString(Decimal.parse('1E+3')), '1E+3')
  assert.equal(valueToString(null), 'null')
  assert.equal(valueToString(new Date(0)), 'Thu Jan 01 00:00:00 UTC 1970')
  assert.equal(dateToString(new Date('2024-02-29T23:59:58.999Z')), 'Thu Feb 29 23:59:58 UTC 2024')
  assert.match(valueToString(Buffer.from('x')), /^\[B@[0-9a-f]+$/)
})

test('classes', () => {
  const rows = [
    ['x', 'java.lang.String'],
    [true, 'java.lang.Boolean'],
    [1, 'java.lang.Long'],
    [1.5, 'java.lang.Double'],
    [1n, 'java.lang.Long'],
    [Buffer.alloc(0), '[B'],
    [[], 'java.util.ArrayList'],
    [new Map(), 'java.util.HashMap'],
    [{}, 'java.util.HashMap'],
    [new Date(0), 'java.util.Date'],
    [Decimal.parse('1'), 'java.math.BigDecimal'],
    [new Set(), 'Set'],
  ] as const
  for (const [value, name] of rows) assert.equal(javaClassOf(value), name)
  assert.equal(javaClassOf(1, Schemas.INT8), 'java.lang.Byte')
  assert.equal(javaClassOf({}, SchemaBuilder.struct().build()), 'org.apache.kafka.connect.data.Struct')
})
