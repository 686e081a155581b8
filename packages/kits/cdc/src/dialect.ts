// What a database's connector gives the kit about its types: how a column looks in an event and how its values get there.
import type { Schema, SchemaBuilder, Value } from '@millrace/api'
import type { Column, Table } from './model/table.ts'

/**
 * Stands in a row for a value that the database did not send though it is there (an unchanged TOAST column, a JSON
 * document left out): the event shows the column's placeholder.
 */
export const UNAVAILABLE: unique symbol = Symbol.for('millrace.cdc.unavailable') as never

/** A row as the driver gives it: raw values by `column.position - 1`; null or undefined for null, or {@link UNAVAILABLE}. */
export type Row = ArrayLike<unknown>

/** How one column looks in events. */
export interface ColumnMapping {
  /** A builder of the field's schema: the kit adds optional, the comment, the default, and what masks add. */
  readonly schema: SchemaBuilder
  /** Raw value to the schema's value. Not called for null and {@link UNAVAILABLE}. What it throws goes by `event.converting.failure.handling.mode`. */
  convert(raw: unknown): Value
  /** The column's default in the schema's form; undefined when there is none, or none that a schema can say. */
  readonly defaultValue?: Value
  /** What a null becomes in a column that must not be null and has no default, as in the `before` of a row known by its key alone. */
  readonly fallback?: Value
  /** Placeholder of an {@link UNAVAILABLE} value. */
  readonly unavailable?: Value
}

/** The types of a database. */
export interface TypeDialect {
  /** How a column is mapped; undefined leaves the column out of events, with a warning. Called once per column and table. */
  mapping(column: Column, table: Table): ColumnMapping | undefined
}

/** The `source` block of a connector. */
export interface SourceInfoDialect {
  /** From `sourceInfoBuilder` and the connector's own fields; without a name adjusted: the kit does not touch it. */
  readonly schema: Schema
}
