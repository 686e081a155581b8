// Records of the schema history, in Debezium's JSON.
import type { OffsetMap } from '@millrace/api'
import type { DdlChange } from '../ddl/parse.ts'
import type { Column, Table } from '../schema/table.ts'

/** One record: a statement, and where it stood. */
export interface HistoryRecord {
  readonly source: { readonly server: string }
  readonly position: OffsetMap
  readonly ts_ms: number
  readonly databaseName: string
  readonly ddl: string
  readonly tableChanges: readonly unknown[]
}

/** `"database"."table"`. */
export function quotedId(database: string, name: string): string {
  return `"${database}"."${name}"`
}

/** The changes of a statement as the history has them. Changes of databases have no table. */
export function tableChanges(changes: readonly DdlChange[]): unknown[] {
  return changes.flatMap((change) => {
    if (change.type === 'DATABASE' || change.type === 'TRUNCATE') return []
    const id = quotedId(change.database, change.name)
    if (change.type === 'DROP') return [{ type: 'DROP', id }]
    const table = change.table === null ? null : tableDocument(change.table)
    const [database = '', ...name] = change.previous?.split('.') ?? []
    const previous = change.previous === null ? {} : { previousId: quotedId(database, name.join('.')) }
    return [{ type: change.type, id, ...previous, table, comment: change.table?.comment ?? null }]
  })
}

function tableDocument(table: Table): unknown {
  return {
    defaultCharsetName: table.charset,
    primaryKeyColumnNames: table.primaryKey,
    columns: table.columns.map(columnDocument),
    attributes: [],
  }
}

function columnDocument(column: Column, at: number): unknown {
  return {
    name: column.name,
    jdbcType: column.jdbcType,
    typeName: column.typeName,
    typeExpression: column.typeName,
    charsetName: column.charset,
    ...(column.length !== null && { length: column.length }),
    ...(column.scale !== null && { scale: column.scale }),
    position: at + 1,
    optional: column.optional,
    autoIncremented: column.autoIncremented,
    generated: column.generated,
    comment: column.comment,
    hasDefaultValue: column.hasDefault,
    ...(column.defaultValue !== null && { defaultValueExpression: column.defaultValue }),
    enumValues: column.enumValues,
  }
}

/** Reads one record; undefined for what is none. */
export function parseRecord(text: string): HistoryRecord | undefined {
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed !== 'object' || parsed === null || !('source' in parsed) || !('position' in parsed))
    return undefined
  const { source, position, ts_ms, databaseName, ddl, tableChanges: changes } = parsed as Partial<HistoryRecord>
  return {
    source: source ?? { server: '' },
    position: position ?? {},
    ts_ms: Number(ts_ms ?? 0),
    databaseName: databaseName ?? '',
    ddl: ddl ?? '',
    tableChanges: changes ?? [],
  }
}
