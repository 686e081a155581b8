// The WHERE of the modes, and what a row says of its place among them.
import { ConnectException, DataException, Decimal } from '@millrace/api'
import { type Cell, type Dialect, instantOf, type RowBatch, type Zone } from '@millrace/kit-sql'
import type { Moment, Position } from './offset.ts'

/** Columns by which a table is followed; either may be missing, not both. */
export interface Tracking {
  readonly incrementing: string | null
  readonly timestamps: readonly string[]
}

/** Limits of one query. */
export interface Limits {
  /** Rows must be before this time; null without timestamps. */
  readonly before: Moment | null
  /** Numbers may not be above this one; null for no limit. */
  readonly highest: Cell
}

/** The criteria of a query and their parameters, in the reference's form. `name` quotes a column. */
export function criteria(
  dialect: Dialect,
  tracking: Tracking,
  position: Position,
  limits: Limits,
  zone: Zone,
  name: (column: string) => string,
): { readonly sql: string; readonly params: Cell[] } {
  const params: Cell[] = []
  const bind = (cell: Cell) => {
    params.push(cell)
    return dialect.marker(params.length)
  }
  const at = (moment: Moment) => bind(dialect.timestampCell(moment.ms, moment.nanos, zone))
  const columns = tracking.timestamps.map((column) => dialect.timestampExpression(name(column)))
  const time = columns.length === 1 ? columns[0] : `COALESCE(${columns.join(',')})`
  const begin = position.timestamp ?? { ms: 0, nanos: 0 }
  const number = tracking.incrementing === null ? null : name(tracking.incrementing)
  const last = () => bind(position.incrementing ?? -1)
  const highest = () => (limits.highest === null ? '' : ` AND ${number} <= ${bind(limits.highest)}`)
  if (columns.length === 0) {
    return { sql: ` WHERE ${number} > ${last()}${highest()} ORDER BY ${number} ASC`, params }
  }
  const before = limits.before as Moment
  if (number === null) {
    return { sql: ` WHERE ${time} > ${at(begin)} AND ${time} < ${at(before)} ORDER BY ${time} ASC`, params }
  }
  const sql = ` WHERE ${time} < ${at(before)} AND ((${time} = ${at(begin)} AND ${number} > ${last()}) OR ${time} > ${at(begin)}) ORDER BY ${time},${number} ASC`
  return { sql, params }
}

/** Reads the number and the time out of the rows of a result. */
export function placeReader(
  tracking: Tracking,
  columns: RowBatch['columns'],
  zone: Zone,
  calendar: 'hybrid' | 'proleptic',
) {
  const number = tracking.incrementing === null ? -1 : indexOf(columns, tracking.incrementing, 'Incrementing')
  const times = tracking.timestamps.map((column) => indexOf(columns, column, 'Timestamp'))
  return (row: readonly unknown[]): Position => {
    let timestamp: Moment | null = null
    for (const index of times) {
      const cell = row[index]
      if (cell === null || cell === undefined) continue
      timestamp = instantOf(cell, { zone, calendar }) ?? null
      break
    }
    return { incrementing: number < 0 ? null : toNumber(row[number], tracking.incrementing as string), timestamp }
  }
}

function indexOf(columns: RowBatch['columns'], wanted: string, kind: string): number {
  const exact = columns.findIndex((column) => column.name === wanted)
  if (exact >= 0) return exact
  const alike = columns.filter((column) => column.name.toLowerCase() === wanted.toLowerCase())
  if (alike.length === 1) return columns.indexOf(alike[0] as (typeof columns)[number])
  throw new DataException(`${kind} column ${wanted} not found in ${columns.map((column) => column.name).join(',')}`)
}

const INT64_MAX = 2n ** 63n - 1n

function toNumber(cell: unknown, column: string): number | bigint {
  if (cell === null || cell === undefined) throw new ConnectException(`Null value for incrementing column ${column}`)
  let decimal: Decimal
  try {
    decimal = Decimal.parse(String(cell))
  } catch (cause) {
    throw new ConnectException(`Invalid type for incrementing column ${column}: it holds ${String(cell)}`, { cause })
  }
  if (decimal.scale > 0)
    throw new ConnectException(
      `Scale of Decimal value for incrementing column ${column} must be 0, and ${String(cell)} has one of ${decimal.scale}`,
    )
  if (decimal.unscaled > INT64_MAX)
    throw new ConnectException(
      `Decimal value ${String(cell)} for incrementing column ${column} exceeded Long.MAX_VALUE`,
    )
  const number = Number(decimal.unscaled)
  return Number.isSafeInteger(number) ? number : decimal.unscaled
}
