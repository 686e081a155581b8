// Makes the questions of the golden file: Debezium's transformations on random change events, with random configurations.
import { type Schema, SchemaBuilder, Schemas } from '@millrace/api'
import { schemaJson } from '../../src/golden/schema-json.ts'
import { tagged } from '../../src/golden/tagged.ts'
import { Random } from '../../src/random.ts'

const PER_TYPE = 400
const random = new Random(Number(process.argv[2] ?? 20_261_123))
const JSONS = [
  '{"a":1,"b":{"c":2.5,"d":null}}',
  '{"l":[{"x":1},{"x":7}],"big":3000000000}',
  '{"m":[1,"x"]}',
  'plain',
  '',
  ' ',
  '{}',
]

function row(): Schema {
  const builder = SchemaBuilder.struct().name('srv.db.orders.Value').optional()
  builder.field('id', random.chance(0.5) ? Schemas.INT64 : Schemas.STRING)
  builder.field('aggregatetype', Schemas.STRING).field('aggregateid', Schemas.OPTIONAL_STRING)
  builder.field('payload', random.chance(0.8) ? Schemas.OPTIONAL_STRING : Schemas.OPTIONAL_BYTES)
  if (random.chance(0.7)) builder.field('qty', SchemaBuilder.int32().optional().default(5).build())
  if (random.chance(0.7)) builder.field('shard', Schemas.INT32)
  if (random.chance(0.5))
    builder.field('at', SchemaBuilder.int64().optional().name('io.debezium.time.MicroTimestamp').build())
  return builder.build()
}
function valueFor(schema: Schema): unknown {
  if (schema.optional && schema.type !== 'STRUCT' && random.chance(0.2)) return null
  switch (schema.type) {
    case 'STRUCT':
      return Object.fromEntries(
        schema.fields.map((field) => [
          field.name,
          field.name === 'payload' && field.schema.type === 'STRING'
            ? random.pick([...JSONS, null])
            : valueFor(field.schema),
        ]),
      )
    case 'STRING':
      return random.pick(['a', 'orders', 'x y', ''])
    case 'BYTES':
      return random.bytes()
    case 'INT64':
      return random.below(2 ** 41)
    default:
      return random.below(100)
  }
}
function event(): Record<string, unknown> {
  const rows = row()
  const source = SchemaBuilder.struct()
    .name('src')
    .field('table', Schemas.STRING)
    .field('lsn', Schemas.OPTIONAL_INT64)
    .build()
  const transaction = SchemaBuilder.struct()
    .name('tx')
    .optional()
    .field('id', Schemas.STRING)
    .field('total_order', Schemas.INT64)
    .build()
  const builder = SchemaBuilder.struct().name(random.chance(0.92) ? 'srv.db.orders.Envelope' : 'other')
  builder
    .field('before', rows)
    .field('after', rows)
    .field('source', source)
    .field('op', Schemas.STRING)
    .field('ts_ms', Schemas.OPTIONAL_INT64)
  if (random.chance(0.5)) builder.version(2)
  builder.field('transaction', transaction)
  const schema = builder.build()
  const op = random.pick(['c', 'c', 'c', 'u', 'd', 'r', 't'])
  const value = {
    before: op === 'd' || op === 'u' ? valueFor(rows) : null,
    after: op === 'd' || op === 't' ? null : valueFor(rows),
    source: valueFor(source),
    op,
    ts_ms: random.chance(0.9) ? random.below(2 ** 41) : null,
    transaction: random.chance(0.5) ? valueFor(transaction) : null,
  }
  return { valueSchema: schemaJson(schema), value: tagged(value, schema) }
}
function record(type: string): Record<string, unknown> {
  const key = SchemaBuilder.struct().name('k').field('id', Schemas.INT64).field('qty', Schemas.OPTIONAL_INT32).build()
  const names = SchemaBuilder.array(Schemas.STRING).build()
  const headers = random.chance(0.5)
    ? [['drop', schemaJson(names), tagged(random.pick([['qty'], ['id', 'payload'], [], ['none']]), names)]]
    : []
  const withKey = random.chance(0.9)
  return {
    // A sink record without a partition cannot be in the reference: an outbox is read by a source.
    sink: type !== 'outbox.EventRouter' && random.chance(0.5),
    topic: random.pick(['srv.db.orders', 'srv.db.orders_7', 'x']),
    partition: random.below(9),
    timestamp: random.below(2 ** 41),
    ...(withKey && { keySchema: schemaJson(key), key: tagged(valueFor(key), key) }),
    ...(random.chance(0.9) ? event() : {}),
    ...(headers.length > 0 && { headers }),
  }
}
type Config = Record<string, string>
const CONDITIONS = [
  "value.op == 'u'",
  "value.op != 'd' || value.before.id != 2",
  'value.after != null && value.after.shard > 50',
  'value.after.qty == 5',
  'value.before == null',
  'value.before === null && value.after !== null',
  "value.source.table === 'orders'",
  "topic == 'x'",
  "topic.startsWith('srv')",
  'header.drop.value.length > 0',
  'header.drop.value.size() > 1',
  "header.drop.value[0] == 'qty'",
  'header.drop != null',
  'header.drop === undefined',
  'key.id > 1000000000000',
  'key.qty == null',
  "valueSchema.name() == 'other'",
  "valueSchema.field('before').schema().name().endsWith('Value')",
  "valueSchema.field('none') == null",
  'valueSchema.version() == 2',
  'valueSchema.isOptional()',
  'keySchema.fields().size() == 2',
  "keySchema.fields().get(1).name() == 'qty'",
  'value.none === undefined',
  "'op' in value",
  "'none' in value",
  'value.op',
  'null',
  'undefined',
  'value.nothing.id == 1',
  'value.ts_ms > 1000000000000',
  'value.ts_ms === null',
  "typeof value.ts_ms == 'number'",
  'value.ts_ms % 2 == 0',
  'var a = value.after; a != null && a.shard % 2 == 0',
  "let found = false\nif (value.op == 'c') { found = true }\nfound",
  "value['op'] == 'c'",
  'Object.keys(value).length > 6',
  "operation != 'd'",
  "['c', 'r'].includes(value.op)",
  '!!value.transaction',
]
const ROUTES = [
  "value.op == 'u' ? 'updates' : null",
  "value.after == null ? 'gone' : value.after.aggregatetype",
  "topic + '.' + value.op",
  'topic.concat("-", value.source.table)',
  '1',
  'undefined',
  'true',
  'value.after.aggregateid',
  "key.id % 2 == 0 ? 'even' : 'odd'",
  "value.after && value.after.shard > 50 ? 'high' : 'low'",
  'value.source.lsn',
  "'' + value.source.lsn",
  "'id-' + value.after.id",
  'value.op.toUpperCase()',
  "({ c: 'created', u: 'updated' })[value.op] || null",
]
const scripting = (config: Config): Config => ({
  language: 'jsr223.graal.js',
  ...config,
  ...maybe(0.2, { 'null.handling.mode': random.pick(['keep', 'drop']) }),
  ...maybe(0.2, { 'topic.regex': random.pick(['srv.*', 'srv', 'x']) }),
})
const maybe = (chance: number, config: Config): Config => (random.chance(chance) ? config : {})
const ADD = ['op', 'table', 'op,source.lsn,ts_ms', 'transaction.id,total_order', 'lsn:position', 'none,table:t']
const CONFIGS: Readonly<Record<string, () => Config>> = {
  ExtractNewRecordState: () => ({
    ...maybe(0.85, {
      'delete.tombstone.handling.mode': random.pick([
        'drop',
        'tombstone',
        'rewrite',
        'rewrite-with-tombstone',
        'delete-to-tombstone',
      ]),
    }),
    ...maybe(0.5, { 'add.fields': random.pick(ADD) }),
    ...maybe(0.5, { 'add.headers': random.pick(ADD) }),
    ...maybe(0.2, { 'add.fields.prefix': 'p.', 'add.headers.prefix': '' }),
    ...maybe(0.2, { 'route.by.field': random.pick(['aggregatetype', 'aggregateid', 'qty', 'none']) }),
    ...maybe(0.4, { 'drop.fields.header.name': 'drop' }),
    ...maybe(0.3, { 'drop.fields.from.key': 'true' }),
    ...maybe(0.3, { 'drop.fields.keep.schema.compatible': 'false' }),
    ...maybe(0.3, { 'replace.null.with.default': 'false' }),
  }),
  ByLogicalTableRouter: () => ({
    'topic.regex': random.pick(['(.*)orders(.*)', '(?<a>srv)\\.(.*)', 'nothing']),
    'topic.replacement': random.pick(['$1all-of-it', 'fixed', '', '$9']),
    ...maybe(0.3, { 'key.enforce.uniqueness': 'false' }),
    ...maybe(0.3, { 'key.field.regex': '(.*)\\.(.*)', 'key.field.replacement': '$2' }),
    ...maybe(0.2, { 'key.field.name': 'table' }),
    ...maybe(0.5, { 'schema.name.adjustment.mode': random.pick(['avro', 'none', 'avro_unicode']) }),
  }),
  'outbox.EventRouter': () => ({
    ...maybe(0.3, {
      'table.fields.additional.placement': random.pick([
        'shard:partition',
        'qty:header,id:envelope:eid',
        'none:header',
        'aggregateid:envelope',
      ]),
    }),
    ...maybe(0.5, { 'table.fields.additional.error.on.missing': 'false' }),
    ...maybe(0.3, { 'table.field.event.timestamp': random.pick(['at', 'id', 'none']) }),
    ...maybe(0.2, { 'table.field.event.schema.version': random.pick(['shard', 'none']) }),
    ...maybe(0.2, { 'table.field.event.key': random.pick(['id', 'none']) }),
    ...maybe(0.3, { 'route.topic.replacement': 'to.$1' }),
    ...maybe(0.3, { 'route.tombstone.on.empty.payload': 'true' }),
    ...maybe(0.3, { 'table.op.invalid.behavior': random.pick(['warn', 'error', 'fatal']) }),
    ...maybe(0.5, { 'table.expand.json.payload': 'true' }),
    ...maybe(0.3, { 'table.json.payload.null.behavior': 'optional_bytes' }),
  }),
  Filter: () => scripting({ condition: random.pick(CONDITIONS) }),
  ContentBasedRouter: () => scripting({ 'topic.expression': random.pick(ROUTES) }),
}
const lines: string[] = []
for (const [type, config] of Object.entries(CONFIGS)) {
  for (let at = 0; at < PER_TYPE; at++) lines.push(JSON.stringify({ type, config: config(), ...record(type) }))
}
process.stdout.write(`${lines.join('\n')}\n`)
