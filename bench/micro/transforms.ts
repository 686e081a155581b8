// What transformations cost: node bench/micro/transforms.ts
// Each alone and a chain of ten, applied by the runtime's own chain, on maps without a schema and on structs, from a source and
// from a topic. Medians of rounds, in nanoseconds a record on one thread, over the same loop without a chain.
import { type ConnectRecord, type Schema, SchemaBuilder, Schemas, SinkRecord, SourceRecord } from '@millrace/api'
import { createChain } from '../../packages/runtime/src/data/chain.ts'
import { PluginRegistry } from '../../packages/runtime/src/plugins/registry.ts'

/** A batch as a task gets it. */
const RECORDS = 2000
const PASSES = 10
const ROUNDS = 30
const WARM_UP = 10
const PACKAGE = 'org.apache.kafka.connect.transforms.'

type Stage = readonly [type: string, config: Readonly<Record<string, string>>]

const ALONE: readonly Stage[] = [
  ['ReplaceField$Value', { exclude: 'note', renames: 'name:label' }],
  ['InsertField$Value', { 'static.field': 'origin', 'static.value': 'web', 'topic.field': 'topic' }],
  ['Cast$Value', { spec: 'id:string,amount:float32' }],
  ['HoistField$Value', { field: 'line' }],
  ['ExtractField$Value', { field: 'name' }],
  ['TimestampConverter$Value', { field: 'at', 'target.type': 'Timestamp' }],
  ['TimestampConverter$Value', { field: 'at', 'target.type': 'string', format: 'yyyy-MM-dd HH:mm:ss.SSS' }],
  ['Flatten$Value', {}],
  ['MaskField$Value', { fields: 'note' }],
  ['ValueToKey', { fields: 'id' }],
  ['HeaderFrom$Value', { fields: 'name', headers: 'name', operation: 'copy' }],
  ['InsertHeader', { header: 'h', 'value.literal': '10' }],
  ['SetSchemaMetadata$Value', { 'schema.name': 'order' }],
  ['RegexRouter', { regex: 'in-(.*)', replacement: 'out-$1' }],
  ['TimestampRouter', {}],
  // The same as ReplaceField above, written by a user.
  [
    'millrace.Script',
    {
      script: `({ value, valueSchema }, { derive, api }) => ({
        value: { id: value.id, label: value.name, email: value.email, amount: value.amount, at: value.at },
        valueSchema: derive(valueSchema, 'label', ({ fields }) => {
          const builder = api.SchemaBuilder.struct()
          for (const { name, schema } of fields) if (name !== 'note') builder.field(name === 'name' ? 'label' : name, schema)
          return builder.build()
        }),
      })`,
    },
  ],
  ['io.debezium.transforms.Filter', { language: 'js', condition: "value.amount >= 0 && value.note == 'n'" }],
]
const CHAIN: readonly Stage[] = [
  ['RegexRouter', { regex: 'in-(.*)', replacement: 'out-$1' }],
  ['ReplaceField$Value', { exclude: 'note', renames: 'name:label' }],
  ['InsertField$Value', { 'static.field': 'origin', 'static.value': 'web', 'topic.field': 'topic' }],
  ['Cast$Value', { spec: 'id:string,amount:float32' }],
  ['MaskField$Value', { fields: 'label' }],
  ['ValueToKey', { fields: 'id' }],
  ['Flatten$Value', {}],
  ['TimestampConverter$Value', { field: 'at', 'target.type': 'Timestamp' }],
  ['HoistField$Value', { field: 'line' }],
  ['ExtractField$Value', { field: 'line' }],
]

const SCHEMA = SchemaBuilder.struct()
  .field('id', Schemas.INT64)
  .field('name', Schemas.STRING)
  .field('email', Schemas.OPTIONAL_STRING)
  .field('amount', Schemas.FLOAT64)
  .field('at', Schemas.INT64)
  .field('note', Schemas.OPTIONAL_STRING)
  .build()

const registry = await PluginRegistry.load([import.meta.resolve('@millrace/transforms')])

function recordsOf(schema: Schema | null, sink: boolean): ConnectRecord[] {
  return Array.from({ length: RECORDS }, (_, id) => {
    const value = {
      id,
      name: `user-${id % 1000}`,
      email: `user${id}@example.com`,
      amount: (id % 10_000) / 4,
      at: 1_700_000_000_000 + id,
      note: 'n',
    }
    if (sink) return new SinkRecord('in-orders', 0, null, null, schema, value, id, 1_700_000_000_000 + id, 'CreateTime')
    return new SourceRecord({
      sourcePartition: null,
      sourceOffset: null,
      topic: 'in-orders',
      valueSchema: schema,
      value,
      timestamp: 1_700_000_000_000 + id,
    })
  })
}

/** Keeps results alive for as long as a batch would. */
const kept: unknown[] = new Array(RECORDS)

function measure(records: readonly ConnectRecord[], apply: (record: ConnectRecord) => unknown): number {
  const times: number[] = []
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    const before = process.cpuUsage()
    for (let pass = 0; pass < PASSES; pass++) {
      for (let at = 0; at < records.length; at++) kept[at] = apply(records[at] as ConnectRecord)
    }
    const { user, system } = process.cpuUsage(before)
    if (round >= WARM_UP) times.push(((user + system) * 1000) / (RECORDS * PASSES))
  }
  return times.sort((a, b) => a - b)[times.length >> 1] as number
}

async function cost(stages: readonly Stage[], records: readonly ConnectRecord[]): Promise<number> {
  const props: Record<string, string> = { transforms: stages.map((_, at) => `t${at}`).join(',') }
  for (const [at, [type, config]] of stages.entries()) {
    props[`transforms.t${at}.type`] = type.includes('.') ? type : PACKAGE + type
    for (const [key, value] of Object.entries(config)) props[`transforms.t${at}.${key}`] = value
  }
  const chain = await createChain(props, registry, {})
  if (chain === null) throw new Error('no chain')
  const nothing = measure(records, (record) => record)
  return measure(records, (record) => chain.apply(record)) - nothing
}

const KINDS = [
  ['map, source', recordsOf(null, false)],
  ['map, sink', recordsOf(null, true)],
  ['struct, source', recordsOf(SCHEMA, false)],
  ['struct, sink', recordsOf(SCHEMA, true)],
] as const
const rows: Record<string, Record<string, string>> = {}
for (const [name, stages] of [...ALONE.map((one) => [one[0], [one]] as const), ['chain of ten', CHAIN] as const]) {
  const row: Record<string, string> = {}
  for (const [kind, records] of KINDS) {
    if (name.startsWith('SetSchema') && kind.startsWith('map')) continue
    row[kind] = `${(await cost(stages, records)).toFixed(0)} ns`
  }
  rows[name in rows ? `${name} (text)` : name] = row
}
console.log(`${RECORDS} records, ${ROUNDS} rounds, Node ${process.version}`)
console.table(rows)
