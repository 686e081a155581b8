// Statements of many rows, no longer than the server takes.
import type { Cell } from '../connection.ts'
import { lastOfEachKey } from '../ddl.ts'
import type { TableWriter, WriteSpec } from '../dialect.ts'
import { type IdentifierRules, quoteName, quoteTable } from '../identifiers.ts'
import { maxPacketOf } from './driver.ts'

/** Bytes left free in a packet for what is around the rows. */
const MARGIN = 4096
/** Longer statements are not faster. */
const ENOUGH_BYTES = 4 * 1024 * 1024

/** Makes the writer of a table. */
export function mysqlWriter(spec: WriteSpec): TableWriter {
  const rules: IdentifierRules = { quote: '`', always: spec.quote }
  const names = [...spec.keys, ...spec.values]
  const { head, tail, join, row } = shape(spec, rules, names)
  // One statement after the other sets what one row of many would: only updates need a statement a row.
  const single = spec.kind === 'update'
  return {
    sql: `${head}...${tail}`,
    async write(connection, rows) {
      if (single) {
        const keys = spec.keys.length
        const last = keys === 0 ? rows.slice(-1) : lastOfEachKey(rows, keys)
        for (const one of last) await connection.execute(head + row(one))
        return
      }
      const limit = Math.min(ENOUGH_BYTES, maxPacketOf(connection) - MARGIN)
      let texts: string[] = []
      let bytes = 0
      const send = async () => {
        if (texts.length > 0) await connection.execute(head + texts.join(join) + tail)
        texts = []
        bytes = 0
      }
      for (const one of rows) {
        const text = row(one)
        const size = Buffer.byteLength(text) + 1
        if (bytes + size > limit) await send()
        texts.push(text)
        bytes += size
      }
      await send()
    },
  }
}

interface Shape {
  readonly head: string
  readonly tail: string
  readonly join: string
  readonly row: (cells: readonly Cell[]) => string
}

function shape(spec: WriteSpec, rules: IdentifierRules, names: readonly string[]): Shape {
  const table = quoteTable(rules, spec.table)
  const name = (column: string) => quoteName(rules, column)
  const tuple = (cells: readonly Cell[]) => `(${cells.map(text).join(',')})`
  const keys = spec.keys.length
  switch (spec.kind) {
    case 'delete': {
      if (keys === 1)
        return {
          head: `DELETE FROM ${table} WHERE ${name(spec.keys[0] as string)} IN (`,
          tail: ')',
          join: ',',
          row: (cells) => text(cells[0] as Cell),
        }
      const match = (cells: readonly Cell[]) =>
        `(${spec.keys.map((key, i) => `${name(key)}=${text(cells[i] as Cell)}`).join(' AND ')})`
      return { head: `DELETE FROM ${table} WHERE `, tail: '', join: ' OR ', row: match }
    }
    case 'update': {
      const row = (cells: readonly Cell[]) => {
        const sets = spec.values.map((column, i) => `${name(column)}=${text(cells[keys + i] as Cell)}`).join(',')
        const match = spec.keys.map((key, i) => `${name(key)}=${text(cells[i] as Cell)}`).join(' AND ')
        return match === '' ? sets : `${sets} WHERE ${match}`
      }
      return { head: `UPDATE ${table} SET `, tail: '', join: '', row }
    }
    default: {
      const head = `INSERT INTO ${table}(${names.map(name).join(',')}) VALUES`
      if (spec.kind === 'insert') return { head, tail: '', join: ',', row: tuple }
      // `VALUES()` and not a row alias: MariaDB and MySQL before 8.0.19 know no other.
      const sets = (spec.values.length === 0 ? spec.keys : spec.values).map(
        (column) => `${name(column)}=VALUES(${name(column)})`,
      )
      return { head, tail: ` ON DUPLICATE KEY UPDATE ${sets.join(',')}`, join: ',', row: tuple }
    }
  }
}

function text(cell: Cell): string {
  return cell === null ? 'NULL' : (cell as string)
}
