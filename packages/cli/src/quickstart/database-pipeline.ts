// The quickstart's connectors between databases, created as a user would: POSTs to the REST API.
import { join } from 'node:path'
import type { DevStack } from '../dev/stack.ts'
import { SHOP, type Shop, TABLE, TOPIC, WAREHOUSE } from './database.ts'
import { createConnector } from './pipeline.ts'

const JSON_WITH_SCHEMAS = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': 'true',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'true',
}

/** Captures the shop, and writes its changes into the warehouse and, row by row, into a file whose name is returned. */
export async function createDatabasePipeline(stack: DevStack, shop: Shop): Promise<string> {
  const output = join(stack.dataDir, `${TABLE}.txt`)
  const { host, port, user, password } = shop.server
  await createConnector(stack, SHOP, {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'plugin.name': 'pgoutput',
    'topic.prefix': SHOP,
    'database.hostname': host,
    'database.port': String(port),
    'database.user': user,
    'database.password': password,
    'database.dbname': SHOP,
    'table.include.list': `public.${TABLE}`,
    'poll.interval.ms': '10',
    ...JSON_WITH_SCHEMAS,
  })
  await createConnector(stack, WAREHOUSE, {
    'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
    topics: TOPIC,
    'connection.url': shop.jdbcUrl,
    'connection.username': user,
    'connection.password': password,
    'insert.mode': 'upsert',
    'delete.enabled': 'true',
    'primary.key.mode': 'record_key',
    'schema.evolution': 'basic',
    'collection.name.format': TABLE,
    ...JSON_WITH_SCHEMAS,
  })
  await createConnector(stack, 'file', {
    'connector.class': 'FileStreamSink',
    topics: TOPIC,
    file: output,
    transforms: 'unwrap',
    'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
    'transforms.unwrap.delete.tombstone.handling.mode': 'rewrite',
    'transforms.unwrap.add.fields': 'op',
    ...JSON_WITH_SCHEMAS,
  })
  return output
}
