// What the connector can be told: Debezium's keys with its defaults.
import {
  atLeast,
  type ConfigKeySpec,
  compileJavaRegex,
  defineConfig,
  type InferConfig,
  nonEmptyString,
  oneOf,
  type Validator,
} from '@millrace/api'

const flag = (value: boolean, doc: string) => ({ type: 'boolean', default: value, importance: 'low', doc }) as const
const text = (value: string | null, doc: string) =>
  ({ type: 'string', default: value, importance: 'low', doc }) as const
const choice = <T extends string>(value: T, among: readonly string[], doc: string) =>
  ({ type: 'string', default: value, validator: oneOf(...among), importance: 'medium', doc }) as const
const count = (value: number, least: number, doc: string) =>
  ({ type: 'int', default: value, validator: atLeast(least), importance: 'low', doc }) as const
const long = (value: number, least: number, doc: string) =>
  ({ type: 'long', default: value, validator: atLeast(least), importance: 'low', doc }) as const
const expressions = (doc: string) =>
  ({ type: 'string', default: null, validator: listOfExpressions, importance: 'medium', doc }) as const

/** Splits a list of regular expressions at commas that are not escaped. */
export function splitExpressions(list: string): string[] {
  return list
    .split(/(?<!\\),/)
    .map((one) => one.trim().replaceAll('\\,', ','))
    .filter((one) => one !== '')
}

const listOfExpressions: Validator = Object.assign(
  (_key: string, value: unknown) => {
    if (typeof value !== 'string') return undefined
    const problems = splitExpressions(value)
      .map((one) => compileJavaRegex(one))
      .filter((one) => typeof one === 'string')
    return problems[0]
  },
  { describe: 'regular expressions, separated by commas' },
)
const slotName: Validator = Object.assign(
  (_key: string, value: unknown) =>
    /^[a-z0-9_]{1,63}$/.test(String(value))
      ? undefined
      : 'A slot name has lower-case letters, digits and underscores, 63 at most',
  { describe: 'lower-case letters, digits and underscores, 63 at most' },
)
const topicPrefix: Validator = Object.assign(
  (_key: string, value: unknown) =>
    /^[a-zA-Z0-9._-]+$/.test(String(value ?? ''))
      ? undefined
      : 'A prefix has letters, digits, dots, hyphens and underscores only',
  { describe: 'letters, digits, dots, hyphens and underscores' },
)

/** Refuses a key that would change what is written, and does nothing here: to ignore it in silence could give away data. */
const notHere: Validator = Object.assign(
  (key: string, value: unknown) =>
    value === null || value === ''
      ? undefined
      : `${key} is not supported here: remove it if the connector may do without`,
  { describe: 'not supported' },
)
const unsupported = (doc: string) =>
  ({ type: 'string', default: null, validator: notHere, importance: 'low', doc }) as const

/** Beginnings of keys with a part of their own that are not supported. */
const UNSUPPORTED = /^column\.(mask|truncate)\./

/** Keys among these that are not supported, which no definition can name. */
export function unsupportedKeys(props: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(props).filter((key) => UNSUPPORTED.test(key))
}

