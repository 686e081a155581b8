// Statements that write a whole batch at once: one array for each column, spread out by unnest on the server.
import type { Cell } from '../connection.ts'
import { lastOfEachKey } from '../ddl.ts'
import type { TableWriter, WriteSpec } from '../dialect.ts'
import { type IdentifierRules, quoteName, quoteTable } from '../identifiers.ts'

/** An upper limit of one statement's text, well below the gigabyte that a message may have. */
const MAX_CHARS = 16 * 1024 * 1024

/** Makes the writer of a table. */
export function postgresWriter(spec: WriteSpec): TableWriter {
  const names = [...spec.keys, ...spec.values]
  const sql = statement(spec, names)
  const keys = spec.kind === 'insert' ? 0 : spec.keys.length
  return {
    sql,
    async write(connection, rows) {
      // Without a key an update is of all rows: only the last one shows.
      const last = spec.kind === 'update' && keys === 0 ? rows.slice(-1) : lastOfEachKey(rows, keys)
      for (const piece of pieces(last)) await connection.execute(sql, columnsOf(piece, names.length))
    },
  }
}

function statement(spec: WriteSpec, names: readonly string[]): string {
  const rules: IdentifierRules = { quote: '"', always: spec.quote }
  const table = quoteTable(rules, spec.table)
  const name = (column: string) => quoteName(rules, column)
  // A cast names the type without its length: text that is too long must fail and not be cut.
  const casts = names.map((column) => spec.definition.columns.get(column)?.castType ?? 'text')
  const params = casts.map((type, i) => `$${i + 1}::${type.endsWith('[]') ? 'text' : type}[]`)
  const aliases = names.map((_, i) => `c${i}`)
  const from = `unnest(${params.join(',')}) AS u(${aliases.join(',')})`
  const values = casts.map((type, i) => (type.endsWith('[]') ? `u.c${i}::${type}` : `u.c${i}`))
  const match = spec.keys.map((key, i) => `t.${name(key)} = ${values[i]}`).join(' AND ')
  switch (spec.kind) {
    case 'delete':
      return `DELETE FROM ${table} AS t USING ${from} WHERE ${match}`
    case 'update': {
      const sets = spec.values.map((column, i) => `${name(column)} = ${values[spec.keys.length + i]}`)
      return `UPDATE ${table} AS t SET ${sets.join(', ')} FROM ${from}${match === '' ? '' : ` WHERE ${match}`}`
    }
    default: {
      // An identity column GENERATED ALWAYS refuses values otherwise; on other columns the clause says nothing.
      const identity = names.some((column) => spec.definition.columns.get(column)?.autoIncrement === true)
      const overriding = identity ? ' OVERRIDING SYSTEM VALUE' : ''
      const insert = `INSERT INTO ${table} (${names.map(name).join(',')})${overriding} SELECT ${values.join(',')} FROM ${from}`
      if (spec.kind === 'insert') return insert
      const sets = spec.values.map((column) => `${name(column)}=EXCLUDED.${name(column)}`)
      const target = `${insert} ON CONFLICT (${spec.keys.map(name).join(',')})`
      return sets.length === 0 ? `${target} DO NOTHING` : `${target} DO UPDATE SET ${sets.join(',')}`
    }
  }
}

function* pieces(rows: readonly (readonly Cell[])[]): Generator<readonly (readonly Cell[])[]> {
  let chars = 0
  let from = 0
  for (let i = 0; i < rows.length; i++) {
    for (const cell of rows[i] as readonly Cell[]) chars += typeof cell === 'string' ? cell.length : 8
    if (chars > MAX_CHARS) {
      yield rows.slice(from, i + 1)
      from = i + 1
      chars = 0
    }
  }
  if (from < rows.length) yield from === 0 ? rows : rows.slice(from)
}

function columnsOf(rows: readonly (readonly Cell[])[], width: number): string[] {
  const columns: string[] = []
  for (let c = 0; c < width; c++) {
    const cells = new Array<string>(rows.length)
    for (let r = 0; r < rows.length; r++) {
      const cell = rows[r]?.[c] as Cell
      cells[r] = cell === null ? 'NULL' : (cell as string)
    }
    columns.push(`{${cells.join(',')}}`)
  }
  return columns
}
