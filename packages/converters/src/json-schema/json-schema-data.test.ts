// The mapping between Connect and JSON Schema against the reference's own (packages/testkit/golden/json-schema-data says
// how its answers were made).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { DataException, Decimal, doubleToString, floatToString, type Schema } from '@millrace/api'
import { parseJsonSchema } from '@millrace/schemas/json'
import { JsonConverter } from '../json/json-converter.ts'
import { parseExact } from '../json/parser.ts'
import { JSON_SCHEMA_DATA_CONFIG, type JsonSchemaOptions, jsonSchemaOptions } from './config.ts'
import { compileSchemaReader } from './readers.ts'
import { toConnectSchema } from './schema-in.ts'
import { toJsonSchema } from './schema-out.ts'
import { compileValidator } from './validation.ts'
import { compileSchemaWriter, LEFT_OUT } from './writers.ts'

interface Answer {
  readonly json?: string
  readonly payload?: string
  readonly back?: string
  readonly value?: string
}
interface Golden extends Answer {
  readonly kind: 'write' | 'read'
  readonly options: Record<string, string>
  readonly text: string
  readonly schema: string
  readonly references?: Record<string, string>
  readonly error?: string
  readonly valid?: boolean
}

const FILE = new URL('../../../testkit/golden/json-schema-data/golden.jsonl.gz', import.meta.url)
const CASES = gunzipSync(readFileSync(FILE))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden)
const DEPTH = 5
const CONFIG = JSON_SCHEMA_DATA_CONFIG
const JSON_CONVERTER = new JsonConverter()
JSON_CONVERTER.configure({ 'replace.null.with.default': 'false' }, false)

function write({ text, options }: Golden): Answer {
  const { schema, value } = JSON_CONVERTER.toConnectData('t', null, Buffer.from(text))
  const config = jsonSchemaOptions(CONFIG.parse(options), false)
  const json = parseJsonSchema(toJsonSchema(schema as Schema, config)).canonicalText
  const payload = compileSchemaWriter(schema as Schema, config)(value)
  return payload === LEFT_OUT ? { json } : { json, payload, ...read(json, payload, 3, config, {}) }
}

function read(
  text: string,
  payload: string,
  version: number,
  options: JsonSchemaOptions,
  references: Record<string, string>,
): Answer {
  const parsed = parseJsonSchema(text, new Map(Object.entries(references)))
  const schema = toConnectSchema(parsed, version, options)
  const value = compileSchemaReader(schema, { withText: true, keepOthers: options.keepOthers })(
    parseExact(payload, 'text'),
  )
  return { back: JSON.stringify(describe(schema, 0)), value: JSON.stringify(print(schema, value)) }
}

function describe(schema: Schema, depth: number): unknown {
  if (depth > DEPTH) return '...'
  const { type, optional, name, version, doc, parameters, defaultValue, fields, keySchema, valueSchema } = schema
  return {
    type: type + (optional ? '?' : ''),
    ...(name !== null && { name }),
    ...(version !== null && { version }),
    ...(doc !== null && { doc }),
    ...(parameters !== null &&
      parameters.size > 0 && { parameters: Object.fromEntries([...parameters].sort(([a], [b]) => (a < b ? -1 : 1))) }),
    ...(defaultValue !== undefined && { default: print(schema, defaultValue) }),
    ...(type === 'STRUCT' && {
      fields: Object.fromEntries(fields.map((one) => [one.name, describe(one.schema, depth + 1)])),
    }),
    ...(keySchema !== null && { keys: describe(keySchema, depth + 1) }),
    ...(valueSchema !== null && { items: describe(valueSchema, depth + 1) }),
  }
}

function print(schema: Schema, value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'boolean' || typeof value === 'string')
    return value ?? null
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (value instanceof Date) return `date ${value.getTime()}`
  if (value instanceof Decimal) return `decimal ${value}`
  if (typeof value === 'number' || typeof value === 'bigint') {
    if (schema.type === 'FLOAT32') return `float ${floatToString(Number(value))}`
    return schema.type === 'FLOAT64' ? `float ${doubleToString(Number(value))}` : `int ${value}`
  }
  if (Array.isArray(value)) return value.map((item) => print(schema.valueSchema as Schema, item))
  if (value instanceof Map) {
    const entries = [...value].map(
      ([key, item]) =>
        [JSON.stringify(print(schema.keySchema as Schema, key)), print(schema.valueSchema as Schema, item)] as const,
    )
    return entries.sort(([a], [b]) => (a < b ? -1 : 1)).flat()
  }
  const members = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(schema.fields.map((field) => [field.name, print(field.schema, members[field.name])]))
}

