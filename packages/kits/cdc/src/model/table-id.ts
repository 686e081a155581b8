// How a table is named: catalog (the database), schema and table, as far as the database has them.
import { ConnectException } from '@millrace/api'

/** A table's full name. Frozen; `text` is the identifier that filters, offsets and messages use. */
export interface TableId {
  /** The database, where the source tells databases apart; null elsewhere. */
  readonly catalog: string | null
  readonly schema: string | null
  readonly table: string
  /** `catalog.schema.table` without the parts that are null. */
  readonly text: string
}

/** Makes a table's name. */
export function tableId(catalog: string | null, schema: string | null, table: string): TableId {
  const text = [catalog, schema, table].filter((part) => part !== null && part !== '').join('.')
  return Object.freeze({ catalog, schema, table, text })
}

/**
 * Reads `a.b.c`, its parts bare or quoted by `"`, `'` or `` ` `` (a doubled quote stands for one).
 * Of two parts the first is the catalog when `catalogFirst`, else the schema.
 * @throws ConnectException for no part, more than three, or a quote that is not closed
 */
export function parseTableId(text: string, catalogFirst = true): TableId {
  const parts = splitParts(text)
  const [first, second, third] = parts as [string, string | undefined, string | undefined]
  if (parts.length === 0 || parts.length > 3) throw invalid(text)
  if (second === undefined) return tableId(null, null, first)
  if (third !== undefined) return tableId(first, second, third)
  return catalogFirst ? tableId(first, null, second) : tableId(null, first, second)
}

/** The name with its parts quoted, for SQL: quotes inside are doubled. */
export function quoteTableId(id: TableId, quote = '"'): string {
  return [id.catalog, id.schema, id.table]
    .filter((part): part is string => part !== null && part !== '')
    .map((part) => quoteName(part, quote))
    .join('.')
}

/** One name, quoted; quotes inside are doubled. */
export function quoteName(name: string, quote = '"'): string {
  return quote + name.replaceAll(quote, quote + quote) + quote
}

const PART = /\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|`((?:[^`]|``)*)`|([^\s."'`][^.\s]*))\s*(\.|$)/y

function splitParts(text: string): string[] {
  const parts: string[] = []
  PART.lastIndex = 0
  for (let more = true; more; ) {
    const match = PART.exec(text)
    if (match === null) throw invalid(text)
    const [, double, single, tick, bare, end] = match
    parts.push(
      double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? tick?.replaceAll('``', '`') ?? (bare as string),
    )
    more = end === '.'
  }
  return parts
}

function invalid(text: string): ConnectException {
  return new ConnectException(`Invalid identifier: ${text}`, {
    action:
      'Write a table as catalog.schema.table with as many parts as the database has; quote parts that hold a dot.',
  })
}
