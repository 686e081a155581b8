// What a sink left in a database: tables, their columns and keys, and all rows as text.
import type { SqlConnection } from '@millrace/kit-sql'

/** The kinds of databases that are compared. */
export type Kind = 'postgres' | 'mariadb'

/** A table as a sink left it. */
export interface Table {
  /** `name type [not null] [default]`, in the order of the table. */
  readonly columns: readonly string[]
  readonly key: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** What came of a case. */
export interface Outcome {
  readonly failed: boolean
  readonly tables: Readonly<Record<string, Table>>
}

/** Outcomes by the name of their case. */
export type Outcomes = Readonly<Record<string, Outcome>>

const COLUMNS: Readonly<Record<Kind, string>> = {
  postgres: `SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::int::text,
      pg_get_expr(d.adbin, d.adrelid), coalesce(array_position(i.indkey::int2[], a.attnum), 99)::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relkind = 'r' ORDER BY c.relname, a.attnum`,
  mariadb: `SELECT c.TABLE_NAME, c.COLUMN_NAME, c.COLUMN_TYPE, if(c.IS_NULLABLE = 'NO', '1', '0'), c.COLUMN_DEFAULT,
      coalesce((SELECT k.ORDINAL_POSITION - 1 FROM information_schema.KEY_COLUMN_USAGE k WHERE k.TABLE_SCHEMA = c.TABLE_SCHEMA
        AND k.TABLE_NAME = c.TABLE_NAME AND k.COLUMN_NAME = c.COLUMN_NAME AND k.CONSTRAINT_NAME = 'PRIMARY'), 99)
    FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA = database() ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`,
}

/** All tables of the database by name. */
export async function readTables(connection: SqlConnection, kind: Kind): Promise<Map<string, Table>> {
  const found = new Map<string, { columns: string[]; key: string[][]; names: string[] }>()
  for (const row of (await connection.query(COLUMNS[kind])).rows) {
    const [table, name, type, notNull, fallback, position] = row.map(textOf) as string[]
    const one = found.get(table as string) ?? { columns: [], key: [], names: [] }
    found.set(table as string, one)
    one.names.push(name as string)
    one.columns.push(`${name} ${type}${notNull === '1' ? ' not null' : ''}${fallback ? ` default ${fallback}` : ''}`)
    if (Number(position) < 99) one.key.push([String(position).padStart(3, '0'), name as string])
  }
  const tables = new Map<string, Table>()
  for (const [name, { columns, key, names }] of found) {
    const quoted = (text: string) => (kind === 'postgres' ? `"${text}"` : `\`${text}\``)
    const shown = names.map((one) => (kind === 'postgres' ? `${quoted(one)}::text` : quoted(one)))
    const { rows } = await connection.query(`SELECT ${shown.join(', ')} FROM ${quoted(name)}`)
    tables.set(name, {
      columns,
      key: key.sort().map((one) => one[1] as string),
      rows: rows.map((row) => row.map(textOf)).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    })
  }
  return tables
}

/** The tables of a case among all. */
export function tablesOf(name: string, all: ReadonlyMap<string, Table>): Record<string, Table> {
  return Object.fromEntries([...all].filter(([table]) => table.toLowerCase().includes(name)))
}

function textOf(cell: unknown): string | null {
  if (cell === null || cell === undefined) return null
  return cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : String(cell)
}
