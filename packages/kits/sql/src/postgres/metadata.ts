// What PostgreSQL says of its tables.
import type { SqlConnection } from '../connection.ts'
import type { ColumnDefinition, TableDefinition, TableFilter, TableType } from '../dialect.ts'
import type { TableId } from '../identifiers.ts'
import { modifiers } from './driver.ts'

const KINDS: Readonly<Record<string, TableType>> = {
  r: 'TABLE',
  f: 'TABLE',
  p: 'PARTITIONED TABLE',
  v: 'VIEW',
  m: 'VIEW',
}

const FIND = `SELECT c.oid, c.relkind, n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r','p','v','m','f') AND c.relname = $1 AND CASE WHEN $2::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2::text END`

const COLUMNS = `SELECT a.attname, t.typname, pg_catalog.format_type(a.atttypid, -1), a.atttypmod, a.attnotnull,
  a.attidentity <> '' OR coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false), a.atthasdef,
  EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY(i.indkey::int2[]))
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`

/** The table of a name, through the search path where no schema is given. */
export async function describePostgresTable(connection: SqlConnection, id: TableId): Promise<TableDefinition | null> {
  const found = (await connection.query(FIND, [id.table, id.schema])).rows[0]
  if (found === undefined) return null
  const [oid, kind, schema] = found as [string, string, string]
  const { rows } = await connection.query(COLUMNS, [oid])
  const columns = new Map<string, ColumnDefinition>()
  for (const row of rows) {
    const [name, type, castType, modifier, notNull, auto, hasDefault, key] = row as string[]
    columns.set(name as string, {
      name: name as string,
      type: type as string,
      castType: castType as string,
      ...modifiers(type as string, Number(modifier)),
      nullable: notNull === 'f',
      autoIncrement: auto === 't',
      hasDefault: hasDefault === 't',
      primaryKey: key === 't',
    })
  }
  return {
    id: { catalog: null, schema: schema as string, table: id.table },
    type: KINDS[kind as string] ?? 'TABLE',
    columns,
  }
}

const LIST = `SELECT n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r','p','v','m','f') AND n.nspname NOT IN ('pg_catalog','information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
  AND n.nspname NOT LIKE 'pg\\_temp%' AND ($1::text IS NULL OR n.nspname LIKE $1::text)
ORDER BY 1, 2`

const TYPE_OF: Readonly<Record<string, string>> = {
  r: 'TABLE',
  p: 'PARTITIONED TABLE',
  v: 'VIEW',
  m: 'MATERIALIZED VIEW',
  f: 'FOREIGN TABLE',
}

/** Tables of the kinds asked for, by schema and name. */
export async function listPostgresTables(connection: SqlConnection, filter: TableFilter): Promise<TableId[]> {
  const types = new Set(filter.types.map((type) => type.toUpperCase()))
  const { rows } = await connection.query(LIST, [filter.schemaPattern === '' ? null : filter.schemaPattern])
  return (rows as [string, string, string][])
    .filter(([, , kind]) => types.has(TYPE_OF[kind] ?? ''))
    .map(([schema, table]) => ({ catalog: null, schema, table }))
}
