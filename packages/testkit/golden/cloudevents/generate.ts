// Prints the questions of golden.jsonl, without answers: changes of every connector under every configuration, and texts to read.
const CONNECTORS: Readonly<Record<string, readonly (readonly [field: string, type: string, value: string])[]>> = {
  mysql: [
    ['file', 'string', 'mysql-bin.000003'],
    ['pos', 'int64', '484'],
    ['row', 'int32', '0'],
    ['server_id', 'int64', '223344'],
  ],
  mariadb: [
    ['file', 'string', 'bin.1'],
    ['pos', 'int64', '9007199254740993'],
  ],
  postgresql: [
    ['txId', 'int64', '555'],
    ['lsn', 'int64', '24023128'],
    ['sequence', 'string', '["1","2"]'],
    ['xmin', 'int64', ''],
  ],
  sqlserver: [
    ['change_lsn', 'string', '00000027:00000758:0003'],
    ['commit_lsn', 'string', '00000027:00000758:0005'],
    ['event_serial_no', 'int64', '1'],
  ],
  oracle: [
    ['scn', 'string', '16548'],
    ['commit_scn', 'string', ''],
    ['lcr_position', 'string', ''],
  ],
  mongodb: [['ord', 'int32', '31']],
  db2: [['change_lsn', 'string', '1']],
}
const TAGS: Readonly<Record<string, string>> = { string: 's', int32: 'i32', int64: 'i64' }

const field = (name: string, type: string, optional = false, more: object = {}) => ({
  field: name,
  type,
  optional,
  ...more,
})
const text = (s: string) => ({ s })
const long = (value: number | string) => ({ i64: String(value) })

function sourceOf(connector: string, changed: { tsMs?: string; db?: string | null; without?: string } = {}) {
  const own = CONNECTORS[connector] ?? []
  const fields = [
    field('version', 'string'),
    field('connector', 'string'),
    field('name', 'string'),
    field('ts_ms', 'int64'),
    field('snapshot', 'string', true, { name: 'io.debezium.data.Enum', version: 1, default: 'false' }),
    field('db', 'string', true),
    field('is_new', 'boolean', true),
    ...own.map(([name, type]) => field(name, type, true)),
  ].filter((one) => one.field !== changed.without)
  const st: Record<string, unknown> = {
    version: text('3.5.0.Final'),
    connector: text(connector),
    name: text('server-1'),
    ts_ms: long(changed.tsMs ?? '1700000000123'),
    db: changed.db === null ? null : text(changed.db ?? 'inventory'),
    is_new: { b: true },
    ...Object.fromEntries(
      own.map(([name, type, value]) => [name, value === '' ? null : { [TAGS[type] ?? 's']: value }]),
    ),
  }
  delete st[changed.without ?? '']
  return {
    schema: { type: 'struct', name: `io.debezium.connector.${connector}.Source`, optional: false, fields },
    value: { st },
  }
}

const ROW = {
  type: 'struct',
  optional: true,
  name: 'server-1.inventory.t.Value',
  fields: [
    field('id', 'int32'),
    field('name', 'string', true),
    field('amount', 'bytes', true, {
      name: 'org.apache.kafka.connect.data.Decimal',
      version: 1,
      parameters: { scale: '2' },
    }),
    field('big', 'int64', true),
    field('at', 'int64', true, { name: 'org.apache.kafka.connect.data.Timestamp', version: 1 }),
    field('kind', 'string', false, { default: 'none' }),
  ],
}
const row = (id: number, name: string | null) => ({
  st: {
    id: { i32: String(id) },
    name: name === null ? null : text(name),
    amount: { dec: '12.50' },
    big: long('9223372036854775807'),
    at: { d: 1_700_000_000_000 },
    kind: text('plain'),
  },
})
const TRANSACTION = {
  type: 'struct',
  optional: true,
  name: 'event.block',
  version: 1,
  fields: [field('id', 'string'), field('total_order', 'int64'), field('data_collection_order', 'int64')],
}
const IN_TRANSACTION = { st: { id: text('571'), total_order: long(1), data_collection_order: long(2) } }

