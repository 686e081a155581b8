// Which databases, tables and columns are captured: the kit's lists over `database.table`.
import type { ConnectorProps } from '@millrace/api'
import { matcherOf, type TableFilters, type TableId, tableFilters } from '@millrace/kit-cdc'

/** Databases of the server itself. */
const BUILT_IN = new Set(['mysql', 'performance_schema', 'sys', 'information_schema'])

/** A table's name in lists. */
export function spell(id: TableId): string {
  return id.text
}

/** True for a database of the server itself. */
export function isBuiltIn(database: string): boolean {
  return BUILT_IN.has(database.toLowerCase())
}

/** @throws ConfigException for a bad expression */
export function filtersOf(props: ConnectorProps): TableFilters {
  // There are no schemas: lists of them say nothing here.
  const { 'schema.include.list': _in, 'schema.exclude.list': _ex, ...own } = props
  return tableFilters(own, {
    spellTable: spell,
    isSystemTable: ({ catalog }) => isBuiltIn(catalog ?? ''),
    catalogFirst: true,
  })
}

/** Which sources of GTIDs count, by `gtid.source.includes` and `gtid.source.excludes`; null for all. */
export function sourceFilter(includes: string | null, excludes: string | null): ((id: string) => boolean) | null {
  if (includes !== null && includes.trim() !== '') return matcherOf(includes, 'gtid.source.includes')
  if (excludes === null || excludes.trim() === '') return null
  const excluded = matcherOf(excludes, 'gtid.source.excludes')
  return (id) => !excluded(id)
}
