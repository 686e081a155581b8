// Projection of values between schemas.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SchemaProjectorException } from '../errors.ts'
import { Decimal } from './decimal.ts'
import { decimalBuilder, LogicalSchemas } from './logical.ts'
import type { Schema } from './schema.ts'
import { SchemaBuilder, Schemas } from './schema-builder.ts'
import { projectSchema } from './schema-projector.ts'

test('numbers go to wider types', () => {
  assert.equal(projectSchema(Schemas.INT8, 5, Schemas.INT64), 5)
  assert.equal(projectSchema(Schemas.INT64, 2n ** 60n, Schemas.FLOAT64), 2 ** 60)
  assert.equal(projectSchema(Schemas.INT64, 16_777_217, Schemas.FLOAT32), 16_777_216)
  assert.equal(projectSchema(Schemas.INT64, 2n ** 60n, Schemas.INT64), 2n ** 60n)
  for (const [source, target] of [
    [Schemas.INT16, Schemas.INT8],
    [Schemas.FLOAT32, Schemas.INT64],
    [Schemas.INT8, Schemas.STRING],
    [Schemas.BOOLEAN, Schemas.INT8],
  ] as const) {
    assert.throws(() => projectSchema(source, 1, target), {
      name: 'SchemaProjectorException',
      message: `Schema type mismatch. source type: ${source.type} and target type: ${target.type}`,
    })
  }
})

test('names and parameters must be equal', () => {
  assert.throws(
    () => projectSchema(Schemas.INT32, 1, LogicalSchemas.DATE),
    /^SchemaProjectorException: Schema name mismatch\. source name: null/,
  )
  assert.throws(
    () => projectSchema(decimalBuilder(1).build(), null, decimalBuilder(2).build()),
    /Schema parameters not equal\. source parameters: \{scale=1\} and target parameters: \{scale=2\}/,
  )
  const value = Decimal.parse('1.5')
  assert.equal(projectSchema(decimalBuilder(1).build(), value, decimalBuilder(1).build()), value)
})

test('null needs a default where the target is required', () => {
  const withDefault = SchemaBuilder.int32().default(7).build()
  assert.equal(projectSchema(Schemas.OPTIONAL_INT32, null, withDefault), 7)
  assert.equal(projectSchema(Schemas.OPTIONAL_INT32, 5, withDefault), 5)
  assert.equal(projectSchema(Schemas.OPTIONAL_INT32, null, Schemas.OPTIONAL_INT64), null)
  assert.throws(() => projectSchema(Schemas.OPTIONAL_INT32, 5, Schemas.INT32), /Writer schema is optional, however/)
})

test('structs by field name, with defaults for new fields', () => {
  const source = SchemaBuilder.struct()
    .field('a', Schemas.INT8)
    .field('gone', Schemas.STRING)
    .field('d', SchemaBuilder.int32().optional().default(3).build())
    .build()
  const target = SchemaBuilder.struct()
    .field('new', SchemaBuilder.string().default('n').build())
    .field('maybe', Schemas.OPTIONAL_STRING)
    .field('a', Schemas.INT32)
    .field('d', SchemaBuilder.int32().optional().default(3).build())
    .build()
  const projected = projectSchema(source, { a: 1, gone: 'x', d: null }, target)
  assert.deepEqual(projected, { new: 'n', maybe: null, a: 1, d: 3 })
  assert.deepEqual(Object.keys(projected as object), ['new', 'maybe', 'a', 'd'])
  const stricter = SchemaBuilder.struct().field('must', Schemas.INT8).build()
  assert.throws(
    () => projectSchema(source, { a: 1, gone: 'x' }, stricter),
    /Required field `must` is missing from source schema: Schema\{STRUCT\}/,
  )
})

test('an error names the field, and keeps its cause', () => {
  const nest = (schema: Schema) =>
    SchemaBuilder.struct().field('x', SchemaBuilder.struct().field('y', schema).build()).build()
  assert.throws(
    () => projectSchema(nest(Schemas.STRING), { x: { y: 'a' } }, nest(Schemas.INT8)),
    (error) =>
      error instanceof SchemaProjectorException &&
      error.message.startsWith('Error projecting x: Error projecting y: Schema type mismatch') &&
      error.cause instanceof SchemaProjectorException,
  )
})

test('lists and maps member by member', () => {
  const [list, wider] = [SchemaBuilder.array(Schemas.INT64).build(), SchemaBuilder.array(Schemas.FLOAT64).build()]
  assert.deepEqual(projectSchema(list, [1, 2n ** 60n], wider), [1, 2 ** 60])
  const map = SchemaBuilder.map(Schemas.INT8, Schemas.STRING).build()
  assert.deepEqual(
    projectSchema(map, new Map([[1, 'a']]), SchemaBuilder.map(Schemas.INT64, Schemas.STRING).build()),
    new Map([[1, 'a']]),
  )
  assert.throws(() => projectSchema(list, 'x', wider), /Invalid type for ARRAY: class java\.lang\.String/)
})
