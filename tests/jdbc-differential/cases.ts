// What both sinks are given: topics of JSON with schemas, and the configuration of the connector that reads them.
import { type JsonSchema, message, required, struct, type } from './schemas.ts'
import { KEY_CASES, TYPE_CASES } from './type-cases.ts'

/** A record as Kafka has it; a null value is a tombstone. */
export interface Message {
  readonly topic: string
  readonly key: string | null
  readonly value: string | null
  readonly headers?: Readonly<Record<string, string>>
}

/** One connector and its records. Tables belong to the case whose name they contain. */
export interface Case {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
  readonly records: readonly Message[]
}

const INT = required(type('int32'))
const TEXT = type('string')
const KEY = struct({ ID: INT })
const ROW = { ID: INT, Name: TEXT, Amount: type('int64') }
const SOURCE = struct({ schema: required(TEXT), table: required(TEXT) }, { name: 'src.Source' })

function envelope(row: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const part = struct(row, { optional: true, name: 'src.Value' })
  return struct(
    { before: part, after: part, source: SOURCE, op: required(TEXT), ts_ms: type('int64') },
    { name: 'src.Envelope', version: 1 },
  )
}

const keyOf = (id: number) => message(KEY, { ID: id })
/** One change; the row is `[id, name]`. */
function change(topic: string, op: string, id: number, name: string | null = null): Message {
  const row = { ID: id, Name: name, Amount: id * 10 }
  const payload = {
    before: op === 'd' ? row : null,
    after: op === 'd' || op === 't' ? null : row,
    source: { schema: 'public', table: 'people' },
    op,
    ts_ms: 1,
  }
  return { topic, key: op === 't' ? null : keyOf(id), value: message(envelope(ROW), payload) }
}
const tombstone = (topic: string, id: number): Message => ({ topic, key: keyOf(id), value: null })
const flat = (topic: string, id: number, name: string | null, headers?: Message['headers']): Message => ({
  topic,
  key: keyOf(id),
  value: message(struct(ROW), { ID: id, Name: name, Amount: id * 10 }),
  ...(headers && { headers }),
})

const BASIC = { 'schema.evolution': 'basic' }
const UPSERT = { ...BASIC, 'insert.mode': 'upsert', 'primary.key.mode': 'record_key' }
const changes = (topic: string): Message[] => [
  change(topic, 'r', 1, 'a'),
  change(topic, 'c', 2, 'b'),
  change(topic, 'u', 1, 'c'),
  change(topic, 'd', 2),
  tombstone(topic, 2),
  change(topic, 'c', 3),
  change(topic, 'c', 4, 'd'),
  tombstone(topic, 4),
]
const one = (name: string, config: Case['config'], records: (topic: string) => Message[]): Case => ({
  name,
  config,
  records: records(name),
})
const evolve = (topic: string): Message[] => [
  { topic, key: keyOf(1), value: message(struct({ ID: INT, a: TEXT }), { ID: 1, a: 'x' }) },
  { topic, key: keyOf(2), value: message(struct({ ID: INT, a: TEXT, B: type('int32') }), { ID: 2, a: 'y', B: 5 }) },
  { topic, key: keyOf(3), value: message(struct({ ID: INT, c: required(TEXT) }), { ID: 3, c: 'z' }) },
]

const PK_MODES = ['none', 'kafka', 'record_key', 'record_value', 'record_header']
const INSERT_MODES = ['insert', 'upsert', 'update']
const FIELDS: Readonly<Record<string, Case['config']>> = { record_value: { 'primary.key.fields': 'ID' } }

/** Every way to make a key with every way to write, flat rows of which one comes twice where that is no error. */
const MODES: readonly Case[] = PK_MODES.flatMap((key) =>
  INSERT_MODES.map((mode) =>
    one(`m_${key}_${mode}_x`, { ...BASIC, 'insert.mode': mode, 'primary.key.mode': key, ...FIELDS[key] }, (topic) => [
      flat(topic, 1, 'a', { hid: '7' }),
      flat(topic, 2, 'b', { hid: '8' }),
      ...(mode === 'insert' ? [] : [flat(topic, 1, 'c', { hid: '7' })]),
    ]),
  ),
)

