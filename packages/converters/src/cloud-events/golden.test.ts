// CloudEventsConverter against the answers of Debezium's own (packages/testkit/golden/cloudevents says how they were made).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { ConnectException, Headers, type SchemaAndValue, type ValueSlot } from '@millrace/api'
import { MemorySink, MemorySource } from '@millrace/testkit'
import { type SchemaJson, schemaOf, schemaText, type Tagged, untagged, valueText } from '@millrace/testkit/golden'
import { CloudEventsConverter } from './cloud-events-converter.ts'

interface Golden {
  readonly kind: 'write' | 'read'
  readonly options?: Record<string, string>
  readonly headers?: Record<string, string>
  readonly schema?: SchemaJson
  readonly value?: Tagged
  readonly text?: string
  readonly resultSchema?: string
  readonly result?: string | null
  /** The class alone: messages say more here. */
  readonly error?: string
}
type Answer = Pick<Golden, 'resultSchema' | 'result'> | 'error'

const FILE = new URL('../../../testkit/golden/cloudevents/golden.jsonl.gz', import.meta.url)
const CASES = gunzipSync(readFileSync(FILE))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden)

for (const kind of ['write', 'read'] as const) {
  test(`${kind}s as the reference`, () => {
    const wrong: string[] = []
    for (const one of CASES.filter((each) => each.kind === kind)) {
      const found = answer(one)
      if (differsOnPurpose(one, found)) continue
      const expected: Answer = one.error === undefined ? asked(one) : 'error'
      if (JSON.stringify(found) !== JSON.stringify(expected)) {
        wrong.push(difference(one, JSON.stringify(expected), JSON.stringify(found)))
      }
    }
    assert.equal(wrong.length, 0, `${wrong.length} differ:\n${wrong.slice(0, 20).join('\n')}`)
  })
}

/** True for a question to which our answer is better, when it is that answer. */
function differsOnPurpose({ error, schema, result }: Golden, found: Answer): boolean {
  if (found === 'error' || typeof found.result !== 'string') return false
  // RFC 3339 has the Gregorian calendar for all times; the reference has the Julian one before 1582.
  if (result?.includes('"time":"0001-01-03T')) return found.result.includes('"time":"0001-01-01T')
  // The database names the schema of events, which JSON has no place for: it may be missing.
  const source = schema?.fields?.find((field) => field.field === 'source')
  const hasDatabase = source?.fields?.some((field) => field.field === 'db') ?? true
  return error !== undefined && !hasDatabase
}

/** The question in short, and both answers from where they part. */
function difference({ kind, options, text, schema }: Golden, expected: string, found: string): string {
  let at = 0
  while (at < expected.length && expected[at] === found[at]) at++
  const shown = (one: string) => one.slice(Math.max(0, at - 40), at + 160)
  const question = JSON.stringify({ kind, options, text, schema: schema?.name })
  return `${question}\n   reference: ${shown(expected)}\n   here:      ${shown(found)}`
}

function asked({ resultSchema, result }: Golden): Answer {
  // Within a value without a schema, a struct is a plain object here.
  if (result?.includes('Struct{') === true)
    return { resultSchema: 'none', result: result.replace('Struct{a=', "{'a'=") }
  return resultSchema === undefined ? { result: result ?? null } : { resultSchema, result: result ?? null }
}

function answer(one: Golden): Answer {
  const converter = new CloudEventsConverter()
  try {
    // As a key, whose escapes are the reference's to the letter.
    converter.configure(one.options ?? {}, one.kind === 'write')
    return one.kind === 'write' ? written(converter, one) : read(converter, one.text as string)
  } catch (error) {
    if (error instanceof assert.AssertionError || !(error instanceof ConnectException)) throw error
    return 'error'
  }
}

function written(converter: CloudEventsConverter, { headers = {}, schema, value }: Golden): Answer {
  const all = new Headers()
  for (const [name, text] of Object.entries(headers)) all.add(name, Buffer.from(text), null)
  const parsed = schemaOf(schema as SchemaJson)
  const data = untagged(value ?? null, parsed)
  const bytes = converter.fromConnectData('t', all, parsed, data) as Buffer | null
  const sink = new MemorySink()
  const direct = converter.write('t', all, parsed, data, sink) === true ? sink.written : null
  assert.deepEqual(direct, bytes, 'write and fromConnectData differ')
  return { result: bytes === null ? null : bytes.toString() }
}

function read(converter: CloudEventsConverter, text: string): Answer {
  const { schema, value } = converter.toConnectData('t', null, Buffer.from(text)) as SchemaAndValue
  const into: ValueSlot = { schema, value: 'left over' }
  converter.read('t', null, new MemorySource(Buffer.from(text)), into)
  assert.deepEqual(into, { schema, value }, 'read and toConnectData differ')
  return { resultSchema: schemaText(schema), result: valueText(value, schema) }
}
