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

const TIMES: Readonly<Record<string, () => unknown>> = {
  'io.debezium.time.Timestamp': () => random.below(2 ** 41),
  'io.debezium.time.MicroTimestamp': () => random.below(2 ** 41) * 1000 + random.below(1000),
  'io.debezium.time.NanoTimestamp': () => random.below(2 ** 40) * 1000,
  'io.debezium.time.Date': () => random.below(20_000),
}
const ZONED = [
  '2024-03-31T01:30:00Z',
  '2023-11-05T08:15:30.25-05:00',
  '1999-12-31T23:59:59.123456789+09:00',
  '2024-10-27T01:00:00+00:00',
]
const ZONED_TIMES = ['10:15:30Z', '23:59:59.5+02:00', '00:00:01-08:00']

/** An event whose rows have times, decimals of Java's hashes, and what the source says of its columns. */
function describedEvent(described: boolean): Record<string, unknown> {
  const column = (builder: SchemaBuilder, name: string, type: string): Schema => {
    if (!described) return builder.build()
    const told: Record<string, string> = {
      '__debezium.source.column.name': name,
      '__debezium.source.column.type': type,
      ...(random.chance(0.5) && { '__debezium.source.column.length': '20' }),
      ...(random.chance(0.5) && { '__debezium.source.column.scale': '3' }),
      ...(random.chance(0.3) && { '__debezium.source.column.comment': 'what it is' }),
    }
    return builder.parameters(new Map(Object.entries(told))).build()
  }
  const rows = SchemaBuilder.struct().name('srv.db.orders.Value').optional()
  rows.field('id', column(SchemaBuilder.int64(), 'id', 'BIGINT'))
  rows.field('name', column(SchemaBuilder.string().optional(), 'name', 'VARCHAR'))
  rows.field('small', column(SchemaBuilder.int16().default(3), 'small', 'SMALLINT'))
  rows.field('real', column(SchemaBuilder.float64(), 'real', 'DOUBLE'))
  rows.field('on', column(SchemaBuilder.bool().optional(), 'on', 'BOOLEAN'))
  for (const name of Object.keys(TIMES)) {
    const short = name.slice(name.lastIndexOf('.') + 1)
    const builder = name.endsWith('.Date') ? SchemaBuilder.int32() : SchemaBuilder.int64()
    if (random.chance(0.7)) rows.field(short, column(builder.name(name).optional(), short, 'TIME'))
  }
  if (random.chance(0.7))
    rows.field(
      'zoned',
      column(SchemaBuilder.string().name('io.debezium.time.ZonedTimestamp').optional(), 'zoned', 'TZ'),
    )
  if (random.chance(0.5))
    rows.field(
      'zonedTime',
      column(SchemaBuilder.string().name('io.debezium.time.ZonedTime').optional(), 'zonedTime', 'TZ'),
    )
  const row = rows.build()
  const source = SchemaBuilder.struct()
    .name('src')
    .field('table', Schemas.STRING)
    .field('ts_ms', Schemas.OPTIONAL_INT64)
    .field('ts_us', Schemas.OPTIONAL_INT64)
    .field('ts_ns', Schemas.OPTIONAL_INT64)
    .build()
  const builder = SchemaBuilder.struct().name(random.chance(0.92) ? 'srv.db.orders.Envelope' : 'other')
  builder.field('before', row).field('after', row).field('source', source).field('op', Schemas.STRING)
  if (random.chance(0.3)) builder.version(2)
  const schema = builder.build()
  const op = random.pick(['c', 'c', 'u', 'd', 'r', 't'])
  const rowValue = () =>
    Object.fromEntries(
      row.fields.map(({ name, schema: one }) => {
        if (one.optional && random.chance(0.2)) return [name, null]
        const time = TIMES[one.name ?? '']
        if (time !== undefined) return [name, time()]
        if (name === 'zoned') return [name, random.pick(ZONED)]
        if (name === 'zonedTime') return [name, random.pick(ZONED_TIMES)]
        if (name === 'real') return [name, random.pick([0.5, -1.25, 1e300, 3])]
        if (name === 'on') return [name, random.chance(0.5)]
        if (name === 'name') return [name, random.pick(['a', 'orders', 'Zürich 😀', '', 'a longer name than sixteen'])]
        return [name, name === 'id' ? random.below(2 ** 40) : random.below(100)]
      }),
    )
  const ms = random.below(2 ** 41)
  const value = {
    before: op === 'd' || op === 'u' ? rowValue() : null,
    after: op === 'd' || op === 't' ? null : rowValue(),
    source: { table: random.pick(['orders', 'items']), ts_ms: ms, ts_us: ms * 1000, ts_ns: null },
    op,
  }
  return { valueSchema: schemaJson(schema), value: tagged(value, schema) }
}
function describedRecord(type: string): Record<string, unknown> {
  const headers = ['one', 'two', 'three'].flatMap((name) =>
    random.chance(0.6)
      ? [[name, schemaJson(Schemas.OPTIONAL_STRING), tagged(random.pick(['h', 'x y', null]), Schemas.OPTIONAL_STRING)]]
      : [],
  )
  return {
    // The reference casts to the record of a source.
    sink: type !== 'partitions.PartitionRouting' && random.chance(0.5),
    topic: random.pick(['srv.db.orders', 'srv.db.items', 'x']),
    partition: random.below(9),
    timestamp: random.below(2 ** 41),
    ...(random.chance(0.95) ? describedEvent(type !== 'ExtractSchemaToNewRecord' || random.chance(0.9)) : {}),
    ...(headers.length > 0 && { headers }),
  }
}
const ZONES = [
  '+05:30',
  '-08:00',
  'Europe/Amsterdam',
  'America/New_York',
  'Asia/Kolkata',
  'UTC',
  '+00:00:30',
  'Nowhere/City',
  'noon',
]
const RULES = [
  'source:orders',
  'source:orders:zoned',
  'topic:srv.db.orders',
  'topic:srv.db.orders:Timestamp,topic:x',
  'orders:before.zoned',
  'source:items:source.ts_ms,orders',
  'source:orders:after.MicroTimestamp,items:zoned',
  'a-b',
]
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
const DESCRIBED: Readonly<Record<string, () => Config>> = {
  HeaderToValue: () => ({
    ...random.pick([
      { headers: 'one,two', fields: 'first,second' },
      { headers: 'one', fields: 'after.first' },
      { headers: 'three,one', fields: 'source.more,extra' },
      { headers: 'two', fields: 'op.inner' },
      { headers: 'one,two', fields: 'first' },
    ]),
    operation: random.pick(['move', 'copy']),
  }),
  'partitions.PartitionRouting': () => ({
    'partition.payload.fields': random.pick([
      'after.name',
      'change.name,source.table',
      'change.id',
      'source.table',
      'change.real,change.small',
      'change.on,none,op',
      'before.name',
      'change.name,change.Timestamp',
      'after.none',
    ]),
    'partition.topic.num': String(1 + random.below(12)),
    ...maybe(0.5, { 'partition.hash.function': random.pick(['murmur', 'java', 'MURMUR', 'other']) }),
  }),
  ExtractSchemaToNewRecord: () => ({}),
  TimezoneConverter: () => ({
    'converted.timezone': random.pick(ZONES),
    ...maybe(0.4, { 'include.list': random.pick(RULES) }),
    ...maybe(0.3, { 'exclude.list': random.pick(RULES) }),
  }),
}
function schemaChange(): Record<string, unknown> {
  const change = SchemaBuilder.struct()
    .name('io.debezium.connector.schema.Change')
    .field('type', Schemas.STRING)
    .field('id', Schemas.OPTIONAL_STRING)
    .build()
  const builder = SchemaBuilder.struct().name(
    random.pick(['c.SchemaChangeValue', 'c.SchemaChangeValue', 'c.SchemaChangeKey', 'other', 'SchemaChangeValue']),
  )
  builder.field('databaseName', Schemas.OPTIONAL_STRING).field('ddl', Schemas.OPTIONAL_STRING)
  if (random.chance(0.95)) builder.field('tableChanges', SchemaBuilder.array(change).optional().build())
  const schema = builder.build()
  const tableChanges = random.list(random.below(3), () => ({
    type: random.pick(['CREATE', 'ALTER', 'DROP', 'TRUNCATE']),
    id: null,
  }))
  const value = { databaseName: 'db', ddl: null, tableChanges: random.chance(0.9) ? tableChanges : null }
  return {
    sink: false,
    topic: 'schema',
    partition: 0,
    timestamp: random.below(2 ** 41),
    ...(random.chance(0.95) && { valueSchema: schemaJson(schema), value: tagged(value, schema) }),
  }
}
const lines: string[] = []
for (const [type, config] of Object.entries(CONFIGS)) {
  for (let at = 0; at < PER_TYPE; at++) lines.push(JSON.stringify({ type, config: config(), ...record(type) }))
}
for (const [type, config] of Object.entries(DESCRIBED)) {
  for (let at = 0; at < PER_TYPE; at++) lines.push(JSON.stringify({ type, config: config(), ...describedRecord(type) }))
}
for (let at = 0; at < PER_TYPE; at++) {
  const kinds = ['CREATE', 'ALTER', 'DROP', 'TRUNCATE', 'DATABASE'].filter(() => random.chance(0.4))
  const config = {
    'schema.change.event.exclude.list': kinds.length > 0 ? kinds.join() : 'DROP',
  }
  lines.push(JSON.stringify({ type: 'SchemaChangeEventFilter', config, ...schemaChange() }))
}
process.stdout.write(`${lines.join('\n')}\n`)
