// The configuration that both connectors are given, and which class of Debezium's a server is for.
import type { ConnectorProps } from '@millrace/api'
import type { Mysql, MysqlFlavor } from '@millrace/testkit'

/** Class of the connector for a server. */
export function classOf(flavor: MysqlFlavor): string {
  return flavor.startsWith('mysql')
    ? 'io.debezium.connector.mysql.MySqlConnector'
    : 'io.debezium.connector.mariadb.MariaDbConnector'
}

/** Configuration that connects to a server. */
export function propsOf(
  server: Pick<Mysql, 'host' | 'port' | 'user' | 'password'>,
  more: ConnectorProps = {},
): ConnectorProps {
  return {
    'database.hostname': server.host,
    'database.port': String(server.port),
    'database.user': server.user,
    'database.password': server.password,
    'database.server.id': '5555',
    'topic.prefix': 'ref',
    'database.include.list': 'inventory',
    ...more,
  }
}

/** Where the schema history is, in Kafka. */
export function kafkaHistory(bootstrap: string): ConnectorProps {
  return {
    'schema.history.internal.kafka.bootstrap.servers': bootstrap,
    'schema.history.internal.kafka.topic': 'ref-history',
  }
}

/** Where the schema history is, in a file. */
export function fileHistory(file: string): ConnectorProps {
  return {
    'schema.history.internal': 'io.debezium.storage.file.history.FileSchemaHistory',
    'schema.history.internal.file.filename': file,
  }
}
