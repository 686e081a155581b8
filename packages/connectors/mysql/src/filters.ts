// Which databases, tables and columns are captured. Patterns are those of Java, match whole names, and ignore case.
import { ConfigException, compileJavaRegex } from '@millrace/api'
import type { Config } from './config.ts'
import type { Column, Table } from './schema/table.ts'

/** Databases of the server itself. */
const BUILT_IN = new Set(['mysql', 'performance_schema', 'sys', 'information_schema'])

type Test = (name: string) => boolean

/** What is captured. */
export interface Filters {
  database(name: string): boolean
  table(database: string, name: string): boolean
  column(table: Table, column: Column): boolean
}

export function filtersOf(config: Config): Filters {
  const databases = included(config['database.include.list'], config['database.exclude.list'])
  const tables = included(config['table.include.list'], config['table.exclude.list'])
  const columns = included(config['column.include.list'], config['column.exclude.list'])
  const signals = config['signal.data.collection']
  const database = (name: string) => !BUILT_IN.has(name.toLowerCase()) && databases(name)
  return {
    database,
    table: (db, name) => database(db) && (tables(`${db}.${name}`) || `${db}.${name}` === signals),
    column: (table, column) => columns(`${table.database}.${table.name}.${column.name}`),
  }
}

function included(include: string | null, exclude: string | null): Test {
  if (include !== null && include.trim() !== '') return anyOf(include)
  if (exclude === null || exclude.trim() === '') return () => true
  const excluded = anyOf(exclude)
  return (name) => !excluded(name)
}

/** Patterns between commas; a comma behind a backslash belongs to its pattern. */
export function anyOf(list: string): Test {
  const patterns = list
    .split(/(?<!\\),/)
    .map((pattern) => pattern.trim().replaceAll('\\,', ','))
    .filter((pattern) => pattern !== '')
    .map(compiled)
  return (name) => patterns.some((pattern) => pattern.test(name))
}

function compiled(pattern: string): RegExp {
  const regex = compileJavaRegex(`(?i)${pattern}`)
  if (typeof regex === 'string') throw new ConfigException(`Not a pattern: ${pattern}: ${regex}`)
  return regex
}
