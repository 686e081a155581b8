// Schemas: building, lookup, equality of schemas and values.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SchemaBuilderException } from '../errors.ts'
import { Decimal } from './decimal.ts'
import { decimalBuilder, LogicalSchemas } from './logical.ts'
import { fieldOf, isPrimitive, type Schema, schemaToString } from './schema.ts'
import { SchemaBuilder, Schemas } from './schema-builder.ts'
import { schemaEquals, valueEquals } from './schema-equals.ts'

const person = () =>
  SchemaBuilder.struct()
    .name('Person')
    .version(2)
    .doc('somebody')
    .parameter('a', '1')
    .field('id', Schemas.INT64)
    .field('tags', SchemaBuilder.array(Schemas.STRING).optional().build())

test('a built schema has all attributes, and is frozen', () => {
  const schema = person().build()
  assert.deepEqual(
    { ...schema, fields: schema.fields.map((field) => [field.name, field.index, field.schema.type]) },
    {
      type: 'STRUCT',
      optional: false,
      defaultValue: undefined,
      name: 'Person',
      version: 2,
      doc: 'somebody',
      parameters: new Map([['a', '1']]),
      fields: [
        ['id', 0, 'INT64'],
        ['tags', 1, 'ARRAY'],
      ],
      keySchema: null,
      valueSchema: null,
    },
  )
  assert.ok(Object.isFrozen(schema) && Object.isFrozen(schema.fields))
  assert.equal(fieldOf(schema, 'tags')?.index, 1)
  assert.equal(fieldOf(schema, 'nope'), undefined)
  assert.equal(schemaToString(schema), 'Schema{Person:STRUCT}')
  assert.equal(schemaToString(Schemas.STRING), 'Schema{STRING}')
})

test('a builder used on after build does not change what it built', () => {
  const builder = person()
  const before = builder.build()
  builder.field('more', Schemas.INT8).parameter('b', '2')
  assert.equal(before.fields.length, 2)
  assert.equal(before.parameters?.size, 1)
  assert.equal(builder.build().fields.length, 3)
})

test('an attribute takes one value; a parameter can be given another', () => {
  const twice: readonly (readonly [string, (builder: SchemaBuilder) => unknown])[] = [
    ['optional', (builder) => builder.optional().required()],
    ['name', (builder) => builder.name('a').name('b')],
    ['version', (builder) => builder.version(1).version(2)],
    ['doc', (builder) => builder.doc('a').doc('b')],
    ['default', (builder) => builder.default(1).default(2)],
  ]
  for (const [attribute, build] of twice) {
    assert.throws(() => build(SchemaBuilder.int32()), {
      name: 'SchemaBuilderException',
      message: `Invalid SchemaBuilder call: ${attribute} has already been set.`,
    })
  }
  const schema = SchemaBuilder.int32()
    .optional()
    .optional()
    .name('n')
    .name('n')
    .parameter('p', '1')
    .parameter('p', '2')
    .build()
  assert.equal(schema.parameters?.get('p'), '2')
  assert.equal(SchemaBuilder.int32().parameters([]).build().parameters, null)
})

test('a default must fit, and a null default is none', () => {
  assert.throws(
    () => SchemaBuilder.int8().default(128),
    (error) => error instanceof SchemaBuilderException && /^Invalid default value: .*INT8.*128/.test(error.message),
  )
  assert.throws(() => SchemaBuilder.string().default(null), /Invalid default value/)
  assert.equal(SchemaBuilder.string().optional().default(null).build().defaultValue, undefined)
  assert.deepEqual(SchemaBuilder.array(Schemas.INT8).default([1]).build().defaultValue, [1])
  assert.throws(() => SchemaBuilder.array(Schemas.INT8).default([1, 'x']), SchemaBuilderException)
})

test('fields have names of their own, on structs only', () => {
  assert.throws(() => SchemaBuilder.int8().field('a', Schemas.INT8), /Cannot create fields on type INT8/)
  assert.throws(() => SchemaBuilder.struct().field('', Schemas.INT8), /Field name cannot be empty/)
  assert.throws(
    () => SchemaBuilder.struct().field('a', Schemas.INT8).field('a', Schemas.INT8),
    /Cannot create field because of field name duplication a/,
  )
})

test('schemas are equal in every attribute or not at all', () => {
  assert.ok(schemaEquals(person().build(), person().build()))
  const variants: Schema[] = [
    person().optional().build(),
    person().parameter('b', '2').build(),
    person().parameter('a', '2').build(),
    person().field('more', Schemas.INT8).build(),
    person().default({ id: 1, tags: null }).build(),
    SchemaBuilder.struct()
      .name('Person')
      .version(2)
      .doc('somebody')
      .parameter('a', '1')
      .field('id', Schemas.INT64)
      .build(),
    SchemaBuilder.struct().build(),
  ]
  for (const [at, a] of variants.entries()) {
    assert.ok(!schemaEquals(a, person().build()), `variant ${at}`)
    for (const [other, b] of variants.entries()) assert.equal(schemaEquals(a, b), at === other)
  }
  assert.ok(schemaEquals(null, null))
  assert.ok(!schemaEquals(Schemas.INT8, null))
  assert.ok(
    !schemaEquals(
      SchemaBuilder.map(Schemas.STRING, Schemas.INT8).build(),
      SchemaBuilder.map(Schemas.STRING, Schemas.INT16).build(),
    ),
  )
  assert.ok(schemaEquals(decimalBuilder(2).build(), decimalBuilder(2).build()))
  assert.ok(!schemaEquals(decimalBuilder(2).build(), decimalBuilder(3).build()))
  assert.ok(!schemaEquals(LogicalSchemas.DATE, LogicalSchemas.TIME))
})

test('values are equal by meaning', () => {
  const equal: readonly (readonly [unknown, unknown])[] = [
    [1, 1n],
    [2n ** 60n, 2n ** 60n],
    [Number.NaN, Number.NaN],
    [Buffer.from('a'), new Uint8Array([97])],
    [new Date(5), new Date(5)],
    [Decimal.parse('1.0'), Decimal.parse('1.0')],
    [
      [1, [2n]],
      [1n, [2]],
    ],
    [new Map([['a', [1]]]), new Map([['a', [1]]])],
    [new Map([[[1], 2]]), new Map([[[1], 2]])],
    [
      { a: 1, b: { c: null } },
      { b: { c: null }, a: 1 },
    ],
  ]
  for (const [a, b] of equal) assert.ok(valueEquals(a, b) && valueEquals(b, a))
  const different: readonly (readonly [unknown, unknown])[] = [
    [1, 2],
    [1, 1.5],
    [1, '1'],
    [null, 0],
    [null, undefined],
    [Decimal.parse('1.0'), Decimal.parse('1.00')],
    [[1], [1, 2]],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, new Map([['a', 1]])],
    [new Map([['a', 1]]), new Map([['a', 2]])],
    [[], {}],
    [Buffer.from('a'), Buffer.from('b')],
    [new Date(1), 1],
  ]
  for (const [a, b] of different) assert.ok(!valueEquals(a, b) && !valueEquals(b, a))
})

test('nine types are primitive', () => {
  assert.ok(isPrimitive('BYTES') && isPrimitive('INT8') && isPrimitive('BOOLEAN'))
  assert.ok(!isPrimitive('ARRAY') && !isPrimitive('MAP') && !isPrimitive('STRUCT'))
})
