// Changes to single columns: column.mask.*, column.truncate.*, *.propagate.source.type.
import { createHash, getHashes } from 'node:crypto'
import { ConfigException, type ConnectorProps, type Value } from '@millrace/api'
import type { ColumnMapper } from '../events/table-events.ts'
import { type Column, JdbcType } from '../model/table.ts'
import type { TableId } from '../model/table-id.ts'
import { matcherOf } from './regex-list.ts'
import type { Spell } from './tables.ts'

interface Rule {
  readonly matches: (table: TableId, column: Column) => boolean
  readonly mapper: ColumnMapper
}

const TEXT_TYPES: ReadonlySet<number> = new Set([
  JdbcType.CHAR,
  JdbcType.VARCHAR,
  JdbcType.LONGVARCHAR,
  JdbcType.CLOB,
  JdbcType.NCHAR,
  JdbcType.NVARCHAR,
  JdbcType.LONGNVARCHAR,
  JdbcType.NCLOB,
  JdbcType.DATALINK,
])

/**
 * The mapper of each column; the first rule that matches counts, in the reference's order: truncation, mask, propagated
 * types, hashes.
 * @throws ConfigException for a bad expression or an unknown hash
 */
export function columnMappers(
  props: ConnectorProps,
  spell: Spell,
): (table: TableId, column: Column) => ColumnMapper | undefined {
  const rules: Rule[] = []
  const byName = (key: string, mapper: ColumnMapper) => {
    const test = matcherOf(props[key] as string, key)
    const matches = (id: TableId, { name }: Column) => test(`${id.text}.${name}`) || test(`${spell(id)}.${name}`)
    rules.push({ matches, mapper })
  }
  const keys = Object.keys(props)
  each(keys, /^column\.truncate\.to\.(\d+)\.chars$/, (key, [count]) => byName(key, truncate(Number(count))))
  each(keys, /^column\.mask\.with\.(\d+)\.chars$/, (key, [count]) => byName(key, mask('*'.repeat(Number(count)))))
  each(keys, /^column\.propagate\.source\.type$/, (key) => byName(key, propagate))
  each(keys, /^datatype\.propagate\.source\.type$/, (key) => {
    const test = matcherOf(props[key] as string, key)
    const matches = (id: TableId, { typeName }: Column) =>
      test(`${id.text}.${typeName}`) || test(`${spell(id)}.${typeName}`)
    rules.push({ matches, mapper: propagate })
  })
  each(keys, /^column\.mask\.hash\.(v2\.)?([^.]+)\.with\.salt\.(.+)$/, (key, [v2, algorithm, salt]) =>
    byName(key, hash(key, algorithm as string, salt as string, v2 !== undefined)),
  )
  return (table, column) => rules.find((rule) => rule.matches(table, column))?.mapper
}

function each(
  keys: readonly string[],
  pattern: RegExp,
  visit: (key: string, groups: readonly (string | undefined)[]) => void,
): void {
  for (const key of keys) {
    const match = pattern.exec(key)
    if (match !== null) visit(key, match.slice(1))
  }
}

function truncate(most: number): ColumnMapper {
  const possible = ({ length }: Column) => length === null || length > most
  return {
    alterSchema(column, schema) {
      if (possible(column)) schema.parameter('truncateLength', String(most))
    },
    converter: (column) => (possible(column) ? (value) => cut(value, most) : undefined),
  }
}

function cut(value: Value, most: number): Value {
  if (typeof value === 'string') return value.length > most ? value.slice(0, most) : value
  if (value instanceof Uint8Array) return value.length > most ? Buffer.from(value.subarray(0, most)) : value
  return value
}

const masked = (converter: (column: Column) => (value: Value) => Value): ColumnMapper => ({
  alterSchema: (_, schema) => {
    schema.parameter('masked', 'true')
  },
  converter: (column) => (TEXT_TYPES.has(column.jdbcType) ? converter(column) : undefined),
})

/** Nulls are masked, too. */
const mask = (text: string): ColumnMapper => masked(() => () => text)

const propagate: ColumnMapper = {
  alterSchema(column, schema) {
    schema.parameter('__debezium.source.column.type', column.typeName.toUpperCase())
    if (column.length !== null) schema.parameter('__debezium.source.column.length', String(column.length))
    if (column.scale !== null) schema.parameter('__debezium.source.column.scale', String(column.scale))
    if (column.comment) schema.parameter('__debezium.source.column.comment', column.comment)
    schema.parameter('__debezium.source.column.name', column.name)
  },
}

/** Java's names of digests: `SHA-256`, `SHA-512/256`, `MD5`. */
function hash(key: string, algorithm: string, salt: string, v2: boolean): ColumnMapper {
  const name = algorithm
    .toLowerCase()
    .replace(/^sha-(?!3)/, 'sha')
    .replace('/', '-')
  if (!getHashes().some((one) => one.toLowerCase() === name)) {
    throw new ConfigException(`Unknown hash algorithm ${algorithm} in ${key}`, { configKey: key })
  }
  const digest = (value: Value): Value => {
    if (value === null || value === undefined) return null
    const text = String(value)
    const bytes = v2 ? Buffer.from(text, 'utf8') : javaSerialized(text)
    return createHash(name).update(salt, 'utf8').update(bytes).digest('hex')
  }
  return masked(({ length }) => (length !== null && length > 0 ? (value) => cut(digest(value), length) : digest))
}

/** What Java's object serialization writes for a string: its stream header, TC_STRING or TC_LONGSTRING, a length, modified UTF-8. */
export function javaSerialized(text: string): Buffer {
  const bytes = modifiedUtf8(text)
  const long = bytes.length > 0xffff
  const head = Buffer.alloc(long ? 13 : 7)
  head.writeUInt32BE(0xaced0005, 0)
  head[4] = long ? 0x7c : 0x74
  if (long) head.writeBigUInt64BE(BigInt(bytes.length), 5)
  else head.writeUInt16BE(bytes.length, 5)
  return Buffer.concat([head, bytes])
}

/** UTF-8 by UTF-16 unit, with two bytes for the zero. */
function modifiedUtf8(text: string): Buffer {
  const out: number[] = []
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0 && code < 0x80) out.push(code)
    else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f))
    else out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
  }
  return Buffer.from(out)
}