/** Keys of {@link PostgresConnector}. */
export const POSTGRES_CONFIG = defineConfig({
  'topic.prefix': {
    type: 'string',
    validator: topicPrefix,
    importance: 'high',
    doc: 'Begins the name of every topic, and names the server in offsets: it must not change.',
  },
  'database.hostname': { type: 'string', validator: nonEmptyString, importance: 'high', doc: 'Host of the server.' },
  'database.port': {
    type: 'int',
    default: 5432,
    validator: atLeast(0),
    importance: 'high',
    doc: 'Port of the server.',
  },
  'database.user': { type: 'string', validator: nonEmptyString, importance: 'high', doc: 'User, who may replicate.' },
  'database.password': { type: 'password', default: null, importance: 'high', doc: "The user's password." },
  'database.dbname': { type: 'string', validator: nonEmptyString, importance: 'high', doc: 'The database to capture.' },
  'database.sslmode': choice(
    'prefer',
    ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
    'Whether the connection is encrypted, and the server checked.',
  ),
  'database.sslcert': text(null, "File with the client's certificate, PEM."),
  'database.sslkey': text(null, "File with the client's key, PEM."),
  'database.sslpassword': { type: 'password', default: null, importance: 'low', doc: 'Password of the key.' },
  'database.sslrootcert': text(null, 'File with the certificates that the server is checked against, PEM.'),
  'database.sslfactory': text(null, 'Of the JVM only: ignored.'),
  'database.tcpKeepAlive': flag(true, 'Whether idle connections are probed.'),
  'database.initial.statements': text(
    null,
    'Statements run on each connection, separated by semicolons; ;; is one semicolon.',
  ),
  'database.query.timeout.ms': count(600_000, 0, 'How long a query may take, ms; 0 without end.'),
  'plugin.name': choice('decoderbufs', ['decoderbufs', 'pgoutput'], 'Both mean pgoutput, which every server has.'),
  'slot.name': {
    type: 'string',
    default: 'debezium',
    validator: slotName,
    importance: 'high',
    doc: 'The replication slot, made when it is not there.',
  },
  'slot.drop.on.stop': flag(
    false,
    'Whether the slot is dropped when the connector stops: changes until the next start are then lost.',
  ),
  'slot.failover': flag(false, 'Whether a new slot is kept on standbys too; PostgreSQL 17 and later.'),
  'slot.stream.params': text(null, 'Further options of START_REPLICATION: name=value, separated by semicolons.'),
  'slot.max.retries': count(6, 0, 'How often a failed connection to the slot is tried again.'),
  'slot.retry.delay.ms': long(10_000, 0, 'Pause between these attempts, ms.'),
  'create.slot.command.timeout': long(90, 0, 'How long making the slot may take, seconds.'),
  'offset.mismatch.strategy': choice(
    'no_validation',
    ['no_validation', 'trust_offset', 'trust_slot', 'trust_greater_lsn'],
    'What to do when the slot is past the stored offset: go on, fail, or go on from the slot.',
  ),
  'publication.name': {
    type: 'string',
    default: 'dbz_publication',
    validator: nonEmptyString,
    importance: 'high',
    doc: 'The publication.',
  },
  'publication.autocreate.mode': choice(
    'all_tables',
    ['all_tables', 'disabled', 'filtered', 'no_tables'],
    'Which publication is made when there is none: for all tables, for the captured ones, for none, or it is an error.',
  ),
  'publish.via.partition.root': flag(
    false,
    'Whether a new publication gives changes of partitions as those of their root.',
  ),
  'replica.identity.autoset.values': text(
    null,
    'Replica identities to set: table expression and DEFAULT, FULL, NOTHING or INDEX name, as schema.table:FULL, separated by commas.',
  ),
  'status.update.interval.ms': count(10_000, 1, 'How often the server is told how far the connector is, ms.'),
  'flush.lsn.source': flag(true, 'Old form of lsn.flush.mode: false is manual.'),
  'lsn.flush.mode': {
    type: 'string',
    default: null,
    validator: oneOf('connector', 'manual', 'connector_and_driver'),
    importance: 'medium',
    doc: 'Who moves the slot: the connector, after offsets are committed, or somebody else. connector_and_driver means connector here.',
  },
  'lsn.flush.timeout.ms': long(30_000, 1, 'Accepted; a flush does not wait here.'),
  'lsn.flush.timeout.action': choice('fail', ['fail', 'warn', 'ignore'], 'Accepted; a flush does not wait here.'),
  'xmin.fetch.interval.ms': long(0, 0, "How often the slot's xmin is read into events, ms; 0 for never."),
  'read.only': flag(false, 'Whether the connector may not write to the database.'),
  'message.prefix.include.list': expressions('Prefixes of logical messages to capture.'),
  'message.prefix.exclude.list': expressions('Prefixes of logical messages not to capture.'),
  'schema.refresh.mode': choice(
    'columns_diff',
    ['columns_diff', 'columns_diff_exclude_unchanged_toast'],
    'Accepted: schemas follow each relation message.',
  ),
  'schema.include.list': expressions('Schemas to capture.'),
  'schema.exclude.list': expressions('Schemas not to capture.'),
  'table.include.list': expressions('Tables to capture, as schema.table.'),
  'table.exclude.list': expressions('Tables not to capture.'),
  'table.ignore.builtin': flag(true, "Whether the server's own tables are left out."),
  'column.include.list': expressions('Columns to capture, as schema.table.column.'),
  'column.exclude.list': expressions('Columns not to capture.'),
  'message.key.columns': text(
    null,
    'Columns of keys: table expression and columns, as schema.table:a,b, separated by semicolons.',
  ),
  'snapshot.mode': choice(
    'initial',
    ['always', 'initial', 'initial_only', 'no_data', 'never', 'when_needed'],
    'When the rows that are there are read first.',
  ),
  'snapshot.isolation.mode': choice(
    'serializable',
    ['serializable', 'repeatable_read', 'read_committed', 'read_uncommitted'],
    'Accepted: all tables are read in the one moment at which the slot begins.',
  ),
  'snapshot.locking.mode': choice(
    'none',
    ['none', 'shared'],
    'Whether tables are locked against changes of their structure while they are read.',
  ),
  'snapshot.include.collection.list': expressions('Tables to read in a snapshot, among the captured ones.'),
  'snapshot.select.statement.overrides': text(
    null,
    'Tables with a statement of their own in snapshot.select.statement.overrides.schema.table.',
  ),
  'snapshot.delay.ms': long(0, 0, 'Pause before a snapshot, ms.'),
  'streaming.delay.ms': long(0, 0, 'Pause between a snapshot and streaming, ms.'),
  'snapshot.fetch.size': count(10_240, 1, 'Accepted: rows come in a stream.'),
  'snapshot.max.threads': count(1, 1, 'Accepted: tables are read one after another.'),
  'snapshot.lock.timeout.ms': long(10_000, 0, 'How long to wait for locks, ms.'),
  'max.batch.size': count(2048, 1, 'The most records of a poll.'),
  'max.queue.size': count(8192, 1, 'Accepted: what waits is bounded by its bytes.'),
  'max.queue.size.in.bytes': long(0, 0, 'Bytes read ahead; 0 for 4 MB.'),
  'poll.interval.ms': long(500, 1, 'How long a poll waits for changes, ms.'),
  'decimal.handling.mode': choice('precise', ['precise', 'string', 'double'], 'How numeric and money are written.'),
  'time.precision.mode': choice(
    'adaptive',
    ['adaptive', 'adaptive_time_microseconds', 'connect', 'isostring', 'microseconds', 'nanoseconds'],
    'How dates and times are written.',
  ),
  'binary.handling.mode': choice('bytes', ['bytes', 'base64', 'base64-url-safe', 'hex'], 'How bytea is written.'),
  'hstore.handling.mode': choice('json', ['json', 'map'], 'How hstore is written.'),
  'interval.handling.mode': choice('numeric', ['numeric', 'string'], 'How intervals are written.'),
  'include.unknown.datatypes': flag(false, 'Whether columns of other types are written as bytes of their text.'),
  'money.fraction.digits': {
    type: 'short',
    default: 2,
    validator: atLeast(0),
    importance: 'low',
    doc: 'Digits of money after the point.',
  },
  'unavailable.value.placeholder': text(
    '__debezium_unavailable_value',
    'Stands for a large value that an update did not touch.',
  ),
  'tombstones.on.delete': flag(true, 'Whether a deletion is followed by a record without value.'),
  'skipped.operations': text('t', 'Operations not written: c, u, d, t, separated by commas, or none.'),
  'provide.transaction.metadata': flag(false, 'Whether begin and end of transactions are written.'),
  'topic.delimiter': text('.', 'Between the parts of topic names.'),
  'topic.transaction': text('transaction', 'Last part of the topic of transactions.'),
  'topic.heartbeat.prefix': text('__debezium-heartbeat', 'First part of the topic of heartbeats.'),
  'heartbeat.interval.ms': long(0, 0, 'How often a heartbeat is written, ms; 0 for never.'),
  'heartbeat.action.query': text(null, 'A statement run with each heartbeat.'),
  'extended.headers.enabled': flag(true, 'Whether events carry headers that name connector, task and run.'),
  'signal.data.collection': unsupported('Table of signals: no incremental snapshots here.'),
  converters: unsupported('Custom converters are classes of the JVM.'),
  'post.processors': unsupported('Post-processors of events.'),
  'column.propagate.source.type': unsupported("Parameters of the source's types in schemas."),
  'datatype.propagate.source.type': unsupported("Parameters of the source's types in schemas."),
  'topic.naming.strategy': choice(
    'io.debezium.schema.SchemaTopicNamingStrategy',
    ['io.debezium.schema.SchemaTopicNamingStrategy', 'io.debezium.schema.DefaultTopicNamingStrategy'],
    'Topics are prefix.schema.table with both.',
  ),
  'schema.name.adjustment.mode': choice('none', ['none'], 'Names of schemas are written as they are.'),
  'field.name.adjustment.mode': choice('none', ['none'], 'Names of fields are written as they are.'),
  'skip.messages.without.change': choice('false', ['false'], 'Updates that change no captured column are written.'),
  'include.schema.comments': flag(false, 'Accepted: comments of columns are not written into schemas.'),
} satisfies Readonly<Record<string, ConfigKeySpec>>)

/** The parsed configuration. */
export type PostgresConfig = InferConfig<typeof POSTGRES_CONFIG>
