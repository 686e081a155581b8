// One column's definition: `type attributes`.
import type { ColumnInit } from '@millrace/kit-cdc'
import type { Tokens } from './tokens.ts'
import { parseCharset, parseDataType } from './types.ts'

/** A column, and what its definition says of the table's keys. */
export interface ColumnDefinition {
  readonly column: ColumnInit
  readonly isPrimary: boolean
  readonly isUnique: boolean
}

interface Draft {
  optional: boolean
  autoIncremented: boolean
  generated: boolean
  hasDefault: boolean
  defaultExpression: string | null
  comment: string | null
  charsetName: string | null
  isPrimary: boolean
  isUnique: boolean
}

/** Reads what follows the column's name. */
export function parseColumn(name: string, tokens: Tokens): ColumnDefinition {
  const type = parseDataType(tokens)
  const draft: Draft = {
    optional: !type.serial,
    autoIncremented: type.serial,
    generated: type.serial,
    hasDefault: false,
    defaultExpression: null,
    comment: null,
    charsetName: type.charset,
    isPrimary: false,
    isUnique: type.serial,
  }
  while (parseAttribute(tokens, draft));
  const { isPrimary, isUnique, ...rest } = draft
  const { typeName, jdbcType, length, scale, enumValues } = type
  const optional = rest.optional && !isPrimary
  // A column that takes null and says nothing has null for its default; one that is computed has none.
  if (optional && !rest.generated && !rest.hasDefault) rest.hasDefault = true
  return { column: { name, typeName, jdbcType, length, scale, enumValues, ...rest, optional }, isPrimary, isUnique }
}

/** Takes one attribute; false at the end of the definition. */
function parseAttribute(tokens: Tokens, draft: Draft): boolean {
  if (tokens.atEnd || tokens.sees(',') || tokens.sees(')') || tokens.sees('FIRST') || tokens.sees('AFTER')) return false
  const charset = parseCharset(tokens)
  if (charset !== undefined) draft.charsetName ??= charset
  else if (tokens.accept('NOT', 'NULL')) draft.optional = false
  else if (tokens.accept('NULL')) draft.optional = true
  else if (tokens.accept('DEFAULT')) parseDefault(tokens, draft)
  else if (tokens.accept('AUTO_INCREMENT')) draft.autoIncremented = draft.generated = true
  else if (tokens.accept('COMMENT')) draft.comment = tokens.next().text
  else if (tokens.accept('PRIMARY', 'KEY') || tokens.accept('KEY')) draft.isPrimary = true
  else if (tokens.accept('UNIQUE', 'KEY') || tokens.accept('UNIQUE')) draft.isUnique = true
  else if (tokens.accept('ON', 'UPDATE')) skipValue(tokens)
  else if (tokens.accept('GENERATED', 'ALWAYS', 'AS') || tokens.accept('AS')) draftGenerated(tokens, draft)
  else if (tokens.sees('(')) tokens.skipGroup()
  else tokens.next()
  return true
}

function draftGenerated(tokens: Tokens, draft: Draft): void {
  // `AS ROW START` and `AS ROW END` are of system-versioned tables.
  if (tokens.accept('ROW')) tokens.next()
  else tokens.skipGroup()
  draft.generated = true
}

const NOW = new Set(['CURRENT_TIMESTAMP', 'NOW', 'LOCALTIME', 'LOCALTIMESTAMP'])
/** What stands for the time of the insert: consumers of a schema cannot compute it. */
const EPOCH = '1970-01-01 00:00:00'

function parseDefault(tokens: Tokens, draft: Draft): void {
  draft.hasDefault = true
  if (tokens.accept('NULL')) return
  if (NOW.has(tokens.peek().word)) {
    skipValue(tokens)
    draft.defaultExpression = EPOCH
    return
  }
  if (tokens.sees('(')) {
    // An expression is computed by the server alone.
    tokens.skipGroup()
    draft.hasDefault = false
    return
  }
  const value = parseLiteral(tokens)
  if (value === undefined) draft.hasDefault = false
  else draft.defaultExpression = value
}

/** A literal's text; undefined for a call. */
function parseLiteral(tokens: Tokens): string | undefined {
  const sign = tokens.acceptAny('-', '+') === '-' ? '-' : ''
  const { kind, text, word } = tokens.next()
  if (kind === 'word' && tokens.peek().kind === 'string' && /^([BXN]|_\w+)$/i.test(text)) {
    const literal = tokens.next().text
    if (word === 'B') return literal
    if (word === 'X') return Buffer.from(literal, 'hex').toString('latin1')
    return literal
  }
  if (kind === 'word' && tokens.sees('(')) {
    tokens.skipGroup()
    return undefined
  }
  return sign + text
}

function skipValue(tokens: Tokens): void {
  tokens.next()
  if (tokens.sees('(')) tokens.skipGroup()
}
