// Header text to values, with the schema that the text suggests.
import { DataException } from '../../errors.ts'
import type { SchemaAndValue } from '../../plugin/converter.ts'
import type { Schema } from '../schema.ts'
import { SchemaBuilder, Schemas } from '../schema-builder.ts'
import { convertTo } from './conversions.ts'
import { SchemaMerger } from './merge.ts'
import { parseNumber, rounded } from './number.ts'
import { parseTemporal } from './temporal.ts'
import { isBlank, Tokenizer, trim } from './tokenizer.ts'

const NULL: SchemaAndValue = Object.freeze({ schema: null, value: null })
const TRUE: SchemaAndValue = Object.freeze({ schema: Schemas.BOOLEAN, value: true })
const FALSE: SchemaAndValue = Object.freeze({ schema: Schemas.BOOLEAN, value: false })
/** Lists and maps nested deeper than this are taken as strings; the reference runs out of stack somewhere. */
const MAX_DEPTH = 500

/**
 * Value and schema of a text: `null`, `true`, `false`, numbers in the smallest type that holds them, dates and times in ISO
 * form, lists `[...]`, maps `{...}`; anything else is the string itself.
 */
export function parseString(text: string | null): SchemaAndValue {
  if (text === null) return NULL
  return text === '' ? { schema: Schemas.STRING, value: '' } : new ValueParser(text).top()
}

class ValueParser {
  readonly #tokens: Tokenizer
  #depth = 0

  constructor(text: string) {
    this.#tokens = new Tokenizer(text)
  }

  top(): SchemaAndValue {
    const found = this.#value(false)
    return found === null ? NULL : rounded(found)
  }

  /** Null stands for the literal `null`. @throws DataException, when embedded, for text that is no value */
  #value(embedded: boolean): SchemaAndValue | null {
    const tokens = this.#tokens
    if (!tokens.hasNext) return null
    if (embedded && tokens.take('"')) return this.#quoted()
    if (this.#literal('null', embedded)) return null
    if (this.#literal('true', embedded)) return TRUE
    if (this.#literal('false', embedded)) return FALSE
    const start = tokens.mark()
    try {
      if (tokens.take('[')) return this.#nested(() => this.#list())
      if (tokens.take('{')) return this.#nested(() => this.#map())
    } catch (error) {
      if (!(error instanceof DataException)) throw error
      tokens.rewind(start)
    }
    const token = tokens.next()
    return isBlank(token) ? { schema: Schemas.STRING, value: token } : this.#scalar(trim(token), embedded)
  }

  /** At the top nothing may follow a literal: `true}` is a string. */
  #literal(word: string, embedded: boolean): boolean {
    const start = this.#tokens.mark()
    if (this.#tokens.take(word) && (embedded || !this.#tokens.hasNext)) return true
    this.#tokens.rewind(start)
    return false
  }

  #nested(read: () => SchemaAndValue): SchemaAndValue {
    if (++this.#depth > MAX_DEPTH) throw new DataException('Nested too deeply')
    const result = read()
    this.#depth--
    return result
  }

  #scalar(token: string, embedded: boolean): SchemaAndValue {
    const first = token[0] as string
    const isDigit = first >= '0' && first <= '9'
    const found =
      (isDigit ? this.#temporal(token) : null) ??
      (isDigit || first === '+' || first === '-' ? parseNumber(token) : null)
    if (found !== null) return found
    if (embedded) throw new DataException('Failed to parse embedded value')
    return { schema: Schemas.STRING, value: this.#tokens.text }
  }

  /** An unescaped colon is a delimiter, so that a time of day is five tokens. */
  #temporal(token: string): SchemaAndValue | null {
    const start = this.#tokens.mark()
    const rest = this.#tokens.nextOf(4)
    const found = rest === null ? null : parseTemporal(token + rest)
    if (found !== null) return found
    this.#tokens.rewind(start)
    return parseTemporal(token)
  }

  #quoted(): SchemaAndValue {
    let content = ''
    while (this.#tokens.hasNext && !this.#tokens.take('"')) content += this.#tokens.next()
    return parseTemporal(content) ?? { schema: Schemas.STRING, value: content }
  }

  #list(): SchemaAndValue {
    const tokens = this.#tokens
    const items: (SchemaAndValue | null)[] = []
    while (tokens.hasNext) {
      if (tokens.take(']')) return listOf(items)
      if (tokens.take(',')) throw new DataException(`Unable to parse an empty array element: ${tokens.text}`)
      items.push(this.#value(true))
      const afterItem = tokens.mark()
      if (tokens.take(']')) tokens.rewind(afterItem)
      else if (!tokens.take(',')) throw new DataException("Array elements missing ',' delimiter")
    }
    throw new DataException(`Array is missing terminating ']': ${tokens.text}`)
  }

  #map(): SchemaAndValue {
    const tokens = this.#tokens
    const keys: SchemaAndValue[] = []
    const values: (SchemaAndValue | null)[] = []
    while (tokens.hasNext) {
      if (tokens.take('}')) return mapOf(keys, values)
      if (tokens.take(',')) throw new DataException(`Unable to parse a map entry with no key or value: ${tokens.text}`)
      const key = this.#value(true)
      if (key === null || key.value === null) {
        throw new DataException(`Map entry may not have a null key: ${tokens.text}`)
      }
      if (!tokens.take(':')) {
        throw new DataException(`Map entry is missing ':' at ${tokens.position} in ${tokens.text}`)
      }
      keys.push(key)
      values.push(this.#value(true))
      // The comma between entries may be left out.
      tokens.take(',')
    }
    throw new DataException(`Map is missing terminating '}': ${tokens.text}`)
  }
}

function listOf(items: readonly (SchemaAndValue | null)[]): SchemaAndValue {
  const schema = commonOf(items)
  return { schema: SchemaBuilder.array(schema).build(), value: items.map((item) => aligned(schema, item)) }
}

function mapOf(keys: readonly SchemaAndValue[], values: readonly (SchemaAndValue | null)[]): SchemaAndValue {
  const keySchema = commonOf(keys)
  // Values have a schema only where the keys have one.
  const valueSchema = keySchema === null ? null : commonOf(values)
  const value = new Map(
    keys.map((key, at) => [aligned(keySchema, key), aligned(valueSchema, values[at] ?? null)] as const),
  )
  return { schema: SchemaBuilder.map(keySchema, valueSchema).build(), value }
}

function commonOf(items: readonly (SchemaAndValue | null)[]): Schema | null {
  const merger = new SchemaMerger()
  for (const item of items) merger.add(item?.schema ?? null)
  return merger.schema
}

/** The value under the common schema; as parsed where there is none. @throws DataException for null where none is allowed */
function aligned(schema: Schema | null, item: SchemaAndValue | null): unknown {
  if (schema === null) return item?.value ?? null
  return convertTo(schema, null, item === null ? null : rounded(item).value)
}
