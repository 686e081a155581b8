// A table's change events: schemas of key, value and envelope, and the making of rows.
import { fieldOf, type Schema, SchemaBuilder, type Value } from '@millrace/api'
import { PLAIN_FORMS } from '../binlog/column-forms.ts'
import type { ColumnHints } from '../binlog/column-readers.ts'
import { ABSENT, type RowImage, type TableForms } from '../binlog/rows.ts'
import type { Column, Table } from '../schema/table.ts'
import { type ColumnValues, columnValues } from './column-values.ts'
import { defaultOf } from './defaults.ts'
import type { ValueModes } from './modes.ts'

/** What a table's events depend on beside the table. */
export interface EventSettings {
  readonly prefix: string
  readonly modes: ValueModes
  readonly sourceSchema: Schema
  /** Whether a column is shown. */
  shows(table: Table, column: Column): boolean
}

interface Shown {
  readonly column: Column
  readonly values: ColumnValues
  /** Place among the table's columns. */
  readonly at: number
  readonly required: boolean
}

/** Schemas and rows of one table in one state of its schema. */
export class TableEvents implements TableForms {
  readonly table: Table
  readonly topic: string
  readonly keySchema: Schema | null
  readonly valueSchema: Schema
  readonly envelopeSchema: Schema
  readonly #shown: readonly Shown[]
  readonly #byPlace: readonly (Shown | undefined)[]
  readonly #keyNames: readonly string[]

  constructor(table: Table, settings: EventSettings) {
    this.table = table
    this.topic = topicOf(settings.prefix, table)
    this.#shown = table.columns.flatMap((column, at) => {
      const values = columnValues(column, settings.modes)
      if (values === null || !settings.shows(table, column)) return []
      return [{ column, values, at, required: !column.optional }]
    })
    this.#byPlace = table.columns.map((_, at) => this.#shown.find((one) => one.at === at))
    const value = SchemaBuilder.struct().name(`${this.topic}.Value`)
    for (const { column, values } of this.#shown) value.field(column.name, fieldSchema(column, values))
    const row = value.optional().build()
    this.valueSchema = row
    this.#keyNames = table.primaryKey.filter((name) => fieldOf(row, name) !== undefined)
    this.keySchema = keySchemaOf(`${this.topic}.Key`, this.#keyNames, row)
    this.envelopeSchema = envelopeSchema(`${this.topic}.Envelope`, row, settings.sourceSchema)
  }

  forms(column: number) {
    const shown = this.#byPlace[column]
    return this.table.columns.length === 0 ? PLAIN_FORMS : (shown?.values.forms ?? null)
  }

  hints(column: number): ColumnHints | undefined {
    const known = this.table.columns[column]
    if (known === undefined) return undefined
    const isUuid = known.typeName === 'UUID'
    return {
      unsigned: known.typeName.includes('UNSIGNED'),
      charset: isUuid ? null : (known.charset ?? jsonCharset(known)),
    }
  }

  /** A row of the event's values, in the table's order. Columns that the event left out are null. */
  row(image: RowImage): Record<string, Value> {
    const row: Record<string, Value> = {}
    for (const { column, values, at, required } of this.#shown) {
      const value = image[at]
      row[column.name] =
        value === ABSENT || value === null || value === undefined ? (required ? values.fallback : null) : value
    }
    return row
  }

  /** The values of the key's columns in a row; null for a table without key. */
  key(row: Readonly<Record<string, Value>>): Record<string, Value> | null {
    if (this.keySchema === null) return null
    const key: Record<string, Value> = {}
    for (const name of this.#keyNames) key[name] = row[name]
    return key
  }

  /** Values of a column that is shown, by its place. */
  valuesAt(at: number): ColumnValues | undefined {
    return this.#byPlace[at]?.values
  }
}

/** What Kafka allows in no topic becomes an underscore, in the names of schemas, too. */
function topicOf(prefix: string, { database, name }: Table): string {
  return `${prefix}.${database}.${name}`.replace(/[^a-zA-Z0-9._-]/g, '_')
}

/** MariaDB keeps JSON as text in utf8mb4. */
function jsonCharset({ typeName }: Column): string | null {
  return typeName === 'JSON' ? 'utf8mb4' : null
}

function fieldSchema(column: Column, values: ColumnValues): Schema {
  const builder = values.builder()
  if (column.optional) builder.optional()
  if (column.comment !== null) builder.doc(column.comment)
  const value = defaultOf(column, values)
  if (value !== undefined) builder.default(value)
  return builder.build()
}

function keySchemaOf(name: string, names: readonly string[], row: Schema): Schema | null {
  if (names.length === 0) return null
  const key = SchemaBuilder.struct().name(name)
  for (const one of names) key.field(one, fieldOf(row, one)!.schema)
  return key.build()
}

const TRANSACTION_BLOCK = SchemaBuilder.struct()
  .name('event.block')
  .version(1)
  .field('id', SchemaBuilder.string().build())
  .field('total_order', SchemaBuilder.int64().build())
  .field('data_collection_order', SchemaBuilder.int64().build())
  .optional()
  .build()

const optionalInt64 = () => SchemaBuilder.int64().optional().build()

function envelopeSchema(name: string, row: Schema, source: Schema): Schema {
  return SchemaBuilder.struct()
    .name(name)
    .version(2)
    .field('before', row)
    .field('after', row)
    .field('source', source)
    .field('transaction', TRANSACTION_BLOCK)
    .field('op', SchemaBuilder.string().build())
    .field('ts_ms', optionalInt64())
    .field('ts_us', optionalInt64())
    .field('ts_ns', optionalInt64())
    .build()
}
