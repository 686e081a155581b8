// Ours against the answers of Debezium's own classes (packages/testkit/golden/debezium-cdc says how they were made).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { type Schema, SchemaBuilder, Schemas } from '@millrace/api'
import * as kit from './index.ts'

interface Answer {
  readonly kind: string
  readonly name: string
  readonly value: unknown
}
const ANSWERS = gunzipSync(
  readFileSync(new URL('../../../testkit/golden/debezium-cdc/golden.jsonl.gz', import.meta.url)),
)
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Answer)

/** The schema as JsonConverter writes it. */
function asJson(schema: Schema): Record<string, unknown> {
  const { name, version, doc, parameters, defaultValue, keySchema, valueSchema } = schema
  const words: Record<string, string> = { FLOAT32: 'float', FLOAT64: 'double' }
  return {
    type: words[schema.type] ?? schema.type.toLowerCase(),
    optional: schema.optional,
    ...(schema.type === 'STRUCT' && {
      fields: schema.fields.map((one) => ({ ...asJson(one.schema), field: one.name })),
    }),
    ...(schema.type === 'ARRAY' && { items: asJson(valueSchema as Schema) }),
    ...(schema.type === 'MAP' && { keys: asJson(keySchema as Schema), values: asJson(valueSchema as Schema) }),
    ...(name !== null && { name }),
    ...(version !== null && { version }),
    ...(doc !== null && { doc }),
    ...(parameters !== null && { parameters: Object.fromEntries(parameters) }),
    ...(defaultValue !== undefined && { default: defaultValue }),
  }
}

const plain = (name: string) => name
const source = kit.sourceInfoBuilder('s').build()
const value = SchemaBuilder.struct().name('p.s.t.Value').field('id', Schemas.INT32).optional().build()
const pair = (prefix: string, { key, value }: { readonly key: Schema; readonly value: Schema }) => ({
  [`${prefix}Key`]: key,
  [`${prefix}Value`]: value,
})
const SCHEMAS: Readonly<Record<string, Schema>> = {
  snapshot: kit.SNAPSHOT_SCHEMA,
  source,
  transaction: kit.TRANSACTION_BLOCK_SCHEMA,
  envelope: kit.envelopeSchema('p.s.t.Envelope', value, source),
  ...pair('transaction', kit.transactionSchemas(plain)),
  ...pair('heartbeat', kit.heartbeatSchemas(plain)),
  ...pair('notification', kit.notificationSchemas(plain)),
  Bits: kit.bitsBuilder(3).build(),
  Enum: kit.enumBuilder(['a', 'b']).build(),
  EnumSet: kit.enumSetBuilder(['a', 'b']).build(),
  Json: kit.jsonBuilder().build(),
  Xml: kit.xmlBuilder().build(),
  Uuid: kit.uuidBuilder().build(),
  Tsvector: kit.tsVectorBuilder().build(),
  VariableScaleDecimal: kit.variableScaleDecimalBuilder().build(),
  DoubleVector: kit.doubleVectorBuilder().build(),
  FloatVector: kit.floatVectorBuilder().build(),
  SparseDoubleVector: kit.sparseDoubleVectorBuilder().build(),
  Point: kit.pointBuilder().build(),
  Geometry: kit.geometryBuilder().build(),
  Geography: kit.geographyBuilder().build(),
  ...Object.fromEntries(Object.entries(kit.Temporal).map(([name, make]) => [name, make().build()])),
}

const props = {
  'topic.prefix': 'p',
  'topic.regex': '(.*)\\.or.*?(\\d+)',
  'topic.replacement': '$1.orders',
  'topic.key.field.regex': '.*?(\\d+)',
  'topic.key.field.replacement': 'shard$1',
}
const part = (text: string | undefined) => (text === 'null' || text === undefined ? null : text)

function ours({ kind, name }: Answer): unknown {
  switch (kind) {
    case 'schema':
      return asJson(SCHEMAS[name] as Schema)
    case 'avro':
    case 'avro_unicode':
      return kit.schemaNameAdjuster(kind)(name)
    case 'avro_field':
      return kit.fieldNameAdjuster('avro')(name)
    case 'avro_unicode_field':
      return kit.fieldNameAdjuster('avro_unicode')(name)
    case 'split':
      return kit.splitRegexes(name)
    case 'tableId':
      return tableIdText(name)
    case 'hash':
      return hashOf(name)
    default: {
      const [catalog, schema, table] = name.split('|')
      return kit.topicNaming(kind, props).dataChangeTopic(kit.tableId(part(catalog), part(schema), table as string))
    }
  }
}

function tableIdText(text: string): string {
  try {
    const { catalog, schema, table } = kit.parseTableId(text)
    return `${catalog}|${schema}|${table}`
  } catch {
    return 'error'
  }
}

function hashOf(question: string): unknown {
  const [strategy, algorithm, ...rest] = question.split(' ')
  const text = rest.join(' ')
  const key = `column.mask.hash.${strategy === 'V2' ? 'v2.' : ''}${algorithm}.with.salt.salt`
  const { id, columns } = kit.makeTable(kit.tableId(null, null, 't'), [
    { name: 'c', jdbcType: kit.JdbcType.VARCHAR, typeName: 'VARCHAR', length: 255 },
  ])
  const column = columns[0] as kit.Column
  const mapper = kit.columnMappers({ [key]: '.*' }, ({ table }) => table)(id, column)
  return mapper?.converter?.(column)?.(text === 'long' ? 'y'.repeat(70_000) : text)
}

for (const kind of new Set(ANSWERS.map((one) => one.kind))) {
  test(`${kind}: the same as Debezium`, () => {
    for (const answer of ANSWERS.filter((one) => one.kind === kind)) {
      assert.deepEqual(ours(answer), answer.value, `${kind} of ${answer.name.slice(0, 60)}`)
    }
  })
}
