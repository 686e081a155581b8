// What the connectors can be told: Debezium's keys with their defaults.
import {
  atLeast,
  between,
  type ConfigKeySpec,
  defineConfig,
  type InferConfig,
  nonEmptyString,
  oneOf,
} from '@millrace/api'

const text = (doc: string, value: string | null = null) =>
  ({ type: 'string', default: value, importance: 'medium', doc }) as const
const choice = <const V extends string>(doc: string, value: V, ...others: readonly string[]) =>
  ({ type: 'string', default: value, importance: 'medium', doc, validator: oneOf(value, ...others) }) as const
const flag = (doc: string, value: boolean) => ({ type: 'boolean', default: value, importance: 'low', doc }) as const
const count = (doc: string, value: number, least = 0) =>
  ({ type: 'long', default: value, importance: 'low', doc, validator: atLeast(least) }) as const satisfies ConfigKeySpec

/** Keys of {@link MySqlConnector} and {@link MariaDbConnector}. */
export const MYSQL_CONFIG = defineConfig({
  'topic.prefix': {
    type: 'string',
    importance: 'high',
    validator: nonEmptyString,
    doc: 'Begins the names of all topics and schemas, and names the source partition. Never change it.',
  },
  'database.hostname': { type: 'string', importance: 'high', validator: nonEmptyString, doc: 'Host of the server.' },
  'database.port': {
    type: 'int',
    default: 3306,
    importance: 'high',
    validator: between(1, 65_535),
    doc: 'Port of the server.',
  },
  'database.user': {
    type: 'string',
    importance: 'high',
    validator: nonEmptyString,
    doc: 'User, with the privileges SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE and REPLICATION CLIENT.',
  },
  'database.password': { type: 'password', default: null, importance: 'high', doc: 'Password of the user.' },
  'database.server.id': {
    type: 'long',
    default: 0,
    importance: 'high',
    validator: between(0, 4_294_967_295),
    doc: 'The number of this reader among the servers and replicas of the cluster: no other may have it. Required.',
  },
  'database.include.list': text('Patterns of the databases to capture, between commas; all by default.'),
  'database.exclude.list': text('Patterns of the databases not to capture.'),
  'table.include.list': text('Patterns of the tables to capture, as `database.table`.'),
  'table.exclude.list': text('Patterns of the tables not to capture.'),
  'column.include.list': text('Patterns of the columns to show, as `database.table.column`.'),
  'column.exclude.list': text('Patterns of the columns not to show.'),
  'database.ssl.mode': choice(
    'Whether the connection is encrypted, and whom it trusts.',
    'preferred',
    'disabled',
    'required',
    'verify_ca',
    'verify_identity',
    'disable',
    'trust',
    'verify-ca',
    'verify-full',
  ),
  'connect.timeout.ms': count('How long a connection may take, ms.', 30_000, 1),
  'connect.keep.alive.interval.ms': count('How often a silent server tells that it is there, ms.', 60_000, 1),
  'database.initial.statements': text(
    'Statements for each new connection that reads tables, between semicolons; two stand for one in a statement.',
  ),
  'snapshot.mode': choice(
    'When tables are read before the binlog.',
    'initial',
    'always',
    'initial_only',
    'no_data',
    'schema_only',
    'when_needed',
    'never',
    'recovery',
    'schema_only_recovery',
  ),
  'snapshot.locking.mode': choice(
    'How long the server is locked: while table schemas are read, while all is read, or not at all.',
    'minimal',
    'extended',
    'none',
  ),
  'snapshot.fetch.size': {
    ...count('Rows that are read at once; accepted for configurations that have it: rows come as they are wanted.', 0),
    default: null,
  },
  'snapshot.lock.timeout.ms': count('How long to wait for locks, ms.', 10_000, 1),
  'snapshot.include.collection.list': text(
    'Patterns of the captured tables whose rows a snapshot reads; all by default.',
  ),
  'snapshot.select.statement.overrides': text(
    'Tables, as `database.table`, whose rows another statement reads: see `snapshot.select.statement.overrides.<table>`.',
  ),
  'include.schema.changes': flag(
    'Whether statements that change tables become records of the topic that is called as `topic.prefix` says.',
    true,
  ),
  'include.schema.comments': flag(
    'Whether schemas of a MySQL server show the comments of tables and columns; those of MariaDB always do.',
    false,
  ),
  'include.query': flag('Whether change events show the statement behind them, where the server writes it.', false),
  'extended.headers.enabled': flag('Whether records carry headers with the names of connector and task.', true),
  'tombstones.on.delete': flag(
    'Whether a deletion is followed by a record without value, with which compaction forgets the row.',
    true,
  ),
  'skipped.operations': text('Operations not to show: c, u, d, t, or none.', 't'),
  'decimal.handling.mode': choice('How decimals are shown.', 'precise', 'double', 'string'),
  'time.precision.mode': choice(
    'How dates and times are shown.',
    'adaptive_time_microseconds',
    'connect',
    'isostring',
    'microseconds',
    'nanoseconds',
  ),
  'enable.time.adjuster': flag(
    'Whether the years 0 to 99 of dates are read as 2000 to 2069 and 1970 to 1999, as the server reads years of two digits.',
    true,
  ),
  'binary.handling.mode': choice('How bytes are shown.', 'bytes', 'base64', 'base64-url-safe', 'hex'),
  'bigint.unsigned.handling.mode': choice('How unsigned 64-bit integers are shown.', 'long', 'precise'),
  'inconsistent.schema.handling.mode': choice(
    'What to do with rows of a table whose schema is not known.',
    'fail',
    'warn',
    'skip',
    'ignore',
  ),
  'gtid.source.includes': text('Patterns of the sources, as UUID or domain, whose transactions count in the GTID set.'),
  'gtid.source.excludes': text('Patterns of the sources whose transactions do not count.'),
  'gtid.ignore.on.recovery': flag('Whether to begin again at file and position, though GTIDs are known.', false),
  'max.batch.size': count('The most records of one poll.', 2_048, 1),
  'max.queue.size': count(
    'Accepted for configurations that have it: what is not polled stays with the server.',
    8_192,
    1,
  ),
  'poll.interval.ms': count('How long a poll waits for records, ms.', 500, 1),
  'signal.data.collection': text('The table that signals come through, as `database.table`.'),
  'schema.history.internal': text(
    'Class of the schema history.',
    'io.debezium.storage.kafka.history.KafkaSchemaHistory',
  ),
  'schema.history.internal.kafka.topic': text('Topic of the schema history.'),
  'schema.history.internal.kafka.bootstrap.servers': text('Brokers of the schema history.'),
  'schema.history.internal.file.filename': text('File of `io.debezium.storage.file.history.FileSchemaHistory`.'),
  'schema.history.internal.skip.unparseable.ddl': flag(
    'Whether statements that cannot be read are passed over.',
    false,
  ),
  'schema.history.internal.store.only.captured.tables.ddl': flag(
    'Whether the history keeps captured tables alone.',
    false,
  ),
})

/** Parsed configuration. */
export type Config = InferConfig<typeof MYSQL_CONFIG>
