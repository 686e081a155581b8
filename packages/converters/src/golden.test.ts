// Our converters against the answers of the reference's own (packages/testkit/golden/converters says how they were made).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  Decimal,
  errorClassName,
  errorMessage,
  type Schema,
  type SchemaAndValue,
  type ValueSlot,
  Values,
} from '@millrace/api'
import { MemorySink, MemorySource } from '@millrace/testkit'
import { schemaText, valueText } from '@millrace/testkit/golden'
import type { ValueConverter } from './base.ts'
import { JSON_CONFIG, jsonOptions } from './json/config.ts'
import { JsonConverter } from './json/json-converter.ts'
import { parseExact } from './json/parser.ts'
import { parseSchema } from './json/schema-parse.ts'
import { StringConverter } from './string-converter.ts'

process.env.TZ = 'UTC'

interface Golden {
  readonly kind: 'write' | 'read' | 'parse' | 'text' | 'string'
  readonly options?: Record<string, string>
  readonly schema?: unknown
  readonly value?: Tagged
  readonly text?: string | { hex: string }
  readonly result?: string | null
  readonly resultSchema?: string
  readonly error?: string
}
type Tagged = null | { readonly [tag: string]: never }

const FILE = new URL('../../testkit/golden/converters/golden.jsonl', import.meta.url)
const CASES = readFileSync(FILE, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden)

/** Where we differ on purpose: part of the question, our answer, and why. */
const DELIBERATE: readonly { readonly asked: string; readonly answer: Answer; readonly why: string }[] = [
  ...['float', 'double'].flatMap((type) =>
    ['-0', '-0.0'].map((zero) => ({
      asked: `\\"${type}\\",\\"optional\\":true},\\"payload\\":${zero}}"`,
      answer: { resultSchema: type === 'float' ? 'FLOAT32?' : 'FLOAT64?', result: '-0.0' },
      why: 'the sign of zero is kept: it is written, so it is read',
    })),
  ),
  ...[
    ['1.0', '1'],
    ['1e3', '1000'],
    ['1e-400', '0'],
  ].map(([text, result]) => ({
    asked: `"text":"${text}","options":{"schemas.enable":"false"}`,
    answer: { resultSchema: 'none', result: result as string },
    why: 'without a schema an integral number is an INT64 in this data model',
  })),
  {
    asked: '\\"field\\":\\"\\"}]},\\"payload\\":5}"',
    answer: { error: 'org.apache.kafka.connect.errors.SchemaBuilderException: Field name cannot be empty.' },
    why: 'the reference says "cannot be null" of an empty name',
  },
  {
    asked: '\\"field\\":\\"c\\"}]}"},"text":""}',
    answer: { error: 'org.apache.kafka.connect.errors.DataException: Invalid null value for required STRUCT field' },
    why: 'an empty message is a missing value, whatever the type',
  },
]

for (const kind of ['write', 'read', 'parse', 'text', 'string'] as const) {
  test(`${kind} as the reference`, () => {
    const wrong: string[] = []
    for (const one of CASES.filter((each) => each.kind === kind)) {
      const found = answer(one)
      if (!agrees(one, found))
        wrong.push(`${question(one)}\n   reference: ${shown(one)}\n   here:      ${shown(found)}`)
    }
    assert.equal(wrong.length, 0, `${wrong.length} answers differ:\n${wrong.join('\n')}`)
  })
}

interface Answer {
  readonly result?: string | null
  readonly resultSchema?: string
  readonly error?: string
}

function answer(one: Golden): Answer {
  try {
    const schema = one.schema === undefined ? null : schemaOf(one.schema)
    const value = one.value === undefined || one.value === null ? null : untagged(one.value, schema)
    switch (one.kind) {
      case 'write':
        return text(written(json(one), schema, value))
      case 'read':
        return described(readTwice(json(one), bytesOf(one)))
      case 'parse':
        return described(Values.parseString(one.text as string))
      case 'text':
        return { result: Values.convertToString(schema, value) }
      case 'string': {
        const converter = new StringConverter()
        converter.configure({}, false)
        return text(written(converter, schema, value))
      }
    }
  } catch (error) {
    return { error: `${errorClassName(error)}: ${errorMessage(error)}` }
  }
}

