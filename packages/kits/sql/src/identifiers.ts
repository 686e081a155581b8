// Names of tables and columns: their parts, how they are read from text, how they are quoted.
import { ConfigException } from '@millrace/api'

/** A table's name in its parts; a part that is not given is null. */
export interface TableId {
  readonly catalog: string | null
  readonly schema: string | null
  readonly table: string
}

/** How a database writes names. */
export interface IdentifierRules {
  /** Character around a quoted name. */
  readonly quote: string
  /** Whether names are quoted in statements. */
  readonly always: boolean
}

/** A name as it stands in a statement. A quote inside it is doubled. */
export function quoteName(rules: IdentifierRules, name: string): string {
  if (!rules.always) return name
  const { quote } = rules
  return quote + name.replaceAll(quote, quote + quote) + quote
}

/** A table as it stands in a statement. */
export function quoteTable(rules: IdentifierRules, id: TableId): string {
  return partsOf(id)
    .map((part) => quoteName(rules, part))
    .join('.')
}

/** Plain text of a table's name, its parts joined by dots: for people, topics and offsets. */
export function tableText(id: TableId): string {
  return partsOf(id).join('.')
}

export function sameTable(a: TableId, b: TableId): boolean {
  return a.table === b.table && a.schema === b.schema && a.catalog === b.catalog
}

function partsOf(id: TableId): string[] {
  return [id.catalog, id.schema, id.table].filter((part): part is string => part !== null)
}

/**
 * Splits `a.b.c`, where a part may be quoted and then hold dots.
 * @throws ConfigException for a quote that is not closed, or a dot at the end
 */
export function splitQualifiedName(text: string, quote: string): string[] {
  const parts: string[] = []
  let rest = text
  do {
    let part: string
    if (rest.startsWith(quote)) {
      let end = rest.indexOf(quote, 1)
      while (end >= 0 && rest[end + 1] === quote) end = rest.indexOf(quote, end + 2)
      if (end < 0) throw new ConfigException(`The name ${text} lacks a closing ${quote}`)
      part = rest.slice(1, end).replaceAll(quote + quote, quote)
      rest = rest.slice(end + 1)
      if (rest !== '' && !rest.startsWith('.'))
        throw new ConfigException(`The name ${text} goes on after a closing ${quote}`)
    } else {
      const end = rest.indexOf('.')
      part = end < 0 ? rest : rest.slice(0, end)
      rest = end < 0 ? '' : rest.slice(end)
    }
    if (rest === '.') throw new ConfigException(`The name ${text} ends in a dot`)
    parts.push(part)
    rest = rest.slice(1)
  } while (rest !== '')
  return parts
}

/** A table of `table`, `schema.table` or `catalog.schema.table`. `second` is what the first of two parts names. */
export function parseTableId(text: string, quote: string, second: 'schema' | 'catalog' = 'schema'): TableId {
  const parts = splitQualifiedName(text, quote)
  const [a = '', b = '', c = ''] = parts
  if (parts.length === 1) return { catalog: null, schema: null, table: a }
  if (parts.length === 2)
    return second === 'schema' ? { catalog: null, schema: a, table: b } : { catalog: a, schema: null, table: b }
  if (parts.length === 3) return { catalog: a, schema: b, table: c }
  throw new ConfigException(`The table name ${text} has ${parts.length} parts; it may have three at most`)
}
