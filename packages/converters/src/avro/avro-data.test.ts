// The mapping between Connect and Avro against the reference's own (packages/testkit/golden/avro-data says how its answers were made).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { DataException, type ValueSlot } from '@millrace/api'
import { parseAvro, printAvro } from '@millrace/schemas/avro'
import { JsonConverter } from '../json/json-converter.ts'
import { AvroOut } from './avro-out.ts'
import { avroReader, avroWriter } from './codec.ts'
import { AVRO_DATA_CONFIG, avroOptions } from './config.ts'
import { toAvroSchema } from './schema-out.ts'

interface Golden {
  readonly kind: 'write' | 'read'
  readonly options: Record<string, string>
  readonly text: string
  readonly schema: string
  readonly avro?: string
  readonly bytes?: string
  readonly back?: string
  readonly error?: string
}
interface Answer {
  readonly avro?: string
  readonly bytes?: string
  readonly back?: string
}

const FILE = new URL('../../../testkit/golden/avro-data/golden.jsonl', import.meta.url)
const CASES = readFileSync(FILE, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden)
const JSON_CONVERTER = new JsonConverter()
JSON_CONVERTER.configure({ 'replace.null.with.default': 'false' }, false)

function write({ text, options }: Golden): Answer {
  const { schema, value } = JSON_CONVERTER.toConnectData('t', null, Buffer.from(text))
  const config = avroOptions(AVRO_DATA_CONFIG.parse(options))
  const avro = toAvroSchema(schema, config)
  const out = new AvroOut()
  avroWriter(schema, avro, out, config)(value)
  const bytes = out.copy()
  return { avro: printAvro(avro), bytes: bytes.toString('hex'), back: read(printAvro(avro), bytes, 3, options) }
}

function read(schema: string, bytes: Buffer, version: number, options: Record<string, string>): string {
  const avro = parseAvro(schema).schema
  const into: ValueSlot = { schema: null, value: null }
  avroReader(avro, avro, version, avroOptions(AVRO_DATA_CONFIG.parse(options)))(bytes, 0, bytes.length, into)
  // A null at the top is null bytes.
  if (into.value === null) return 'null'
  const text = JSON_CONVERTER.fromConnectData('t', null, into.schema, into.value)
  return text === null ? 'null' : Buffer.from(text).toString()
}

/** Numbers of JSON are compared as numbers: 1.0 is 1. */
function same(a: unknown, b: unknown): boolean {
  return (
    a === b ||
    (typeof a === 'string' &&
      typeof b === 'string' &&
      a.startsWith('{') &&
      JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b)))
  )
}

for (const kind of ['write', 'read'] as const) {
  test(`what the reference ${kind}s, we ${kind} alike`, () => {
    const asked = CASES.filter((one) => one.kind === kind)
    const wrong: string[] = []
    for (const one of asked) {
      let answer: Answer | string
      try {
        answer =
          kind === 'write'
            ? write(one)
            : { back: read(one.schema, Buffer.from(one.bytes ?? '', 'hex'), 2, one.options) }
      } catch (error) {
        assert.ok(error instanceof DataException, `${error} ${(error as Error).stack} ${JSON.stringify(one)}`)
        answer = error.message
      }
      const problem = differs(one, answer)
      if (problem !== null) wrong.push(`${JSON.stringify(one.options)} ${one.text ?? one.schema}\n  ${problem}`)
    }
    assert.deepEqual(wrong.slice(0, 6), [], `${wrong.length} of ${asked.length} differ`)
  })
}

/** Where we do what the reference refuses, by its message. */
const DELIBERATE: readonly RegExp[] = [
  // The version in the registry does not overrule the version that a logical type has.
  /Mismatched versions: version already added to SchemaBuilder \(1\)/,
  // Members of a nullable union are counted there with and without the null: we count in one way.
  /connect_union_field_\d+/,
  // Parameters of a field make it build the field's schema anew, without what is in it and with its default before its name.
  /SchemaBuilderException: Invalid default value/,
  /Invalid Avro data for schemaless Connect data|Invalid type for MAP|No schema defined for (?:key of map|element of array)/,
  // A record of the default name has none in Connect, and the reference looks for a union's member by that.
  /null is not a valid field name/,
]

function differs(one: Golden, answer: Answer | string): string | null {
  if (typeof answer === 'string') return one.error === undefined ? `refused: ${answer}\n  ${one.back}` : null
  if (DELIBERATE.some((pattern) => pattern.test(one.error ?? ''))) return null
  if (one.back?.includes('"keys":null') === true) return null
  // Two maps of different types have entries of different names.
  if (one.kind === 'write' && answer.avro?.includes('"MapEntry2"') === true) return null
  if (one.error !== undefined) return `accepted: ${JSON.stringify(answer)}; the reference: ${one.error}`
  for (const key of ['avro', 'bytes', 'back'] as const) {
    if (key in answer && !same(answer[key], one[key])) return `${key}: ${answer[key]}\n  ${one[key]}`
  }
  return null
}