function changeOf(
  connector: string,
  op: string,
  changed: Parameters<typeof sourceOf>[1] = {},
  transaction: unknown = null,
) {
  const source = sourceOf(connector, changed)
  const isMongo = connector === 'mongodb'
  const rows = isMongo ? { type: 'string', optional: true } : ROW
  const one = (id: number) => (isMongo ? text(`{"_id":${id}}`) : row(id, id === 1 ? 'ä"\u{1f600}' : null))
  const fields = [
    { ...rows, field: 'before' },
    { ...rows, field: 'after' },
    ...(isMongo ? [field('updateDescription', 'string', true)] : []),
    { ...source.schema, field: 'source' },
    field('op', 'string'),
    field('ts_ms', 'int64', true),
    { ...TRANSACTION, field: 'transaction' },
  ]
  const st = {
    before: op === 'c' ? null : one(1),
    after: op === 'd' ? null : one(2),
    source: source.value,
    op: text(op),
    ts_ms: long(1_700_000_000_999),
    transaction,
  }
  return { schema: { type: 'struct', name: 'server-1.inventory.t.Envelope', optional: false, fields }, value: { st } }
}

type Options = Readonly<Record<string, string>>
const CONFIGS: readonly Options[] = [
  {},
  { 'extension.attributes.enable': 'false' },
  { 'json.schemas.enable': 'false' },
  { 'json.schemas.enable': 'false', 'json.decimal.format': 'NUMERIC' },
  {
    'schema.cloudevents.name': 'my.Event',
    'schema.name.adjustment.mode': 'none',
    'json.replace.null.with.default': 'false',
  },
]
const HEADER_CONFIGS: readonly Options[] = [
  { 'metadata.source': 'header' },
  { 'metadata.source': 'header,id:generate,type:generate,dataSchemaName:generate' },
  { 'metadata.source': 'value' },
  { 'metadata.source': 'value,id:header,type:header' },
  { 'metadata.source': 'value,id:generate,type:header', 'json.schemas.enable': 'false' },
  { 'metadata.source': 'VALUE , id:Header , type:generate' },
  {
    'metadata.source': 'value,id:generate,type:generate,dataSchemaName:header',
    'schema.data.name.source.header.enable': 'true',
  },
  { 'metadata.source': 'header', 'schema.data.name.source.header.enable': 'true' },
  { 'opentelemetry.tracing.attributes.enable': 'true' },
  {
    'opentelemetry.tracing.attributes.enable': 'true',
    'metadata.source': 'value,id:generate,type:generate,traceparent:generate',
  },
  { 'opentelemetry.tracing.attributes.enable': 'true', 'extension.attributes.enable': 'false' },
]
const WRONG_CONFIGS: readonly Options[] = [
  { 'serializer.type': 'avro' },
  { 'serializer.type': 'avro', 'data.serializer.type': 'avro' },
  { 'data.serializer.type': 'avro' },
  { 'metadata.source': 'generate' },
  { 'metadata.source': 'value,id:value' },
  { 'metadata.source': 'value,id:nothing' },
  { 'metadata.source': 'value,name:header' },
]

