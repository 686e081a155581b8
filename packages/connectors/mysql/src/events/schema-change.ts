// Schemas of the records that tell of changed tables.
import { type Schema, SchemaBuilder, Schemas } from '@millrace/api'

const { STRING, OPTIONAL_STRING, INT32, OPTIONAL_INT32, INT64, OPTIONAL_BOOLEAN } = Schemas
const strings = () => SchemaBuilder.array(STRING).optional().build()

const COLUMN = SchemaBuilder.struct()
  .name('io.debezium.connector.schema.Column')
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

const TABLE = SchemaBuilder.struct()
  .name('io.debezium.connector.schema.Table')
  .version(1)
  .optional()
  .field('defaultCharsetName', OPTIONAL_STRING)
  .field('primaryKeyColumnNames', strings())
  .field('columns', SchemaBuilder.array(COLUMN).build())
  .field('comment', OPTIONAL_STRING)
  .build()

const CHANGE = SchemaBuilder.struct()
  .name('io.debezium.connector.schema.Change')
  .version(1)
  .field('type', STRING)
  .field('id', STRING)
  .field('table', TABLE)
  .build()

/** Schemas of key and value for one kind of connector. */
export interface SchemaChangeSchemas {
  readonly key: Schema
  readonly value: Schema
}

export function schemaChangeSchemas(kind: string, source: Schema): SchemaChangeSchemas {
  const base = `io.debezium.connector.${kind}`
  const key = SchemaBuilder.struct().name(`${base}.SchemaChangeKey`).version(1).field('databaseName', STRING).build()
  const value = SchemaBuilder.struct()
    .name(`${base}.SchemaChangeValue`)
    .version(1)
    .field('source', source)
    .field('ts_ms', INT64)
    .field('databaseName', OPTIONAL_STRING)
    .field('schemaName', OPTIONAL_STRING)
    .field('ddl', OPTIONAL_STRING)
    .field('tableChanges', SchemaBuilder.array(CHANGE).build())
    .build()
  return { key, value }
}

interface TableDocument {
  readonly columns: readonly Record<string, unknown>[]
  readonly [name: string]: unknown
}

/** The history's documents as values of the schemas above: every field of a struct is there. */
function changes(documents: readonly unknown[]): unknown[] {
  return documents.map((document) => {
    const { type, id, table, comment } = document as Record<string, unknown>
    if (table === undefined || table === null) return { type, id, table: null }
    const { defaultCharsetName, primaryKeyColumnNames, columns } = table as TableDocument
    const whole = columns.map((column) =>
      Object.fromEntries(COLUMN.fields.map(({ name }) => [name, orNull(column[name])])),
    )
    return { type, id, table: { defaultCharsetName, primaryKeyColumnNames, columns: whole, comment: comment ?? null } }
  })
}

/** A list without elements is shown as none. */
function orNull(value: unknown): unknown {
  return value === undefined || (Array.isArray(value) && value.length === 0) ? null : value
}

export const SCHEMA_CHANGE = Object.freeze({ changes, string: STRING })
