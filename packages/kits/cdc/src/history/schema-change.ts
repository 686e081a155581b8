// include.schema.changes: records that tell of changed tables, on the topic that is called as topic.prefix says.
import {
  type Headers,
  type OffsetMap,
  type Schema,
  SchemaBuilder,
  Schemas,
  SourceRecord,
  type Value,
} from '@millrace/api'
import type { Column, Table } from '../model/table.ts'
import { quoteTableId } from '../model/table-id.ts'
import type { NameAdjuster } from '../names/adjust.ts'
import type { TableChange } from './record.ts'

const { STRING, OPTIONAL_STRING, INT32, OPTIONAL_INT32, INT64, OPTIONAL_BOOLEAN } = Schemas
const strings = () => SchemaBuilder.array(STRING).optional().build()

/** What a record of a schema change says. */
export interface SchemaChange {
  readonly offset: OffsetMap
  readonly source: Value
  readonly databaseName: string
  readonly schemaName: string | null
  /** The statement; null where the log has none. */
  readonly ddl: string | null
  readonly changes: readonly TableChange[]
  readonly headers: Headers | null
}

/** Makes records of schema changes. `connector` is the plugin's short name, as `mysql`. */
export class SchemaChangeRecords {
  readonly #topic: string
  readonly #partition: OffsetMap
  readonly #key: Schema
  readonly #value: Schema

  constructor(connector: string, topic: string, partition: OffsetMap, source: Schema, adjust: NameAdjuster) {
    this.#topic = topic
    this.#partition = partition
    const base = `io.debezium.connector.${connector}`
    const change = changeSchema(adjust)
    this.#key = SchemaBuilder.struct()
      .name(adjust(`${base}.SchemaChangeKey`))
      .version(1)
      .field('databaseName', STRING)
      .build()
    this.#value = SchemaBuilder.struct()
      .name(adjust(`${base}.SchemaChangeValue`))
      .version(1)
      .field('source', source)
      .field('ts_ms', INT64)
      .field('databaseName', OPTIONAL_STRING)
      .field('schemaName', OPTIONAL_STRING)
      .field('ddl', OPTIONAL_STRING)
      .field('tableChanges', SchemaBuilder.array(change).build())
      .build()
  }

  record({ offset, source, databaseName, schemaName, ddl, changes, headers }: SchemaChange): SourceRecord {
    return new SourceRecord({
      sourcePartition: this.#partition,
      sourceOffset: offset,
      topic: this.#topic,
      kafkaPartition: 0,
      keySchema: this.#key,
      key: { databaseName },
      valueSchema: this.#value,
      value: {
        source,
        ts_ms: Date.now(),
        databaseName,
        schemaName,
        ddl,
        tableChanges: changes.map((change) => changeValue(change)),
      },
      headers,
    })
  }
}

function changeSchema(adjust: NameAdjuster): Schema {
  const column = SchemaBuilder.struct()
    .name(adjust('io.debezium.connector.schema.Column'))
    .version(1)
    .field('name', STRING)
    .field('jdbcType', INT32)
    .field('nativeType', OPTIONAL_INT32)
    .field('typeName', STRING)
    .field('typeExpression', OPTIONAL_STRING)
    .field('charsetName', OPTIONAL_STRING)
    .field('length', OPTIONAL_INT32)
    .field('scale', OPTIONAL_INT32)
    .field('position', INT32)
    .field('optional', OPTIONAL_BOOLEAN)
    .field('autoIncremented', OPTIONAL_BOOLEAN)
    .field('generated', OPTIONAL_BOOLEAN)
    .field('comment', OPTIONAL_STRING)
    .field('defaultValueExpression', OPTIONAL_STRING)
    .field('enumValues', strings())
    .build()
  const table = SchemaBuilder.struct()
    .name(adjust('io.debezium.connector.schema.Table'))
    .version(1)
    .optional()
    .field('defaultCharsetName', OPTIONAL_STRING)
    .field('primaryKeyColumnNames', strings())
    .field('columns', SchemaBuilder.array(column).build())
    .field('comment', OPTIONAL_STRING)
    .build()
  return SchemaBuilder.struct()
    .name(adjust('io.debezium.connector.schema.Change'))
    .version(1)
    .field('type', STRING)
    .field('id', STRING)
    .field('table', table)
    .build()
}

function changeValue(change: TableChange): Record<string, Value> {
  if (change.type === 'DROP') return { type: 'DROP', id: quoteTableId(change.id), table: null }
  return { type: change.type, id: quoteTableId(change.table.id), table: tableValue(change.table) }
}

function tableValue({ defaultCharset, primaryKey, columns, comment }: Table): Record<string, Value> {
  return {
    defaultCharsetName: defaultCharset,
    primaryKeyColumnNames: [...primaryKey],
    columns: columns.map(columnValue),
    comment,
  }
}

function columnValue(column: Column): Record<string, Value> {
  return {
    name: column.name,
    jdbcType: column.jdbcType,
    nativeType: column.nativeType,
    typeName: column.typeName,
    typeExpression: column.typeExpression,
    charsetName: column.charsetName,
    length: column.length,
    scale: column.scale,
    position: column.position,
    optional: column.optional,
    autoIncremented: column.autoIncremented,
    generated: column.generated,
    comment: column.comment,
    defaultValueExpression: column.defaultExpression,
    // A list without elements is shown as none.
    enumValues: column.enumValues.length === 0 ? null : [...column.enumValues],
  }
}