for (const kind of ['write', 'read'] as const) {
  test(`what the reference ${kind}s, we ${kind} alike`, () => {
    const asked = CASES.filter((one) => one.kind === kind)
    const wrong: string[] = []
    for (const one of asked) {
      let answer: Answer | string
      try {
        const options = jsonSchemaOptions(CONFIG.parse(one.options), false)
        answer = kind === 'write' ? write(one) : read(one.schema, one.text, 2, options, one.references ?? {})
      } catch (error) {
        const isOurs = error instanceof DataException || (error as Error).name === 'SchemaParseException'
        assert.ok(isOurs, `${error} ${(error as Error).stack} ${JSON.stringify(one)}`)
        answer = (error as Error).message
      }
      const problem = differs(one, answer)
      if (problem !== null) {
        const schema = kind === 'write' ? '' : `${one.schema}\n  `
        wrong.push(`${JSON.stringify(one.options)} ${schema}${one.text}\n  ${problem}`)
      }
    }
    assert.deepEqual(wrong.slice(0, 6), [], `${wrong.length} of ${asked.length} differ`)
  })
}

test('what fits its schema by the reference does so by us', () => {
  let asked = 0
  for (const [at, { schema, text, references = {}, options, valid }] of CASES.entries()) {
    // Compiling takes time: a third of them, and all that refer to something.
    if (valid === undefined || (at % 3 > 0 && !schema.includes('$ref'))) continue
    asked++
    const parsed = parseJsonSchema(schema, new Map(Object.entries(references)))
    const validate = compileValidator(parsed, options['ignore.modern.dialects'] === 'true')
    if (valid) validate(text)
    else assert.throws(() => validate(text), /does not fit its JSON schema/, `${schema} ${text}`)
  }
  assert.ok(asked > 700, `${asked} asked`)
})

/** Where we do what the reference refuses, or refuse what it does, and why. */
const DELIBERATE = {
  /** A default of null is none. */
  nullDefault: ({ schema, error }: Golden) =>
    schema?.includes('"default":null') && error?.includes('Invalid null value for required') === true,
  /** Bytes that are no decimal are not read from a number: the reference has a decimal for them, which is no value of its schema. */
  decimalAsBytes: ({ value }: Golden, answer: Answer | string) =>
    typeof answer === 'string' && answer.startsWith('Bytes should be') && value?.startsWith('"decimal ') === true,
  /** The newer drafts' loader gives the first reference to a schema a copy of it, whose fields refer to another one. */
  firstReference: ({ schema, value }: Golden, answer: Answer | string) =>
    /"\$schema":"https:.*"\$ref"/.test(schema) && typeof answer !== 'string' && same(answer.value, value),
  /** Draft 4 has no booleans as schemas; they are read as in the later ones. */
  booleans: ({ schema, error }: Golden) => /draft-04.*"items":true/.test(schema) && error !== undefined,
} as const

/** Escapes in a text do not matter, nor does the order of parameters and entries, which is sorted. */
function same(a: string | undefined, b: string | undefined): boolean {
  return (
    a === b || (a !== undefined && b !== undefined && JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b)))
  )
}

function differs(one: Golden, answer: Answer | string): string | null {
  if (Object.values(DELIBERATE).some((isMeant) => isMeant(one, answer))) return null
  if (typeof answer === 'string')
    return one.error === undefined ? `refused: ${answer}\n  ${one.back} ${one.value}` : null
  if (one.error !== undefined) return `accepted: ${JSON.stringify(answer)}; the reference: ${one.error}`
  for (const key of ['json', 'payload', 'back', 'value'] as const) {
    const alike = key === 'json' || key === 'payload' ? answer[key] === one[key] : same(answer[key], one[key])
    if (!alike) return `${key}: ${answer[key]}\n  ${one[key]}`
  }
  return null
}