/** All cases, in the order in which they run. */
export const CASES: readonly Case[] = [
  ...MODES,
  one('e_changes_x', UPSERT, changes),
  one('e_delete_x', { ...UPSERT, 'delete.enabled': 'true' }, changes),
  one('e_quoted_x', { ...UPSERT, 'delete.enabled': 'true', 'quote.identifiers': 'true' }, changes),
  one('e_reduced_x', { ...UPSERT, 'delete.enabled': 'true', 'use.reduction.buffer': 'true' }, changes),
  one('e_truncate_x', { ...UPSERT, 'truncate.enabled': 'true' }, (topic) => [
    change(topic, 'c', 1, 'a'),
    change(topic, 't', 0),
    change(topic, 'c', 2, 'b'),
  ]),
  one('e_truncate_off_x', UPSERT, (topic) => [
    change(topic, 'c', 1, 'a'),
    change(topic, 't', 0),
    change(topic, 'c', 2),
  ]),
  one('e_insert_twice_x', { ...UPSERT, 'insert.mode': 'insert' }, (topic) => [
    change(topic, 'c', 1, 'a'),
    change(topic, 'c', 1, 'b'),
  ]),
  one('e_delete_no_key_x', { ...BASIC, 'delete.enabled': 'true', 'primary.key.mode': 'none' }, (topic) => [
    change(topic, 'c', 1, 'a'),
  ]),
  one('e_evolve_x', UPSERT, evolve),
  one('e_evolve_optional_x', UPSERT, (topic) => evolve(topic).slice(0, 2)),
  one('n_reserved_x', UPSERT, (topic) => [
    { topic, key: keyOf(1), value: message(struct({ order: type('int64') }), { order: 1 }) },
  ]),
  one('n_reserved_quoted_x', { ...UPSERT, 'quote.identifiers': 'true' }, (topic) => [
    { topic, key: keyOf(1), value: message(struct({ order: type('int64') }), { order: 1 }) },
  ]),
  one('e_no_evolution_x', { ...UPSERT, 'schema.evolution': 'none' }, (topic) => [change(topic, 'c', 1, 'a')]),
  one('e_include_x', { ...UPSERT, 'field.include.list': 'e_include_x:ID,e_include_x:Name' }, changes),
  one('e_exclude_x', { ...UPSERT, 'field.exclude.list': 'e_exclude_x:Amount' }, changes),
  one('e_fields_x', { ...UPSERT, 'primary.key.fields': 'ID' }, changes),
  {
    name: 'n_dots_x',
    config: UPSERT,
    records: [change('srv.Db.n_dots_x', 'c', 1, 'a')],
  },
  {
    name: 'n_upper_x',
    config: { ...UPSERT, 'quote.identifiers': 'true' },
    records: [change('Srv.N_Upper_X', 'c', 1, 'a')],
  },
  one(
    'n_source_x',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholders as users write them
    { ...UPSERT, 'collection.name.format': 'n_source_x_${source.schema}_${source.table}' },
    (topic) => [change(topic, 'c', 1, 'a')],
  ),
  one(
    'n_format_x',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder as users write it
    { ...UPSERT, 'collection.name.format': 'copy_${topic}' },
    (topic) => [change(topic, 'c', 1, 'a')],
  ),
  one(
    'n_strategies_x',
    {
      ...UPSERT,
      'column.naming.strategy': 'io.debezium.connector.jdbc.naming.DefaultColumnNamingStrategy',
      'collection.naming.strategy': 'io.debezium.sink.naming.DefaultCollectionNamingStrategy',
    },
    (topic) => [change(topic, 'c', 1, 'a')],
  ),
  one('k_plain_x', { ...UPSERT, 'primary.key.fields': 'my_key' }, (topic) => [
    { topic, key: message(INT, 5), value: message(struct({ name: TEXT }), { name: 'a' }) },
  ]),
  one('k_missing_x', UPSERT, (topic) => [{ topic, key: null, value: message(struct({ name: TEXT }), { name: 'a' }) }]),
  ...KEY_CASES,
  ...TYPE_CASES,
]
