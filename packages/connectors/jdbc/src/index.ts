// The plugins of this package. Light: the code of a plugin is loaded when it is first used.
import { definePlugins } from '@millrace/api'
import { VERSION } from './version.ts'

/** Sinks and sources of relational databases, under the class names of the connectors they stand in for. */
export const plugins = definePlugins([
  {
    kind: 'source',
    className: 'io.confluent.connect.jdbc.JdbcSourceConnector',
    aliases: ['io.aiven.connect.jdbc.JdbcSourceConnector'],
    version: VERSION,
    load: async () => (await import('./source/connector.ts')).JdbcSourceConnector,
  },
  {
    kind: 'sink',
    className: 'io.confluent.connect.jdbc.JdbcSinkConnector',
    aliases: ['io.aiven.connect.jdbc.JdbcSinkConnector'],
    version: VERSION,
    load: async () => (await import('./sink/connector.ts')).JdbcSinkConnector,
  },
  {
    kind: 'sink',
    className: 'io.debezium.connector.jdbc.JdbcSinkConnector',
    version: VERSION,
    load: async () => (await import('./debezium/connector.ts')).DebeziumJdbcSinkConnector,
  },
])
