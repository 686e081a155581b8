// Ours against the answers of Debezium's own classes (packages/testkit/golden/debezium-transforms says how they were made).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import {
  type ConnectRecord,
  errorClassName,
  errorMessage,
  Headers,
  type Predicate,
  SinkRecord,
  SourceRecord,
  type Transformation,
} from '@millrace/api'
import { type SchemaJson, schemaOf, schemaText, type Tagged, untagged, valueText } from '@millrace/testkit/golden'
import { debeziumPlugins } from './plugins.ts'

process.env.TZ = 'UTC'

interface Golden {
  readonly type: string
  readonly config: Readonly<Record<string, string>>
  readonly sink: boolean
  readonly topic: string
  readonly partition?: number
  readonly timestamp?: number
  readonly keySchema?: SchemaJson
  readonly key?: Tagged
  readonly valueSchema?: SchemaJson
  readonly value?: Tagged
  readonly headers?: readonly (readonly [string, SchemaJson, Tagged])[]
  readonly result?: string
  readonly error?: string
}

const PACKAGE = 'io.debezium.transforms.'
const FILE =
  process.env.GOLDEN_TRANSFORMS ??
  new URL('../../../testkit/golden/debezium-transforms/golden.jsonl.gz', import.meta.url)
const CASES = gunzipSync(readFileSync(FILE))
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden)

for (const plugin of debeziumPlugins) {
  const type = plugin.className.slice(PACKAGE.length)
  const cases = CASES.filter((one) => one.type === type)
  test(`${type} as the reference, ${cases.length} times`, async () => {
    assert.ok(cases.length > 100)
    const Type = (await plugin.load()) as new () => Plugin
    const wrong = cases
      .map((one) => [one, answer(Type, one)] as const)
      .filter(([one, found]) => !agrees(one, found))
      .map(([one, found]) => `${question(one)}\n   reference: ${shown(one)}\n   here:      ${shown(found)}`)
    assert.equal(wrong.length, 0, `${wrong.length} answers differ:\n${wrong.join('\n')}`)
  })
}

/** A transformation or a predicate, whichever it is. */
type Plugin = Pick<Transformation, 'configure'> & Partial<Pick<Transformation, 'apply'> & Pick<Predicate, 'test'>>
type Answer = Pick<Golden, 'result' | 'error'>

function answer(Type: new () => Plugin, one: Golden): Answer {
  try {
    const plugin = new Type()
    plugin.configure(one.config)
    const record = recordOf(one)
    if (plugin.test !== undefined) return { result: String(plugin.test(record)) }
    const result = plugin.apply?.(record) as ConnectRecord | null
    // The second time everything is compiled: the same must come of it.
    assert.equal(text(plugin.apply?.(recordOf(one)) as ConnectRecord | null), text(result))
    return { result: text(result) }
  } catch (error) {
    return { error: `${errorClassName(error)}: ${errorMessage(error)}` }
  }
}

function recordOf(one: Golden): ConnectRecord {
  const keySchema = one.keySchema === undefined ? null : schemaOf(one.keySchema)
  const key = untagged(one.key ?? null, keySchema)
  const valueSchema = one.valueSchema === undefined ? null : schemaOf(one.valueSchema)
  const value = untagged(one.value ?? null, valueSchema)
  const headers = new Headers(
    (one.headers ?? []).map(([name, json, item]) => {
      const schema = schemaOf(json)
      return { key: name, schema, value: untagged(item, schema) }
    }),
  )
  const { topic, timestamp = null } = one
  if (one.sink) {
    const partition = one.partition as number
    return new SinkRecord(topic, partition, keySchema, key, valueSchema, value, 42, timestamp, 'CreateTime', headers)
  }
  const kafkaPartition = one.partition ?? null
  return new SourceRecord({
    sourcePartition: {},
    sourceOffset: {},
    topic,
    kafkaPartition,
    keySchema,
    key,
    valueSchema,
    value,
    timestamp,
    headers,
  })
}

function text(record: ConnectRecord | null): string {
  if (record === null) return 'dropped'
  const side = (schema: ConnectRecord['keySchema'], value: unknown) =>
    `${schemaText(schema)}|${valueText(value, schema)}`
  const headers = [...record.headers].map(
    ({ key, schema, value }) => `|${key} ${schemaText(schema)} ${valueText(value, schema)}`,
  )
  const { topic, kafkaPartition, timestamp } = record
  return `${topic}|${kafkaPartition}|${timestamp}|${side(record.keySchema, record.key)}|${side(record.valueSchema, record.value)}${headers.join('')}`
}

/** Dates of the reference reach further than JavaScript's. */
function isOutOfRange(one: Golden, found: Answer): boolean {
  return (found.error?.includes('Timestamp out of range') ?? false) && /date:-?\d{16,}/.test(one.result ?? '')
}

/** The class of an error must be the reference's; its message may say more. */
function agrees(one: Golden, found: Answer): boolean {
  if (isOutOfRange(one, found)) return true
  if (one.error === undefined) return found.result !== undefined && alike(found.result, one.result ?? '')
  // Debezium says that some key is wrong and logs which one; here the error names it.
  if (one.error.endsWith('Unable to validate config.')) return found.error?.includes('ConfigException') ?? false
  return found.error !== undefined && classOf(found.error) === classOf(one.error)
}

/**
 * Numbers written alike: Java before 19 prints more digits of a float than it needs, so that singles are compared as such; and
 * without a schema an integral number is an INT64 in this data model, 3 where the reference has 3.0.
 */
function alike(found: string, wanted: string): boolean {
  return [Math.fround, Number].some((read) => {
    const words = (text: string) => text.replace(/-?\d+\.\d*(?:E-?\d+)?/g, (number) => String(read(Number(number))))
    return words(found) === words(wanted)
  })
}

function classOf(error: string): string {
  return error.slice(0, error.indexOf(':'))
}

function question(one: Golden): string {
  const { result: _result, error: _error, ...rest } = one
  return JSON.stringify(rest)
}

function shown(one: Answer): string {
  return one.error === undefined ? String(one.result) : `error ${one.error}`
}
