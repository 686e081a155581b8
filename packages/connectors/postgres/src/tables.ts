// The tables of a database as their catalogue has them: columns, keys, replica identity.
import { quoted } from './connection.ts'
import type { Ask } from './types/catalog.ts'

/** A column of a {@link Table}. */
export interface Column {
  readonly name: string
  readonly typeOid: number
  /** Type modifier, -1 without. */
  readonly modifier: number
  readonly optional: boolean
  /** Expression of the default, null without one; also that of a generated column. */
  readonly defaultExpression: string | null
}

/** A table. */
export interface Table {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly columns: readonly Column[]
  /** Columns of the primary key in its order; without one, those of the first unique index. */
  readonly key: readonly string[]
  /** `d` default, `n` nothing, `f` full, `i` index. */
  readonly replicaIdentity: string
  /** A partitioned table: its rows lie in others. */
  readonly isPartitioned: boolean
}

const TABLES = `SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name, c.relreplident AS identity, c.relkind AS kind,
  (SELECT json_agg(json_build_object('name', a.attname, 'type', a.atttypid::int8, 'modifier', a.atttypmod,
      'optional', NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)),
      'default', CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END) ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
  (SELECT json_agg(a.attname ORDER BY k.position)
    FROM (SELECT i.indkey, i.indexrelid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
        WHERE i.indrelid = c.oid AND i.indisvalid AND (i.indisprimary OR (i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL))
        ORDER BY i.indisprimary DESC, x.relname LIMIT 1) i,
      LATERAL unnest(i.indkey) WITH ORDINALITY k(number, position)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number) AS key
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')`

/** All tables but the server's own. */
export async function readTables(ask: Ask): Promise<Table[]> {
  const own = `AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname !~ '^pg_(toast_)?temp_'`
  return (await ask(`${TABLES} ${own} ORDER BY n.nspname, c.relname`)).map(tableOf)
}

/** One table as it is now, or undefined when it is gone. */
export async function readTable(ask: Ask, oid: number): Promise<Table | undefined> {
  const [row] = await ask(`${TABLES} AND c.oid = $1`, [oid])
  return row === undefined ? undefined : tableOf(row)
}

/** `schema.table`, as filters see it. */
export function tableName({ schema, name }: Pick<Table, 'schema' | 'name'>): string {
  return `${schema}.${name}`
}
/** `"schema"."table"`. */
export function quotedTable({ schema, name }: Pick<Table, 'schema' | 'name'>): string {
  return quoted(schema, name)
}

interface ColumnRow {
  name: string
  type: number
  modifier: number
  optional: boolean
  default: string | null
}

function tableOf(row: Record<string, unknown>): Table {
  return {
    oid: Number(row.oid),
    schema: String(row.schema),
    name: String(row.name),
    columns: ((row.columns ?? []) as ColumnRow[]).map((one) => ({
      name: one.name,
      typeOid: one.type,
      modifier: one.modifier,
      optional: one.optional,
      defaultExpression: one.default,
    })),
    key: (row.key ?? []) as string[],
    replicaIdentity: String(row.identity),
    isPartitioned: row.kind === 'p',
  }
}
