// What is compiled once for a table: topic, schemas of key, value and envelope, and the makers of their structs.
import { type Logger, type Schema, SchemaBuilder, type Value } from '@millrace/api'
import type { ColumnMapping, Row, TypeDialect } from '../dialect.ts'
import { type Column, primaryKeyColumns, type Table } from '../model/table.ts'
import type { TableId } from '../model/table-id.ts'
import type { NameAdjuster } from '../names/adjust.ts'
import type { TopicNaming } from '../names/topic-naming.ts'
import { envelopeSchema } from '../schema/common.ts'
import { type ConvertingFailureMode, compileRowMaker, type FieldMaker, type RowMaker } from './row-maker.ts'

/** Changes what a column sends after its type's converter: a mask, a hash, a truncation, parameters of its schema. */
export interface ColumnMapper {
  /** Adds to the field's schema. */
  alterSchema?(column: Column, schema: SchemaBuilder): void
  /** Changes values, nulls among them; undefined for none. */
  converter?(column: Column): ((value: Value) => Value) | undefined
}

/** What {@link compileTable} needs, the same for all tables of a task. */
export interface TableEventsOptions {
  readonly types: TypeDialect
  readonly topics: TopicNaming
  readonly sourceSchema: Schema
  readonly adjustSchemaName: NameAdjuster
  readonly adjustFieldName: NameAdjuster
  readonly convertingFailure: ConvertingFailureMode
  /** False for columns that events leave out (`column.exclude.list`). Keys are not filtered. */
  includesColumn(table: TableId, column: Column): boolean
  mapperOf(table: TableId, column: Column): ColumnMapper | undefined
  /** Columns of the message key (`message.key.columns`); undefined for the primary key. */
  keyColumns(table: Table): readonly Column[] | undefined
  readonly log: Logger
}

/** How events of a table look: names and schemas. What an emitter and its listeners know of a table. */
export interface TableShape {
  readonly id: TableId
  readonly table: Table
  readonly topic: string
  /** Null when the table has no key. */
  readonly keySchema: Schema | null
  readonly valueSchema: Schema
  readonly envelopeSchema: Schema
}

/** All that events of one table need. Frozen; made again when the table changes. */
export interface TableEvents extends TableShape {
  /** The key struct of a row; null without a key. */
  readonly key: (row: Row) => Value
  readonly value: RowMaker
}

/**
 * A table with the fields of its structs: a connector that reads rows out of bytes compiles readers of its own from them,
 * without a row between. The structs must be those that {@link compileTable} would make.
 */
export interface TableDescription extends TableShape {
  readonly fields: readonly FieldMaker[]
  /** Fields of the key: not masked, and there also when the value leaves the column out. */
  readonly keyFields: readonly FieldMaker[]
  /** A constant field of the key, of some topic naming strategies. */
  readonly keyAugment: { readonly field: string; readonly value: string } | undefined
}

/** Compiles a table. Cheap enough for a schema change in mid-stream (below a millisecond for a hundred columns). */
export function compileTable(table: Table, options: TableEventsOptions): TableEvents {
  return compileDescription(describeTable(table, options), options)
}

/** The makers of a table that is described. */
export function compileDescription(
  { fields, keyFields, keyAugment, ...shape }: TableDescription,
  { convertingFailure, log }: Pick<TableEventsOptions, 'convertingFailure' | 'log'>,
): TableEvents {
  const makeKey = compileRowMaker(shape.id, keyFields, 'fail', log)
  return Object.freeze({
    ...shape,
    key: shape.keySchema === null ? () => null : keyAugment === undefined ? makeKey : augmented(makeKey, keyAugment),
    value: compileRowMaker(shape.id, fields, convertingFailure, log),
  })
}

/** Names, schemas and fields of a table. */
export function describeTable(table: Table, options: TableEventsOptions): TableDescription {
  const { topics, adjustSchemaName } = options
  const topic = topics.dataChangeTopic(table.id)
  const prefix = topics.recordSchemaPrefix(table.id)
  const mappings = new Map<Column, ColumnMapping>()
  for (const column of table.columns) {
    const mapping = options.types.mapping(column, table)
    if (mapping !== undefined) mappings.set(column, mapping)
    else
      options.log.warn(
        `Type ${column.typeName} of ${table.id.text}.${column.name} is not known: the column is left out`,
      )
  }
  const included = table.columns.filter((column) => mappings.has(column) && options.includesColumn(table.id, column))
  const keyColumns = (options.keyColumns(table) ?? primaryKeyColumns(table)).filter((column) => mappings.has(column))

  const value = structOf(table, included, mappings, options, `${prefix}.Value`, true)
  // Builders of the dialect are used up by one schema: the key asks for its own.
  const keyMappings = new Map(keyColumns.map((column) => [column, options.types.mapping(column, table)!] as const))
  const key = structOf(table, keyColumns, keyMappings, options, `${prefix}.Key`, false)
  const augment = topics.keyAugment(table.id)
  const hasKey = keyColumns.length > 0 || augment !== undefined
  if (augment !== undefined) key.builder.field(augment.field, SchemaBuilder.string().build())
  const valueSchema = value.builder.optional().build()
  return Object.freeze({
    id: table.id,
    table,
    topic,
    keySchema: hasKey ? key.builder.build() : null,
    valueSchema,
    envelopeSchema: envelopeSchema(adjustSchemaName(`${topic}.Envelope`), valueSchema, options.sourceSchema),
    fields: value.fields,
    keyFields: key.fields,
    keyAugment: augment,
  })
}

function augmented(make: RowMaker, { field, value }: { readonly field: string; readonly value: string }): RowMaker {
  return (row) => {
    const key = make(row)
    key[field] = value
    return key
  }
}

function structOf(
  table: Table,
  columns: readonly Column[],
  mappings: ReadonlyMap<Column, ColumnMapping>,
  options: TableEventsOptions,
  name: string,
  mapped: boolean,
): { readonly builder: SchemaBuilder; readonly fields: FieldMaker[] } {
  const builder = SchemaBuilder.struct().name(options.adjustSchemaName(name))
  const fields: FieldMaker[] = []
  for (const column of columns) {
    const mapping = mappings.get(column)!
    const mapper = mapped ? options.mapperOf(table.id, column) : undefined
    const field = options.adjustFieldName(column.name)
    builder.field(field, fieldSchema(column, mapping, mapper))
    fields.push(fieldMaker(field, column, mapping, mapper?.converter?.(column)))
  }
  return { builder, fields }
}

function fieldSchema(column: Column, mapping: ColumnMapping, mapper: ColumnMapper | undefined): Schema {
  const { schema, defaultValue } = mapping
  mapper?.alterSchema?.(column, schema)
  if (column.optional) schema.optional()
  if (column.comment !== null) schema.doc(column.comment)
  if (column.hasDefault && defaultValue !== undefined && defaultValue !== null) schema.default(defaultValue)
  return schema.build()
}

function fieldMaker(
  name: string,
  column: Column,
  mapping: ColumnMapping,
  change: ((value: Value) => Value) | undefined,
): FieldMaker {
  const convert = mapping.convert.bind(mapping)
  const byDefault = column.hasDefault ? (mapping.defaultValue ?? null) : null
  const whenNull = column.optional ? null : (byDefault ?? mapping.fallback ?? null)
  const whenUnavailable = mapping.unavailable ?? null
  return {
    name,
    column,
    mapping,
    change,
    convert: change === undefined ? convert : (raw) => change(convert(raw)),
    whenNull: change === undefined ? whenNull : change(whenNull),
    whenUnavailable: change === undefined ? whenUnavailable : change(whenUnavailable),
  }
}