const inHeader = (schema: unknown, payload: unknown) => JSON.stringify({ schema, payload })
const textHeader = (value: string) => inHeader({ type: 'string', optional: false }, value)
/** The plain JSON of a tagged value, for headers. */
function plain(value: unknown): unknown {
  if (value === null) return null
  const [tag, body] = Object.entries(value as Record<string, never>)[0] as [string, never]
  if (tag === 'st') return Object.fromEntries(Object.entries(body).map(([name, one]) => [name, plain(one)]))
  return tag === 'i32' || tag === 'i64' ? Number(body) : body
}
function headersOf(connector: string, without: readonly string[] = []) {
  const source = sourceOf(connector, { db: 'other' })
  const all: Record<string, string> = {
    id: textHeader('id of the header'),
    type: textHeader('type of the header'),
    source: inHeader(source.schema, plain(source.value)),
    op: textHeader('u'),
    transaction: inHeader(TRANSACTION, { id: 'h', total_order: 3, data_collection_order: 4 }),
    traceparent: textHeader('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
    dataSchemaName: textHeader('name.of.Header'),
  }
  for (const name of without) delete all[name]
  return all
}

const questions: Record<string, unknown>[] = []
const ask = (question: Record<string, unknown>) => questions.push(question)

for (const connector of Object.keys(CONNECTORS)) {
  for (const options of CONFIGS) {
    for (const op of ['c', 'u', 'd', 'r']) ask({ kind: 'write', options, ...changeOf(connector, op) })
    ask({ kind: 'write', options, ...changeOf(connector, 'u', {}, IN_TRANSACTION) })
  }
  for (const options of HEADER_CONFIGS) {
    ask({ kind: 'write', options, headers: headersOf(connector), ...changeOf(connector, 'u') })
  }
}
for (const options of HEADER_CONFIGS) {
  for (const name of ['id', 'type', 'source', 'op', 'transaction', 'traceparent', 'dataSchemaName']) {
    ask({ kind: 'write', options, headers: headersOf('mysql', [name]), ...changeOf('mysql', 'u') })
  }
  const { schema, value } = sourceOf('mysql')
  ask({ kind: 'write', options, headers: headersOf('mysql'), schema: { ...schema, name: 'flat' }, value })
}
for (const tsMs of ['0', '-1', '-62135596800000', '253402300799999', '253402300800000', '1700000000000']) {
  ask({ kind: 'write', ...changeOf('mysql', 'c', { tsMs }) })
}
ask({ kind: 'write', ...changeOf('postgresql', 'c', { db: null }) })
for (const without of ['lsn', 'ts_ms', 'connector', 'name', 'db', 'version', 'is_new']) {
  ask({ kind: 'write', ...changeOf('postgresql', 'c', { without }) })
}
for (const options of WRONG_CONFIGS) ask({ kind: 'write', options, ...changeOf('mysql', 'c') })
for (const name of ['server.t.Value', 'server.t.EnvelopeX', 'io.debezium.connector.common.Heartbeat']) {
  const { schema, value } = changeOf('mysql', 'c')
  ask({ kind: 'write', schema: { ...schema, name }, value })
}
ask({ kind: 'write', schema: { type: 'string', optional: false, name: 'a.Envelope' }, value: text('text') })
{
  const { schema, value } = changeOf('mysql', 'u')
  ask({ kind: 'write', schema: { ...schema, optional: true }, value: null })
  for (const missing of ['op', 'source']) {
    const st = Object.fromEntries(Object.entries(value.st).filter(([name]) => name !== missing))
    ask({ kind: 'write', schema, value: { st } })
  }
  const fields = schema.fields.filter((one) => (one as { field: string }).field !== 'transaction')
  const { transaction: _, ...st } = value.st
  ask({ kind: 'write', schema: { ...schema, fields }, value: { st } })
}

const ATTRIBUTES = '"id":"1","source":"/a","specversion":"1.0","type":"t"'
const READ_TEXTS: readonly string[] = [
  `{${ATTRIBUTES},"data":{"schema":{"type":"int32","optional":false},"payload":5}}`,
  `{${ATTRIBUTES},"data":{"schema":{"type":"struct","optional":false,"fields":[{"field":"a","type":"string","optional":true}]},"payload":{"a":"} ] \\" \\\\"}}}`,
  `{"data":{"schema":{"type":"string","optional":true},"payload":null},${ATTRIBUTES}}`,
  ` { "data" : { "payload" : [1,2] , "schema" : {"type":"array","items":{"type":"int64","optional":false},"optional":false} } , ${ATTRIBUTES} } `,
  `{${ATTRIBUTES},"data":{"schema":{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"},"optional":false},"payload":"BOI="}}`,
  `{${ATTRIBUTES},"n":5,"x":[1,{"y":null}],"data":{"schema":{"type":"boolean","optional":false},"payload":true},"last":9007199254740993}`,
  `{${ATTRIBUTES},"data":{"schema":{"type":"int32","optional":false},"payload":null}}`,
  `{${ATTRIBUTES},"data":{"schema":{"type":"nothing","optional":false},"payload":1}}`,
  `{${ATTRIBUTES},"data":{"schema":{"type":"int32","optional":false},"payload":"five"}}`,
  `{${ATTRIBUTES},"data":{"a":1}}`,
  `{${ATTRIBUTES},"data":[1,"]",{"b":"{"}]}`,
  `{${ATTRIBUTES},"data":"text"}`,
  `{${ATTRIBUTES},"data":17}`,
  `{${ATTRIBUTES},"data":null}`,
  `{${ATTRIBUTES},"data":{}}`,
  `{${ATTRIBUTES},"dâta":"ü","data":{"ö":"\u{1f600}"},"ß":1}`,
  `{"id":"1","source":"/a","specversion":"1.0","data":{}}`,
  `{"id":null,"source":null,"specversion":null,"type":null,"data":{"a":"b"}}`,
  '{}',
  '[]',
  '5',
  'null',
  '"text"',
  '{',
  `{${ATTRIBUTES},"data":{"a":1}`,
  `{${ATTRIBUTES},"data":{"a":1]}}`,
  `{${ATTRIBUTES},"data":{"a":}}`,
  `{${ATTRIBUTES},"data":}`,
  `{${ATTRIBUTES},"data":"open}`,
]
for (const options of [{}, { 'json.schemas.enable': 'false' }]) {
  for (const one of READ_TEXTS) ask({ kind: 'read', options, text: one })
}

for (const question of questions) process.stdout.write(`${JSON.stringify(question)}\n`)
