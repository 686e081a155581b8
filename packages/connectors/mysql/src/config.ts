// What the connectors can be told: Debezium's keys with their defaults. Those of all relational connectors are the kit's.
import {
  atLeast,
  between,
  type ConfigKeySpec,
  defineConfig,
  type InferConfig,
  nonEmptyString,
  oneOf,
} from '@millrace/api'
import { COMMON_CONFIG, HISTORY_CONFIG } from '@millrace/kit-cdc'

const text = (doc: string, value: string | null = null) =>
  ({ type: 'string', default: value, importance: 'medium', doc }) as const
const choice = <const V extends string>(doc: string, value: V, ...others: readonly string[]) =>
  ({ type: 'string', default: value, importance: 'medium', doc, validator: oneOf(value, ...others) }) as const
const flag = (doc: string, value: boolean) => ({ type: 'boolean', default: value, importance: 'low', doc }) as const
const count = (doc: string, value: number, least = 0) =>
  ({ type: 'long', default: value, importance: 'low', doc, validator: atLeast(least) }) as const satisfies ConfigKeySpec

const OWN = defineConfig({
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
  'database.ssl.mode': choice(
    'Whether the connection is encrypted, and whom it trusts: `preferred` encrypts where the server can, `required` always, `verify_ca` asks for a certificate of a known authority, `verify_identity` for one of the host, too. `disable`, `trust`, `verify-ca` and `verify-full` are what MariaDB calls them.',
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
  'database.ssl.ca': text('File of the certificates that are trusted, as PEM; those of Node by default.'),
  'database.ssl.cert': text("File of the client's own certificate, as PEM."),
  'database.ssl.key': text('File of its key, as PEM.'),
  'database.ssl.keystore': text('Refused: give PEM files as `database.ssl.cert` and `database.ssl.key`.'),
  'database.ssl.truststore': text('Refused: give a PEM file as `database.ssl.ca`.'),
  'connect.timeout.ms': count('How long a connection may take, ms.', 30_000, 1),
  'connect.keep.alive.interval.ms': count('How often a silent server tells that it is there, ms.', 60_000, 1),
  'database.initial.statements': text(
    'Statements for each new connection that reads tables, between semicolons; two stand for one in a statement.',
  ),
  'snapshot.locking.mode': choice(
    'How long the server is locked: while table schemas are read, while all is read, or not at all.',
    'minimal',
    'extended',
    'none',
  ),
  'topic.naming.strategy': {
    type: 'class',
    default: 'io.debezium.schema.DefaultTopicNamingStrategy',
    importance: 'medium',
    group: 'Advanced',
    doc: 'How topics are named after tables.',
  },
  'include.schema.comments': flag(
    'Whether schemas of a MySQL server show the comments of tables and columns; those of MariaDB always do.',
    false,
  ),
  'include.query': flag('Whether change events show the statement behind them, where the server writes it.', false),
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
  'binlog.buffer.size': count('Accepted, and without effect: the server writes a transaction when it is committed.', 0),
  'database.connectionTimeZone': text(
    'Accepted, and without effect: timestamps are read in UTC, whatever the zone of server and connection.',
  ),
  'gtid.ignore.on.recovery': flag('Whether to begin again at file and position, though GTIDs are known.', false),
})

/** Keys of {@link MySqlConnector} and {@link MariaDbConnector}. */
export const MYSQL_CONFIG = COMMON_CONFIG.merge(HISTORY_CONFIG).merge(OWN)

/** Parsed configuration. */
export type Config = InferConfig<typeof MYSQL_CONFIG>
