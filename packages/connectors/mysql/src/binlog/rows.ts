// Row events: WRITE, UPDATE and DELETE of versions 1 and 2, partial updates, and MariaDB's compressed ones.
import type { ColumnForms } from './column-forms.ts'
import { type ColumnHints, columnReader, type ReadColumn } from './column-readers.ts'
import { unpackEvent } from './compression.ts'
import { Cursor, countBits, hasBit } from './cursor.ts'
import { ColumnType, EventType } from './event-type.ts'
import { applyJsonDiffs, type JsonDiff, readJsonDiffs } from './json-diff.ts'
import type { TableMap } from './table-map.ts'

/** The value of a column that the event does not carry (`binlog_row_image` other than FULL). */
export const ABSENT = undefined

/** Values in the order of the table's columns; {@link ABSENT} where the event has none. */
export type RowImage = unknown[]

/** One changed row: an insert has no `before`, a delete no `after`. */
export interface RowChange {
  readonly before: RowImage | null
  readonly after: RowImage | null
}

export type RowOperation = 'insert' | 'update' | 'delete'

/** What a row event's type number says. */
export interface RowEventKind {
  readonly operation: RowOperation
  /** Version 2 has extra data before the columns. */
  readonly extra: boolean
  readonly compressed: boolean
  readonly partial: boolean
}

/** The kind of a row event, or undefined when the type is another event's. */
export function rowEventKind(type: number): RowEventKind | undefined {
  return KINDS.get(type)
}

const kind = (operation: RowOperation, extra = false, compressed = false, partial = false): RowEventKind =>
  Object.freeze({ operation, extra, compressed, partial })

const KINDS: ReadonlyMap<number, RowEventKind> = new Map([
  [EventType.WRITE_ROWS_V1, kind('insert')],
  [EventType.UPDATE_ROWS_V1, kind('update')],
  [EventType.DELETE_ROWS_V1, kind('delete')],
  [EventType.WRITE_ROWS, kind('insert', true)],
  [EventType.UPDATE_ROWS, kind('update', true)],
  [EventType.DELETE_ROWS, kind('delete', true)],
  [EventType.PARTIAL_UPDATE_ROWS, kind('update', true, false, true)],
  [EventType.WRITE_ROWS_COMPRESSED_V1, kind('insert', false, true)],
  [EventType.UPDATE_ROWS_COMPRESSED_V1, kind('update', false, true)],
  [EventType.DELETE_ROWS_COMPRESSED_V1, kind('delete', false, true)],
  [EventType.WRITE_ROWS_COMPRESSED, kind('insert', true, true)],
  [EventType.UPDATE_ROWS_COMPRESSED, kind('update', true, true)],
  [EventType.DELETE_ROWS_COMPRESSED, kind('delete', true, true)],
])

/** Flag of a row event: the last of its statement; table ids are free again. */
export const STATEMENT_END = 0x1

/** Which table a row event is of: the first field of its body, readable without the table's decoder. */
export function tableIdOf(body: Buffer): number {
  return body.readUIntLE(0, 6)
}

/** The forms and hints of each column; a column whose forms are null is passed over. */
export interface TableForms {
  forms(column: number): ColumnForms | null
  hints(column: number): ColumnHints | undefined
}

/** Decodes the rows of one table as one TABLE_MAP_EVENT describes it. Compiled once, used for every event of the table. */
export class RowDecoder {
  readonly map: TableMap
  readonly #readers: readonly ReadColumn[]
  readonly #wanted: readonly boolean[]
  readonly #jsonColumns: readonly number[]

  /** @throws RangeError when a column's type or character set is not known */
  constructor(map: TableMap, table: TableForms) {
    this.map = map
    this.#wanted = map.columns.map((_, i) => table.forms(i) !== null)
    this.#readers = map.columns.map((column, i) => columnReader(column, table.hints(i), table.forms(i) ?? SKIPPING))
    this.#jsonColumns = map.columns.flatMap((column, i) => (column.type === ColumnType.JSON ? [i] : []))
  }

