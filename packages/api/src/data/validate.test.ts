// Validation of values, and the encodings of the logical types.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataException } from '../errors.ts'
import { Decimal } from './decimal.ts'
import * as logical from './logical.ts'
import type { Schema } from './schema.ts'
import { SchemaBuilder, Schemas } from './schema-builder.ts'
import { validateValue } from './validate.ts'

const { LogicalSchemas } = logical
const struct = SchemaBuilder.struct()
  .field('a', Schemas.INT32)
  .field('b', SchemaBuilder.string().default('x').build())
  .build()

test('values that fit', () => {
  const rows: readonly (readonly [Schema, unknown])[] = [
    [Schemas.INT8, -128],
    [Schemas.INT16, 32_767],
    [Schemas.INT32, 0],
    [Schemas.INT64, Number.MAX_SAFE_INTEGER],
    [Schemas.INT64, 2n ** 63n - 1n],
    [Schemas.FLOAT32, Number.NaN],
    [Schemas.FLOAT64, 1],
    [Schemas.BOOLEAN, false],
    [Schemas.STRING, ''],
    [Schemas.BYTES, new Uint8Array(0)],
    [Schemas.OPTIONAL_STRING, null],
    [Schemas.OPTIONAL_STRING, undefined],
    [SchemaBuilder.array(Schemas.INT8).build(), [1, 2]],
    [SchemaBuilder.array(null).build(), [1, 'x']],
    [SchemaBuilder.map(Schemas.STRING, Schemas.OPTIONAL_INT8).build(), new Map([['a', null]])],
    [struct, { a: 1, b: 'y' }],
    [struct, { a: 1 }],
    [LogicalSchemas.DATE, new Date(0)],
    [logical.decimalBuilder(2).build(), Decimal.parse('1.00')],
  ]
  for (const [schema, value] of rows) validateValue(schema, value)
  validateValue(null, null)
})

test('values that do not, in the words of the reference', () => {
  const rows: readonly (readonly [Schema | null, unknown, string])[] = [
    [Schemas.INT8, 128, 'Invalid Java object for schema with type INT8: class java.lang.Long (128) for value'],
    [Schemas.INT32, '5', 'Invalid Java object for schema with type INT32: class java.lang.String for value'],
    [
      Schemas.INT64,
      2 ** 53,
      'Invalid Java object for schema with type INT64: class java.lang.Long (9007199254740992) for value',
    ],
    [
      Schemas.INT64,
      2n ** 63n,
      'Invalid Java object for schema with type INT64: class java.lang.Long (9223372036854775808) for value',
    ],
    [Schemas.STRING, null, 'Invalid value: null used for required value, schema type: STRING'],
    [struct, { b: 'x' }, 'Invalid value: null used for required field: "a", schema type: INT32'],
    [struct, { a: 'x' }, 'Invalid Java object for schema with type INT32: class java.lang.String for field: "a"'],
    [struct, [], 'Invalid Java object for schema with type STRUCT: class java.util.ArrayList for value'],
    [struct, new Date(0), 'Invalid Java object for schema with type STRUCT: class java.util.Date for value'],
    [
      struct,
      Decimal.parse('1'),
      'Invalid Java object for schema with type STRUCT: class java.math.BigDecimal for value',
    ],
    [
      LogicalSchemas.DATE,
      5,
      'Invalid Java object for schema "org.apache.kafka.connect.data.Date" with type INT32: class java.lang.Long (5) for value',
    ],
    [
      SchemaBuilder.array(Schemas.INT8).build(),
      ['x'],
      'Invalid Java object for schema with type INT8: class java.lang.String for element of array value',
    ],
    [
      SchemaBuilder.map(Schemas.STRING, Schemas.INT8).build(),
      new Map([[1, 1]]),
      'Invalid Java object for schema with type STRING: class java.lang.Long (1) for key of map value',
    ],
    [
      SchemaBuilder.map(Schemas.STRING, Schemas.INT8).build(),
      new Map([['a', null]]),
      'Invalid value: null used for required value of map value, schema type: INT8',
    ],
    [null, 5, 'No schema defined for value'],
  ]
  for (const [schema, value, message] of rows) {
    assert.throws(() => validateValue(schema, value), { name: 'DataException', message })
  }
})

test('logical types and back', () => {
  const schema = logical.decimalBuilder(2).build()
  assert.equal(logical.decimalToBytes(schema, Decimal.parse('1.50')).toString('hex'), '0096')
  assert.equal(String(logical.decimalFromBytes(schema, Buffer.from('0096', 'hex'))), '1.50')
  assert.throws(() => logical.decimalToBytes(schema, Decimal.parse('1.5')), /Schema has scale 2, value has scale 1\./)
  assert.throws(() => logical.decimalScale(Schemas.BYTES), /scale parameter not found/)
  assert.throws(
    () => logical.decimalScale(SchemaBuilder.bytes().parameter('scale', 'x').build()),
    /Invalid scale parameter.*x/,
  )
  assert.equal(logical.dateToDays(new Date('1969-12-31T00:00:00Z')), -1)
  assert.equal(logical.dateFromDays(19_000).toISOString(), '2022-01-08T00:00:00.000Z')
  assert.throws(() => logical.dateToDays(new Date(1)), DataException)
  assert.equal(logical.timeToMillis(logical.timeFromMillis(86_400_000)), 86_400_000)
  for (const ms of [-1, 86_400_001]) assert.throws(() => logical.timeFromMillis(ms), DataException)
  assert.throws(() => logical.timeToMillis(new Date(86_400_001)), DataException)
  assert.equal(logical.timestampToMillis(logical.timestampFromMillis(5n)), 5)
  assert.throws(() => logical.timestampFromMillis(9_000_000_000_000_000), /Timestamp out of range: 9000000000000000/)
})
