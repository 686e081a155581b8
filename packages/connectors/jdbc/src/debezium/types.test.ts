// Vectors, whose columns need extensions that databases of the tests do not have.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SchemaBuilder, Schemas } from '@millrace/api'
import { debeziumColumnType } from './columns.ts'
import { debeziumSemantic } from './types.ts'

it("writes vectors as pgvector reads them, with the source's dimensions where it knows them", () => {
  const dense = (name: string, size?: string) => {
    const builder = SchemaBuilder.array(Schemas.FLOAT64).name(`io.debezium.data.${name}`).optional()
    return (size === undefined ? builder : builder.parameter('__debezium.source.column.length', size)).build()
  }
  const sparse = SchemaBuilder.struct()
    .name('io.debezium.data.SparseDoubleVector')
    .field('dimensions', Schemas.INT16)
    .field('vector', SchemaBuilder.map(Schemas.INT16, Schemas.FLOAT64).build())
    .build()
  const typeOf = (schema: typeof sparse) => debeziumColumnType(schema, 'postgres', false, 'public')
  assert.equal(typeOf(dense('DoubleVector')), 'vector')
  assert.equal(typeOf(dense('DoubleVector', '3')), 'vector(3)')
  assert.equal(typeOf(dense('FloatVector', '2147483647')), 'halfvec')
  assert.equal(typeOf(sparse), 'sparsevec')
  const textOf = (schema: typeof sparse, value: unknown) => debeziumSemantic(schema, 'postgres', 'here').read?.(value)
  assert.equal(textOf(dense('DoubleVector'), [1.5, -2, 0.1]), '[1.5,-2,0.1]')
  const vector = new Map([
    [1, 1.5],
    [3, -2],
  ])
  assert.equal(textOf(sparse, { dimensions: 5, vector }), '{1:1.5,3:-2}/5')
})