  /** All rows of an event, in order. */
  decode(body: Buffer, kind: RowEventKind): RowChange[] {
    const cursor = new Cursor(body, 6 + 2)
    if (kind.extra) cursor.skip(cursor.u16() - 2)
    const width = cursor.lenenc()
    if (width !== this.map.columns.length) {
      throw new RangeError(`A row event has ${width} columns where its table map has ${this.map.columns.length}`)
    }
    const bitmap = (width + 7) >> 3
    const first = presentColumns(cursor.bytes(bitmap), width)
    const second = kind.operation === 'update' ? presentColumns(cursor.bytes(bitmap), width) : first
    const rows = kind.compressed ? new Cursor(unpackEvent(cursor.rest())) : cursor
    const changes: RowChange[] = []
    while (rows.left > 0) changes.push(this.#change(rows, kind, first, second))
    return changes
  }

  #change(cursor: Cursor, kind: RowEventKind, first: readonly number[], second: readonly number[]): RowChange {
    if (kind.operation === 'insert') return { before: null, after: this.#image(cursor, first) }
    const before = this.#image(cursor, first)
    if (kind.operation === 'delete') return { before, after: null }
    const partial = kind.partial ? this.#partialColumns(cursor) : NONE
    return {
      before,
      after: partial.size === 0 ? this.#image(cursor, second) : this.#partial(cursor, second, partial, before),
    }
  }

  #image(cursor: Cursor, present: readonly number[]): RowImage {
    const width = this.#readers.length
    const image: RowImage = new Array(width)
    if (present.length < width) image.fill(ABSENT)
    const count = present.length
    const nulls = cursor.at
    cursor.skip((count + 7) >> 3)
    const { buffer } = cursor
    for (let i = 0; i < count; i++) {
      const column = present[i]!
      const isNull = (buffer[nulls + (i >> 3)]! & (1 << (i & 7))) !== 0
      const value = isNull ? null : this.#readers[column]!(cursor)
      image[column] = this.#wanted[column] ? value : ABSENT
    }
    return image
  }

  /** Columns whose new value comes as changes to the old one: one bit for each JSON column of the table, if any. */
  #partialColumns(cursor: Cursor): ReadonlySet<number> {
    const options = cursor.lenenc()
    if ((options & 1) === 0) return NONE
    const bits = cursor.bytes((this.#jsonColumns.length + 7) >> 3)
    return new Set(this.#jsonColumns.filter((_, i) => hasBit(bits, i)))
  }

  #partial(cursor: Cursor, present: readonly number[], partial: ReadonlySet<number>, before: RowImage): RowImage {
    const image: RowImage = new Array(this.#readers.length).fill(ABSENT)
    const nulls = cursor.bytes((present.length + 7) >> 3)
    for (let i = 0; i < present.length; i++) {
      const column = present[i]!
      if (hasBit(nulls, i)) image[column] = this.#wanted[column] ? null : ABSENT
      else if (partial.has(column))
        image[column] = this.#patched(column, readJsonDiffs(cursor, this.map.columns[column]!.meta), before)
      else {
        const value = this.#readers[column]!(cursor)
        image[column] = this.#wanted[column] ? value : ABSENT
      }
    }
    return image
  }

  /** The whole document again, if the event carries the old one; otherwise the value is not known. */
  #patched(column: number, diffs: readonly JsonDiff[], before: RowImage): unknown {
    const old = before[column]
    return typeof old === 'string' ? applyJsonDiffs(old, diffs) : ABSENT
  }
}

const NONE: ReadonlySet<number> = new Set()

function presentColumns(bits: Buffer, width: number): number[] {
  const present: number[] = []
  if (countBits(bits, width) === width) for (let i = 0; i < width; i++) present.push(i)
  else for (let i = 0; i < width; i++) if (hasBit(bits, i)) present.push(i)
  return present
}

const nothing = () => null
const SKIPPING: ColumnForms = {
  integer: nothing,
  float: nothing,
  decimal: nothing,
  date: nothing,
  time: nothing,
  dateTime: nothing,
  timestamp: nothing,
  year: nothing,
  text: nothing,
  bytes: nothing,
  bits: nothing,
  enumeration: nothing,
  set: nothing,
  json: nothing,
  geometry: nothing,
  vector: nothing,
}
