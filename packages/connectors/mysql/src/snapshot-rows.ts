// Rows of a statement as the binlog's events would have them, as fast as the queue takes them.
import type { Readable } from 'node:stream'
import type { ChangeQueue, Row } from '@millrace/kit-cdc'
import type { CapturedTable } from './captured-tables.ts'
import { type ReadText, textReader } from './events/text-values.ts'
import type { Server } from './server.ts'

export type RawRow = readonly (Buffer | null)[]

/**
 * Reads a statement's rows, each as an array in the order of the table's columns. The socket waits while the queue is full.
 * Rejects when `signal` aborts; the connection is then of no more use.
 */
export async function readRows(
  server: Server,
  table: CapturedTable,
  sql: string,
  queue: ChangeQueue,
  signal: AbortSignal,
  visit: (row: Row & readonly unknown[], bytes: number) => void,
): Promise<void> {
  let make: ((row: RawRow) => unknown[]) | null = null
  await select(
    server,
    sql,
    queue,
    signal,
    (names) => (make = rowReader(table, names)),
    (row) => {
      let bytes = 0
      for (const value of row) if (value !== null) bytes += value.length
      visit(make!(row), bytes)
    },
  )
}

/** Columns of the result are found by name: a statement of the configuration may have them in any order. */
export function rowReader(table: CapturedTable, names: readonly string[]): (row: RawRow) => unknown[] {
  const { columns } = table.table
  const readers = columns.map((column, at): ReadText | null => {
    const forms = table.forms(at)
    return forms === null ? null : textReader(column, forms)
  })
  const places = columns.map((column) => names.findIndex((name) => name.toLowerCase() === column.name.toLowerCase()))
  const width = columns.length
  return (row) => {
    const image: unknown[] = new Array(width)
    for (let at = 0; at < width; at++) {
      const read = readers[at]!
      const place = places[at]!
      const bytes = place < 0 ? null : row[place]!
      image[at] = read === null || bytes === null ? null : read(bytes)
    }
    return image
  }
}

/** Rows as bytes, in the order of the result's columns, whose names are told first. */
function select(
  server: Server,
  sql: string,
  queue: ChangeQueue,
  signal: AbortSignal,
  onColumns: (names: readonly string[]) => void,
  onRow: (row: RawRow) => void,
): Promise<void> {
  const raw = (server.sql as unknown as { readonly connection: RawDriver }).connection
  return new Promise((resolve, reject) => {
    const abort = () => finish(signal.reason)
    const finish = (error?: unknown) => {
      signal.removeEventListener('abort', abort)
      raw.removeListener('error', finish)
      if (error === undefined) resolve()
      else {
        raw.destroy()
        reject(error)
      }
    }
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', abort)
    raw.on('error', finish)
    let waiting = false
    const query = raw.query({ sql, rowsAsArray: true, typeCast: (field) => field.buffer() })
    query.on('error', finish)
    query.on('fields', (fields) => onColumns((fields ?? []).map(({ name }) => name)))
    query.on('result', (row) => {
      // A statement that answers with no rows gives one result that is none.
      if (!Array.isArray(row)) return
      try {
        onRow(row)
      } catch (error) {
        finish(error)
        return
      }
      if (!queue.full || waiting) return
      waiting = true
      raw.pause()
      void queue.whenRoom(signal).then(() => {
        waiting = false
        raw.resume()
      })
    })
    query.on('end', () => finish())
  })
}

/** What of the driver's inner connection its types leave out. */
interface RawDriver {
  readonly stream: Readable
  query(options: {
    readonly sql: string
    readonly rowsAsArray: true
    readonly typeCast: (field: { buffer(): Buffer | null }) => Buffer | null
  }): RawQuery
  pause(): void
  resume(): void
  destroy(): void
  on(event: 'error', listener: (error: unknown) => void): void
  removeListener(event: 'error', listener: (error: unknown) => void): void
}

interface RawQuery {
  on(event: 'error', listener: (error: unknown) => void): void
  on(event: 'fields', listener: (fields: readonly { readonly name: string }[] | undefined) => void): void
  on(event: 'result', listener: (row: unknown) => void): void
  on(event: 'end', listener: () => void): void
}
