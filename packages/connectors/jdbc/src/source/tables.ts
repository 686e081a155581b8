// Which tables are read.
import { ConfigException, compileJavaRegex } from '@millrace/api'
import { type Dialect, quoteTable, type SqlConnection, type TableId, tableText } from '@millrace/kit-sql'
import type { SourceConfig } from './config.ts'

/** The tables that the configuration asks for, in the database's order. */
export async function tablesOf(connection: SqlConnection, dialect: Dialect, config: SourceConfig): Promise<TableId[]> {
  const found = await dialect.listTables(connection, {
    catalog: config['catalog.pattern'],
    schemaPattern: config['schema.pattern'],
    types: config['table.types'],
  })
  return found.filter(tableFilter(dialect, config))
}

function tableFilter(dialect: Dialect, config: SourceConfig): (id: TableId) => boolean {
  const names = (id: TableId) => [id.table, tableText(id), quoteTable({ quote: dialect.quote, always: true }, id)]
  const white = new Set(config['table.whitelist'])
  const black = new Set(config['table.blacklist'])
  const included = config['table.include.list'].map(wholeRegex)
  const excluded = config['table.exclude.list'].map(wholeRegex)
  return (id) => {
    if (white.size > 0 && !names(id).some((name) => white.has(name))) return false
    if (names(id).some((name) => black.has(name))) return false
    const text = tableText(id)
    if (included.length > 0 && !included.some((regex) => regex.test(text))) return false
    return !excluded.some((regex) => regex.test(text))
  }
}

/** @throws ConfigException for a text that is no regular expression */
function wholeRegex(text: string): RegExp {
  const regex = compileJavaRegex(text)
  if (regex instanceof RegExp) return regex
  throw new ConfigException(`${text} is no regular expression: ${regex}`)
}

/** Columns of a table out of a mapping of `regex:[a|b]` or `regex:a`; undefined when none fits. */
export function mappedColumns(id: TableId, mapping: readonly string[]): string[] | undefined {
  for (const entry of mapping) {
    const at = entry.lastIndexOf(':')
    if (wholeRegex(entry.slice(0, at).trim()).test(tableText(id))) {
      const columns = entry
        .slice(at + 1)
        .trim()
        .replace(/^\[|\]$/g, '')
      return columns.split('|').map((one) => one.trim())
    }
  }
  return undefined
}

/** Contradictions among the keys, one message for each. */
export function complaintsAbout(config: SourceConfig): [string, string][] {
  const complaints: [string, string][] = []
  const isQuery = queryOf(config) !== ''
  const lists = ['table.whitelist', 'table.blacklist', 'table.include.list', 'table.exclude.list'] as const
  const given = lists.filter((key) => config[key].length > 0)
  if (isQuery && given.length > 0) {
    complaints.push([
      'query',
      `Do not specify table filtering configs with 'query'. Remove ${given.join(', ')} when using query mode.`,
    ])
  }
  if (config.query !== '' && config['query.masked'].value !== '')
    complaints.push(['query', "Both 'query' and 'query.masked' configs can not be set at the same time."])
  if (config['table.whitelist'].length > 0 && config['table.blacklist'].length > 0) {
    complaints.push(['table.whitelist', 'table.blacklist and table.whitelist are exclusive.'])
  }
  const { mode } = config
  if (mode === '')
    complaints.push(['mode', 'Query mode must be specified: bulk, timestamp, incrementing or timestamp+incrementing'])
  const noTimestamps = config['timestamp.column.name'].length === 0 && config['timestamp.columns.mapping'].length === 0
  if (mode.includes('timestamp') && noTimestamps) {
    complaints.push(['timestamp.column.name', `mode ${mode} needs timestamp.column.name`])
  }
  if (isQuery && mode.includes('incrementing') && config['incrementing.column.name'] === '') {
    complaints.push([
      'incrementing.column.name',
      'A query needs incrementing.column.name: it has no table to find the column in',
    ])
  }
  return complaints
}

/** The query, masked or not; empty for tables. */
export function queryOf(config: SourceConfig): string {
  return config.query !== '' ? config.query : config['query.masked'].value
}

/** @throws ConfigException for contradictions among the keys */
export function checkConfig(config: SourceConfig): void {
  const complaints = complaintsAbout(config)
  const [first] = complaints
  if (first !== undefined)
    throw new ConfigException(complaints.map(([, message]) => message).join('\n'), { configKey: first[0] })
}
