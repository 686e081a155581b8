// Protobuf schemas against the answers of the reference's own classes (packages/testkit/golden/protobuf says how they were made).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { SchemaParseException } from '../language.ts'
import { differences, PROTOBUF, printProto, protoSchema, readProto } from './index.ts'

interface Golden {
  readonly kind: 'parse' | 'pair'
  readonly schema: string
  readonly references: Readonly<Record<string, string>>
  readonly text?: string
  readonly plain?: string
  readonly normal?: string | null
  readonly bytes?: string | null
  readonly again?: string
  readonly error?: string
  readonly writer: string
  readonly reader: string
  readonly differences?: readonly (readonly [type: string, path: string])[]
  readonly reasons?: readonly string[]
}

const FILE = new URL('../../../testkit/golden/protobuf/golden.jsonl.gz', import.meta.url)
const CASES = gunzipSync(readFileSync(FILE))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden)

test('canonical and normal texts are those of the reference', () => {
  const asked = CASES.filter(({ kind }) => kind === 'parse')
  assert.ok(asked.length > 400)
  const wrong = asked.flatMap((one) => {
    const problem = differs(one)
    return problem === null ? [] : [`${one.schema}\n--- ${problem}`]
  })
  assert.deepEqual(wrong, [], `${wrong.length} of ${asked.length} differ`)
})

function differs(one: Golden): string | null {
  const references = new Map(Object.entries(one.references))
  let text: string
  try {
    const file = readProto(one.schema)
    text = printProto(file)
    const plain = printProto(file, { ignoreExtensions: true })
    if (plain !== (one.plain ?? one.text)) return `${plain}\n---\n${one.plain}`
  } catch (error) {
    assert.ok(error instanceof SchemaParseException, `${one.schema}: ${error}`)
    return one.error === undefined ? `refused: ${error.message}` : null
  }
  if (one.error !== undefined) return `accepted; the reference: ${one.error}`
  if (text !== one.text) return `${text}\n---\n${one.text}`
  try {
    const parsed = PROTOBUF.parse(one.schema, references)
    const normal = PROTOBUF.normalize(parsed).canonicalText
    if (normal !== one.normal) return `${normal}\n---\n${one.normal}`
    // A normal text is its own normal text, but for -0.
    const again = PROTOBUF.normalize(PROTOBUF.parse(normal, references)).canonicalText
    return again === normal.replaceAll(/-0\b(?!\.)/g, '0') ? null : `not stable: ${again}\n---\n${normal}`
  } catch (error) {
    assert.ok(error instanceof SchemaParseException, `${one.schema}: ${error}`)
    return one.normal === null ? null : `refused: ${error.message}`
  }
}

test('differences and what they mean are those of the reference', () => {
  const asked = CASES.filter((one) => one.differences !== undefined)
  assert.ok(asked.length > 800)
  assert.ok(asked.filter(({ reasons }) => reasons?.length !== 0).length > 400)
  const wrong = asked.flatMap((one) => {
    const references = new Map(Object.entries(one.references))
    // Some of these name types that are not there, which the reference compares by name.
    const [writer, reader] = [one.writer, one.reader].map((text) => protoSchema(readProto(text), references))
    assert.ok(writer !== undefined && reader !== undefined)
    const found = differences(writer, reader).map(({ type, path }) => [type, path])
    const reasons = PROTOBUF.incompatibilities(reader, writer).map(
      ({ type, message }) => `{errorType:"${type}", description:"${message}"}`,
    )
    // The reference tells them in the order of a hash table.
    const same = (a: readonly unknown[], b: readonly unknown[] = []) =>
      JSON.stringify(a.map((entry) => JSON.stringify(entry)).sort()) ===
      JSON.stringify(b.map((entry) => JSON.stringify(entry)).sort())
    return same(found, one.differences) && same(reasons, one.reasons)
      ? []
      : [`${one.writer}\n---\n${one.reader}\n---\n${found.join(' ')}\n---\n${one.differences?.join(' ')}`]
  })
  assert.deepEqual(wrong, [], `${wrong.length} of ${asked.length} differ`)
})

test('serialized descriptors are those of the reference, and can be read', () => {
  const asked = CASES.filter(({ bytes }) => typeof bytes === 'string')
  assert.ok(asked.length > 300)
  const wrong = asked.flatMap(({ schema, references, bytes, again }) => {
    const parsed = protoSchema(readProto(schema), new Map(Object.entries(references)))
    const mine = PROTOBUF.format?.(parsed, 'serialized')
    // The reference does not see features that are set one by one, nor is a text proto3 that has them.
    if (mine !== bytes && !schema.includes('features.')) return [schema]
    const read = printProto(readProto(bytes as string))
    return read === again ? [] : [`${schema}\n---\n${read}\n---\n${again}`]
  })
  assert.deepEqual(wrong, [], `${wrong.length} of ${asked.length} differ`)
})