/** The bytes, after the direct way gave the same. */
function written(converter: ValueConverter, schema: Schema | null, value: unknown): Uint8Array | null {
  const bytes = converter.fromConnectData('t', null, schema, value)
  const sink = new MemorySink()
  const direct = converter.write('t', null, schema, value, sink) ? sink.written : null
  assert.deepEqual(direct, bytes, 'write and fromConnectData differ')
  return bytes
}

/** What is read, after the direct way, which finds the schema cached, gave the same. */
function readTwice(converter: JsonConverter, bytes: Buffer): SchemaAndValue {
  const found = converter.toConnectData('t', null, bytes)
  const slot: ValueSlot = { schema: null, value: undefined }
  converter.read('t', null, new MemorySource(bytes), slot)
  assert.deepEqual(described(slot), described(found), 'read and toConnectData differ')
  return found
}

const CONVERTERS = new Map<string, JsonConverter>()

/** One converter for all cases of the same options, so that its caches are in use. */
function json(one: Golden): JsonConverter {
  const options = `${one.kind} ${JSON.stringify(one.options ?? {})}`
  const known = CONVERTERS.get(options)
  if (known !== undefined) return known
  const converter = new JsonConverter()
  converter.configure(one.options ?? {}, one.kind === 'write')
  CONVERTERS.set(options, converter)
  return converter
}

function text(bytes: Uint8Array | null): Answer {
  return { result: bytes === null ? null : Buffer.from(bytes).toString('utf8') }
}

function described(found: { schema: Schema | null; value: unknown }): Answer {
  return { resultSchema: schemaText(found.schema), result: valueText(found.value, found.schema) }
}

function bytesOf(one: Golden): Buffer {
  return typeof one.text === 'string' ? Buffer.from(one.text) : Buffer.from(one.text?.hex ?? '', 'hex')
}

function schemaOf(node: unknown): Schema | null {
  const options = jsonOptions(JSON_CONFIG.parse({ 'converter.type': 'value' }))
  return parseSchema(parseExact(JSON.stringify(node), 'text'), options)
}

function untagged(tagged: Tagged, schema: Schema | null): unknown {
  if (tagged === null) return null
  const [tag, body] = Object.entries(tagged)[0] as [string, unknown]
  switch (tag) {
    case 'i8':
    case 'i16':
    case 'i32':
      return Number(body)
    case 'i64':
      return Number.isSafeInteger(Number(body)) ? Number(body) : BigInt(body as string)
    case 'f32':
      return Math.fround(Number(body))
    case 'f64':
      return Number(body)
    case 'y':
      return Buffer.from(body as string, 'base64')
    case 'dec':
      return Decimal.parse(body as string)
    case 'd':
      return new Date(body as number)
    case 'l':
      return (body as Tagged[]).map((item) => untagged(item, schema?.valueSchema ?? null))
    case 'm':
      return new Map(
        (body as [Tagged, Tagged][]).map(([key, item]) => [
          untagged(key, schema?.keySchema ?? null),
          untagged(item, schema?.valueSchema ?? null),
        ]),
      )
    case 'st': {
      const members = body as Record<string, Tagged>
      const fields = schema?.fields ?? []
      return Object.fromEntries(
        fields.map((field) => [field.name, untagged(members[field.name] ?? null, field.schema)]),
      )
    }
    default:
      return body
  }
}

function question(one: Golden): string {
  const { result: _result, resultSchema: _schema, error: _error, ...rest } = one
  return JSON.stringify(rest)
}

function shown(one: Answer): string {
  return one.error === undefined ? JSON.stringify([one.resultSchema, one.result]) : `error ${one.error}`
}

/** Messages may go on where the reference's end: it leaves the reason to the cause. */
function agrees(one: Golden, found: Answer): boolean {
  const deliberate = DELIBERATE.find((each) => question(one).includes(each.asked))
  const wanted = deliberate?.answer ?? one
  if (wanted.error !== undefined) return found.error?.startsWith(wanted.error) ?? false
  return (
    found.error === undefined && found.result === (wanted.result ?? null) && found.resultSchema === wanted.resultSchema
  )
}
