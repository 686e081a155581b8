// Defaults of columns, from the expression in the catalogue: literals only; what a function gives has a value of its type's own.
import type { Schema } from '@millrace/api'
import type { ColumnType } from './column-type.ts'

const LITERAL = /'((?:[^']|'')*)'/
const FUNCTION = /^\(?[A-Za-z0-9_.]+\((?:.+(?:, ?.+)*)?\)/
const NOW = new Set(['current_timestamp', 'current_time', 'current_date', 'localtime', 'localtimestamp'])

/** What stands for the result of a function, as text of the type. Types that are not here have no default. */
const GENERATED: Readonly<Record<string, string>> = {
  bit: '00',
  varbit: '0',
  bool: 'f',
  bpchar: '',
  varchar: '',
  text: '',
  numeric: '0.0',
  float4: '0.0',
  float8: '0.0',
  int2: '0',
  int4: '0',
  int8: '0',
  json: '{}',
  jsonb: '{}',
  xml: '',
  uuid: '00000000-0000-0000-0000-000000000000',
  date: '1970-01-01',
  time: '00:00:00',
  timestamp: '1970-01-01 00:00:00',
  timestamptz: '1970-01-01 00:00:00+00',
  interval: '00:00:00',
}

const FORMS: Readonly<Record<string, RegExp>> = {
  int2: /^-?\d{1,5}$/,
  int4: /^-?\d{1,10}$/,
  int8: /^-?\d{1,19}$/,
  numeric: /^-?\d*\.?\d+$/,
  float4: /^-?\d*\.?\d+(e[+-]?\d+)?$/i,
  float8: /^-?\d*\.?\d+(e[+-]?\d+)?$/i,
  date: /^\d{4,}-\d\d-\d\d$/,
  time: /^\d\d:\d\d(:\d\d(\.\d+)?)?$/,
  timestamp: /^\d{4,}-\d\d-\d\d( \d\d:\d\d(:\d\d(\.\d+)?)?)?$/,
  timestamptz: /^\d{4,}-\d\d-\d\d( \d\d:\d\d(:\d\d(\.\d+)?)?)?([+-]\d\d(:\d\d)?)?$/,
  bit: /^[01]*$/,
  varbit: /^[01]*$/,
}

/**
 * The default of a column, or undefined when it has none that can be told.
 * @param typeName of the base type, such as `int4`; an enum's is not one of those known
 * @param labels of an enum, else empty
 */
export function defaultValue(
  expression: string,
  typeName: string,
  labels: readonly string[],
  type: ColumnType,
): unknown {
  const text = textOf(expression, typeName, labels)
  if (text === null) return undefined
  const schema: Schema = type.schema().build()
  // A struct as a default is more than converters know.
  if (schema.type === 'STRUCT') return undefined
  const bytes = Buffer.from(text)
  try {
    return type.decode(bytes, 0, bytes.length)
  } catch {
    return undefined
  }
}

function textOf(expression: string, typeName: string, labels: readonly string[]): string | null {
  if (labels.length > 0) {
    const label = /^'((?:[^']|'')*)'::/.exec(expression)?.[1]?.replaceAll("''", "'")
    return label !== undefined && labels.includes(label) ? label : null
  }
  const generated = GENERATED[typeName]
  if (generated === undefined) return null
  const plain = expression.trim()
  if (FUNCTION.test(plain) || NOW.has(plain.toLowerCase())) return generated
  if (plain.startsWith('NULL::')) return null
  const quoted = LITERAL.exec(plain)
  const text = quoted === null ? plain : (quoted[1] as string).replaceAll("''", "'")
  return formed(text, typeName)
}

/** Text as the server would write the value, or null when it is no literal of the type. */
function formed(text: string, typeName: string): string | null {
  if (typeName === 'bool') return text.toLowerCase() === 'true' || text === 't' ? 't' : 'f'
  const form = FORMS[typeName]
  if (form !== undefined && !form.test(text)) return null
  if ((typeName === 'timestamp' || typeName === 'timestamptz') && !text.includes(':')) return `${text} 00:00:00`
  return text
}
