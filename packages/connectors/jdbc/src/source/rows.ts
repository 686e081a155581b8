// Rows as records: the schema of a result, and its values.
import { type Logger, type OffsetMap, type Schema, SchemaBuilder, SourceRecord } from '@millrace/api'
import type { ColumnReader, Dialect, ReadOptions, ResultColumn, TableDefinition } from '@millrace/kit-sql'

/** Turns rows of one result into records. */
export interface RowMapper {
  readonly schema: Schema
  record(row: readonly unknown[], offset: OffsetMap | null): SourceRecord
}

/** What all rows of a table or query share. */
export interface RowContext {
  readonly dialect: Dialect
  readonly options: ReadOptions
  readonly topic: string
  readonly partition: OffsetMap
  /** Name of the schema: the table's; null for a query. */
  readonly schemaName: string | null
  /** The table's definition, which knows what may be null; null for a query. */
  readonly definition: TableDefinition | null
  readonly log: Logger
}

/** Makes the mapper of a result. Columns whose type has no mapping are left out, with a warning, as in the reference. */
export function rowMapper(context: RowContext, columns: readonly ResultColumn[]): RowMapper {
  const { dialect, options, definition, topic, partition, log } = context
  const builder = SchemaBuilder.struct()
  if (context.schemaName !== null) builder.name(context.schemaName)
  const names: string[] = []
  const indexes: number[] = []
  const readers: ColumnReader[] = []
  for (const [i, column] of columns.entries()) {
    const optional = column.nullable ?? definition?.columns.get(column.baseName)?.nullable ?? true
    const reader = dialect.reader(column, optional, options)
    if (reader === undefined) {
      log.warn(`Column ${column.name} of ${topic} has the type ${column.type}, which has no mapping: it is left out`)
      continue
    }
    builder.field(column.name, reader.schema)
    names.push(column.name)
    indexes.push(i)
    readers.push(reader)
  }
  const valueSchema = builder.build()
  const width = names.length
  const record = (row: readonly unknown[], sourceOffset: OffsetMap | null) => {
    const value: Record<string, unknown> = {}
    for (let i = 0; i < width; i++) {
      const cell = row[indexes[i] as number]
      value[names[i] as string] = cell === null || cell === undefined ? null : (readers[i] as ColumnReader).read(cell)
    }
    return new SourceRecord({ sourcePartition: partition, sourceOffset, topic, valueSchema, value })
  }
  return { schema: valueSchema, record }
}
