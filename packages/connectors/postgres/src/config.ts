// What the connector can be told: the keys of all relational connectors, and its own, as Debezium has them.
import { atLeast, defineConfig, type InferConfig, listOf, nonEmptyString, oneOf, type Validator } from '@millrace/api'
import { COMMON_CONFIG, regexes, TOPIC_NAMING_STRATEGIES } from '@millrace/kit-cdc'

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
  ({ type: 'list', default: null, validator: regexes, importance: 'medium', doc }) as const
const slotName: Validator = Object.assign(
  (_key: string, value: unknown) =>
    /^[a-z0-9_]{1,63}$/.test(String(value))
      ? undefined
      : 'A slot name has lower-case letters, digits and underscores, 63 at most',
  { describe: 'lower-case letters, digits and underscores, 63 at most' },
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

/** Databases are chosen by `database.dbname` here. */
const { 'database.include.list': _included, 'database.exclude.list': _excluded, ...COMMON_KEYS } = COMMON_CONFIG.spec

const OWN = defineConfig({
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
  'snapshot.fetch.size': count(10_240, 1, 'Accepted: rows come in a stream.'),
  'snapshot.max.threads': count(1, 1, 'Accepted: tables are read one after another.'),
  'errors.max.retries': count(-1, -1, 'Accepted: slot.max.retries says how often a lost connection is tried again.'),
  'retriable.restart.connector.wait.ms': long(10_000, 1, 'Accepted: see slot.retry.delay.ms.'),
  'max.queue.size': count(8192, 1, 'Accepted: what waits is bounded by its bytes.'),
  'max.queue.size.in.bytes': long(0, 0, 'Bytes read ahead; 0 for 4 MB.'),
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
  'signal.enabled.channels': {
    type: 'list',
    default: 'source',
    validator: listOf('source', 'file'),
    importance: 'medium',
    doc: 'Where signals come from: rows of the signal table (source), lines of a file (file).',
  },
  'notification.enabled.channels': {
    type: 'list',
    default: null,
    validator: listOf('sink', 'log'),
    importance: 'medium',
    doc: 'Where notifications go: a topic (sink), the log.',
  },
  'snapshot.tables.order.by.row.count': choice(
    'disabled',
    ['disabled'],
    'Tables are read in the order of their names.',
  ),
  converters: unsupported('Custom converters are classes of the JVM.'),
  'post.processors': unsupported('Post-processors of events.'),
  'topic.naming.strategy': {
    type: 'class',
    default: 'io.debezium.schema.SchemaTopicNamingStrategy',
    validator: oneOf(...TOPIC_NAMING_STRATEGIES),
    importance: 'medium',
    doc: 'How topics are named after tables.',
  },
  'include.schema.comments': flag(false, 'Accepted: comments of columns are not written into schemas.'),
})

/** Keys of {@link PostgresConnector}. */
export const POSTGRES_CONFIG = defineConfig(COMMON_KEYS).merge(OWN)

/** The parsed configuration. */
export type PostgresConfig = InferConfig<typeof POSTGRES_CONFIG>
