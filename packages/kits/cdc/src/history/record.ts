// Records of the schema history in Debezium's JSON, so that a history of the one is read by the other.
import { DataException } from '@millrace/api'
import { type Column, columnOf, makeTable, type Table } from '../model/table.ts'
import { parseTableId, quoteTableId, type TableId } from '../model/table-id.ts'

/** What happened to one table. */
export type TableChange =
  | { readonly type: 'CREATE' | 'ALTER'; readonly table: Table; readonly previousId?: TableId | null }
  | { readonly type: 'DROP'; readonly id: TableId }

/** A change of schemas and where in the log it stands. */
export interface HistoryRecord {
  /** The source partition, `{"server": "<topic.prefix>"}`. */
  readonly source: Readonly<Record<string, unknown>>
  /** The offset at which it holds. */
  readonly position: Readonly<Record<string, unknown>>
  /** Milliseconds since the epoch. */
  readonly ts_ms: number | null
  readonly databaseName: string | null
  readonly schemaName: string | null
  readonly ddl: string | null
  readonly tableChanges: readonly TableChange[]
}

/** The record's text. */
export function historyToJson(record: HistoryRecord): string {
  const { source, position, ts_ms, databaseName, schemaName, ddl, tableChanges } = record
  const rest = JSON.stringify({
    ...(ts_ms !== null && { ts_ms }),
    ...(databaseName !== null && { databaseName }),
    ...(schemaName !== null && { schemaName }),
    ...(ddl !== null && { ddl }),
    tableChanges: tableChanges.map(changeToJson),
  })
  return `{"source":${flatJson(source)},"position":${flatJson(position)},${rest.slice(1)}`
}

/** A flat map as JSON: long integers as numbers with all their digits. */
function flatJson(map: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(map).map(
    ([key, value]) => `${JSON.stringify(key)}:${typeof value === 'bigint' ? value : JSON.stringify(value)}`,
  )
  return `{${members.join(',')}}`
}

function changeToJson(change: TableChange): object {
  if (change.type === 'DROP') return { type: 'DROP', id: quoteTableId(change.id) }
  const { table, previousId } = change
  return {
    type: change.type,
    id: quoteTableId(table.id),
    ...(previousId && { previousId: quoteTableId(previousId) }),
    table: {
      defaultCharsetName: table.defaultCharset,
      primaryKeyColumnNames: table.primaryKey,
      columns: table.columns.map(columnToJson),
      attributes: [],
    },
    comment: table.comment,
  }
}

function columnToJson(column: Column): object {
  return {
    name: column.name,
    jdbcType: column.jdbcType,
    ...(column.nativeType !== null && { nativeType: column.nativeType }),
    typeName: column.typeName,
    typeExpression: column.typeExpression,
    charsetName: column.charsetName,
    ...(column.length !== null && { length: column.length }),
    ...(column.scale !== null && { scale: column.scale }),
    position: column.position,
    optional: column.optional,
    autoIncremented: column.autoIncremented,
    generated: column.generated,
    comment: column.comment,
    hasDefaultValue: column.hasDefault,
    ...(column.defaultExpression !== null && { defaultValueExpression: column.defaultExpression }),
    enumValues: column.enumValues,
  }
}

type Json = Readonly<Record<string, unknown>>
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null)

/**
 * Reads a record; long integers of its position keep all their digits.
 * @throws DataException when the text is no record of a schema history
 */
export function historyFromJson(line: string, catalogFirst = true): HistoryRecord {
  let doc: Json
  try {
    doc = JSON.parse(line, exactIntegers) as Json
  } catch (cause) {
    throw new DataException('A record of the schema history is not JSON', { cause })
  }
  const { source, position, tableChanges } = doc
  if (typeof source !== 'object' || source === null || typeof position !== 'object' || position === null) {
    throw new DataException('A record of the schema history has no source or no position')
  }
  return {
    source: source as Json,
    position: position as Json,
    ts_ms: number(doc.ts_ms),
    databaseName: text(doc.databaseName),
    schemaName: text(doc.schemaName),
    ddl: text(doc.ddl),
    tableChanges: Array.isArray(tableChanges)
      ? tableChanges.map((one) => changeFromJson(one as Json, catalogFirst))
      : [],
  }
}

function exactIntegers(this: unknown, _key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const exact = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
  return exact && context?.source !== undefined && /^-?\d+$/.test(context.source) ? BigInt(context.source) : value
}

function changeFromJson(json: Json, catalogFirst: boolean): TableChange {
  const id = parseTableId(String(json.id), catalogFirst)
  if (json.type === 'DROP') return { type: 'DROP', id }
  if (json.type !== 'CREATE' && json.type !== 'ALTER') {
    throw new DataException(`Unknown type of a table change in the schema history: ${String(json.type)}`)
  }
  const table = json.table as Json
  const columns = table.columns as readonly Json[]
  const made = makeTable(
    id,
    columns.map((one) => ({
      name: String(one.name),
      jdbcType: Number(one.jdbcType),
      nativeType: number(one.nativeType),
      typeName: String(one.typeName),
      typeExpression: text(one.typeExpression),
      charsetName: text(one.charsetName),
      length: number(one.length),
      scale: number(one.scale),
      optional: one.optional === true,
      autoIncremented: one.autoIncremented === true,
      generated: one.generated === true,
      comment: text(one.comment),
      hasDefault: one.hasDefaultValue === true || text(one.defaultValueExpression) !== null,
      defaultExpression: text(one.defaultValueExpression),
      enumValues: (one.enumValues as readonly string[] | undefined) ?? [],
    })),
    (table.primaryKeyColumnNames as readonly string[] | undefined) ?? [],
    { defaultCharset: text(table.defaultCharsetName), comment: text(json.comment) ?? text(table.comment) },
  )
  const lost = made.primaryKey.find((name) => columnOf(made, name) === undefined)
  if (lost !== undefined)
    throw new DataException(`Column ${lost} of the key of ${id.text} is not in the schema history`)
  const previousId = text(json.previousId)
  return {
    type: json.type,
    table: made,
    previousId: previousId === null ? null : parseTableId(previousId, catalogFirst),
  }
}
