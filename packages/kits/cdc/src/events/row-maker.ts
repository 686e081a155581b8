// Compiles the function that makes a struct of a row: an object literal, so that all structs of a table share one hidden class.
import { ConnectException, errorMessage, type Logger, type Value } from '@millrace/api'
import { type ColumnMapping, type Row, UNAVAILABLE } from '../dialect.ts'
import type { Column } from '../model/table.ts'
import type { TableId } from '../model/table-id.ts'

/** Makes a struct, a plain object with one property per field. */
export type RowMaker = (row: Row) => Record<string, Value>

/** One field of the struct, ready to run. */
export interface FieldMaker {
  readonly name: string
  readonly column: Column
  /** What the dialect said of the column. */
  readonly mapping: ColumnMapping
  /** What is done to the mapping's value (a mask); undefined for nothing. */
  readonly change: ((value: Value) => Value) | undefined
  /** The mapping's value, changed. */
  readonly convert: (raw: unknown) => Value
  /** What null becomes. */
  readonly whenNull: Value
  /** What a value that was not sent becomes. */
  readonly whenUnavailable: Value
}

/** `event.converting.failure.handling.mode`: an error fails the task, or leaves null with or without a warning. */
export type ConvertingFailureMode = 'fail' | 'warn' | 'skip'

/** Compiles the maker of the fields. A row that is too short fails: the table is known wrongly. */
export function compileRowMaker(
  table: TableId,
  fields: readonly FieldMaker[],
  mode: ConvertingFailureMode,
  log: Logger,
): RowMaker {
  const members = fields.map(({ name, column }, at) => {
    const raw = `r[${column.position - 1}]`
    // A computed name: a plain one would set the prototype where a column is called __proto__.
    return `[${JSON.stringify(name)}]: (v = ${raw}) === null || v === undefined ? n[${at}] : v === U ? u[${at}] : c${at}(v)`
  })
  const names = fields.map((_, at) => `c${at}`)
  const code = `return (r) => { let v; return { ${members.join(', ')} } }`
  const make = new Function('U', 'n', 'u', ...names, code)(
    UNAVAILABLE,
    fields.map((field) => field.whenNull),
    fields.map((field) => field.whenUnavailable),
    ...fields.map((field) => field.convert),
  ) as RowMaker
  const least = fields.reduce((most, { column }) => Math.max(most, column.position), 0)
  return (row) => {
    if (row.length < least) throw tooShort(table, row.length, least)
    try {
      return make(row)
    } catch {
      return oneByOne(table, fields, row, mode, log)
    }
  }
}

/** After a failure: finds the field at fault, and goes on or not as the mode says. */
function oneByOne(
  table: TableId,
  fields: readonly FieldMaker[],
  row: Row,
  mode: ConvertingFailureMode,
  log: Logger,
): Record<string, Value> {
  const struct: Record<string, Value> = {}
  for (const { name, column, convert, whenNull, whenUnavailable } of fields) {
    const raw = row[column.position - 1]
    let value: Value = null
    try {
      value = raw === null || raw === undefined ? whenNull : raw === UNAVAILABLE ? whenUnavailable : convert(raw)
    } catch (cause) {
      unconvertible(table, column, cause, mode, log)
    }
    Object.defineProperty(struct, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return struct
}

/** A value could not be converted: throws where the mode says so, else logs, and null takes its place. */
export function unconvertible(
  table: TableId,
  column: Column,
  cause: unknown,
  mode: ConvertingFailureMode,
  log: Logger,
): void {
  const message = `Failed to properly convert data value for '${table.text}.${column.name}' of type ${column.typeName}`
  if (mode === 'fail') {
    throw new ConnectException(`${message}: ${errorMessage(cause)}`, {
      cause,
      action: 'Exclude the column, or set event.converting.failure.handling.mode to warn to send null instead.',
    })
  }
  if (mode === 'warn') log.warn(`${message}: ${errorMessage(cause)}`, { error: cause })
  else log.debug(message, { error: cause })
}

function tooShort(table: TableId, length: number, least: number): ConnectException {
  return new ConnectException(
    `A row of ${table.text} has ${length} values where at least ${least} are expected: the table as it is known is probably out of sync with the database`,
    { action: 'Take the schema anew: restart the connector, or with a schema history use snapshot.mode=recovery.' },
  )
}
