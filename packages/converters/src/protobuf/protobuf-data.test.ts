// The mapping between Connect and Protobuf against the reference's own (packages/testkit/golden/protobuf-data says how its answers were made).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { DataException, Decimal, type Schema, type Value, type ValueSlot } from '@millrace/api'
import { SchemaParseException } from '@millrace/schemas'
import { parseProto } from '@millrace/schemas/protobuf'
import { JsonConverter } from '../json/json-converter.ts'
import { protobufReader, protobufWriter } from './codec.ts'
import { indexesOf, writeIndexes } from './message-indexes.ts'
import { ownSchema } from './own-schema.ts'
import { ProtobufOut } from './protobuf-out.ts'
import { optionsOf } from './testing/texts.ts'

interface Golden {
  readonly kind: 'write' | 'read'
  readonly options: Record<string, string>
  /** A value with its schema, or a file. */
  readonly text: string
  readonly of?: string
  readonly hex?: string
  readonly proto?: string
  readonly message?: string
  readonly indexes?: string
  readonly bytes?: string
  readonly back?: string
  readonly error?: string
}
type Answer = Pick<Golden, 'proto' | 'message' | 'indexes' | 'bytes' | 'back'>

const FILE = new URL('../../../testkit/golden/protobuf-data/golden.jsonl.gz', import.meta.url)
const CASES = gunzipSync(readFileSync(FILE))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden)
const JSON_CONVERTER = new JsonConverter()
JSON_CONVERTER.configure({ 'replace.null.with.default': 'false' }, false)
const DEEPEST_SCHEMA = 5

function write({ text, options }: Golden): Answer {
  const { schema, value } = JSON_CONVERTER.toConnectData('t', null, Buffer.from(text))
  const config = optionsOf(options)
  const own = ownSchema(schema, config)
  const proto = own.canonicalText
  if (value === null) return { proto, bytes: 'null' }
  const message = own.linked.byName.get(own.name ?? '')
  assert.equal(message?.kind, 'message')
  const out = new ProtobufOut()
  protobufWriter(schema as Schema, message, out, config)(value)
  const bytes = out.copy()
  return {
    proto,
    message: message.fullName,
    indexes: writeIndexes(indexesOf(own.file, message.fullName) ?? []).toString('hex'),
    bytes: bytes.toString('hex'),
    back: read(proto, message.fullName, bytes, 3, options),
  }
}

function read(text: string, name: string, bytes: Buffer, version: number, options: Record<string, string>): string {
  const message = parseProto(text).linked.byName.get(name)
  assert.equal(message?.kind, 'message')
  const into: ValueSlot = { schema: null, value: null }
  protobufReader(message, version, optionsOf(options))(bytes, 0, bytes.length, into)
  return `${dumpSchema(into.schema as Schema, 0)} = ${dump(into.value, into.schema as Schema)}`
}

/** A schema in words, as the harness has them. */
function dumpSchema(schema: Schema, depth: number): string {
  const { defaultValue, fields, keySchema, name, optional, parameters, type, valueSchema, version } = schema
  const given = [...(parameters ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`)
  const head = [
    type + (optional ? '?' : ''),
    ...(name === null ? [] : [name]),
    ...(version === null ? [] : [`v${version}`]),
    ...(defaultValue === undefined ? [] : ['default']),
    ...(given.length === 0 ? [] : [`{${given.join(', ')}}`]),
  ].join(' ')
  if (depth === DEEPEST_SCHEMA) return head
  const of = (one: Schema | null) => dumpSchema(one as Schema, depth + 1)
  if (type === 'ARRAY') return `${head}[${of(valueSchema)}]`
  if (type === 'MAP') return `${head}<${of(keySchema)}, ${of(valueSchema)}>`
  if (type === 'STRUCT') return `${head}(${fields.map((field) => `${field.name}: ${of(field.schema)}; `).join('')})`
  return head
}
function dump(value: Value, schema: Schema): string {
  if (value === null) return 'null'
  if (value instanceof Map) {
    const entries = [...value].map(
      ([key, item]) => `${dump(key, schema.keySchema as Schema)} -> ${dump(item, schema.valueSchema as Schema)}; `,
    )
    return `<${entries.join('')}>`
  }
  if (Array.isArray(value)) return `[${value.map((item) => `${dump(item, schema.valueSchema as Schema)}; `).join('')}]`
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`
  if (value instanceof Decimal) return `d${value.unscaled}:${value.scale}`
  if (value instanceof Date) return `t${value.getTime()}`
  if (schema.type === 'STRUCT') {
    const struct = value as Record<string, Value>
    assert.deepEqual(
      Object.keys(struct),
      schema.fields.map(({ name }) => name),
    )
    return `{${schema.fields.map((field) => `${field.name}: ${dump(struct[field.name], field.schema)}; `).join('')}}`
  }
  if (schema.type === 'FLOAT32' || schema.type === 'FLOAT64') {
    const bits = Buffer.alloc(8)
    bits.writeDoubleBE(value as number)
    return `f${bits.toString('hex').toUpperCase() === 'FFF8000000000000' ? '7ff8000000000000' : bits.toString('hex')}`
  }
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)).replace(
    /^"(-?\d{16,})"$/,
    schema.type === 'INT64' ? '$1' : '"$1"',
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
            : { back: read(one.text, one.of ?? '', Buffer.from(one.hex ?? one.bytes ?? '', 'hex'), 2, one.options) }
      } catch (error) {
        const isRefused = error instanceof DataException || error instanceof SchemaParseException
        assert.ok(isRefused, `${error} ${(error as Error).stack} ${JSON.stringify(one)}`)
        answer = error.message
      }
      const problem = differs(one, answer)
      if (problem !== null) wrong.push(`${JSON.stringify(one.options)} ${one.text} ${one.hex ?? ''}\n  ${problem}`)
    }
    assert.deepEqual(wrong.slice(0, 6), [], `${wrong.length} of ${asked.length} differ`)
  })
}

/** Where we do what the reference refuses, by its message. */
const DELIBERATE: readonly RegExp[] = [
  // A union after a field with the label optional.
  /Synthetic oneofs must come last/,
  // With wrapper.for.nullables a field without a wrapper is not optional, and is null nevertheless when it is not set; the
  // reference gives such a struct at the top and refuses it further down.
  /null used for required field/,
  // A default that the field's type does not have stands in no text, but must be one.
  /Could not parse default value/,
]
/** What we refuse, by our message: a package whose name no compiler takes. */
const REFUSED = /"9a" is not a valid name in Protobuf/

function differs(one: Golden, answer: Answer | string): string | null {
  if (typeof answer === 'string')
    return one.error === undefined && !REFUSED.test(answer) ? `refused: ${answer}\n  ${one.back}` : null
  if (DELIBERATE.some((pattern) => pattern.test(one.error ?? ''))) return null
  if (one.error !== undefined) return `accepted: ${JSON.stringify(answer)}; the reference: ${one.error}`
  for (const key of ['proto', 'message', 'indexes', 'bytes', 'back'] as const) {
    if (key in answer && answer[key] !== one[key]) return `${key}: ${apart(answer[key] ?? '', one[key] ?? '')}`
  }
  return null
}

/** Two texts from where they differ on. */
function apart(ours: string, theirs: string): string {
  let at = 0
  while (at < ours.length && ours[at] === theirs[at]) at++
  const from = Math.max(0, at - 60)
  return `\n  ours:   ${ours.slice(from, at + 120)}\n  theirs: ${theirs.slice(from, at + 120)}`
}
