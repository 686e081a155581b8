// Avro schemas against the answers of Avro's own classes (packages/testkit/golden/avro says how they were made).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { SchemaParseException } from '../language.ts'
import { AVRO, fingerprint, parseAvro, parsingCanonicalForm } from './index.ts'

interface Golden {
  readonly kind: 'parse' | 'pair'
  readonly schema: string
  readonly text?: string
  readonly canonical?: string
  readonly crc64?: string
  readonly sha256?: string
  readonly strict?: boolean
  readonly error?: string
  readonly writer: string
  readonly reader: string
  readonly findings?: readonly (readonly [string, string, string])[]
}

const FILE = new URL('../../../testkit/golden/avro/golden.jsonl', import.meta.url)
const CASES = readFileSync(FILE, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden)

test('texts, canonical forms and fingerprints are those of the reference', () => {
  const asked = CASES.filter(({ kind }) => kind === 'parse')
  const wrong = asked.flatMap((one) => {
    const problem = differs(one)
    return problem === null ? [] : [`${one.schema}\n  ${problem}`]
  })
  assert.deepEqual(wrong, [], `${wrong.length} of ${asked.length} differ`)
})

function differs(one: Golden): string | null {
  let parsed: ReturnType<typeof parseAvro>
  try {
    parsed = parseAvro(one.schema)
  } catch (error) {
    assert.ok(error instanceof SchemaParseException, `${one.schema}: ${error}`)
    return one.error === undefined ? `refused: ${error.message}` : null
  }
  if (one.error !== undefined) return refusedAsNew(one.schema) ? null : `accepted; the reference: ${one.error}`
  if (parsed.canonicalText !== one.text) return `${parsed.canonicalText}\n  ${one.text}`
  const canonical = parsingCanonicalForm(parsed.schema)
  if (canonical !== one.canonical) return `${canonical}\n  ${one.canonical}`
  if (fingerprint(parsed.schema, 'CRC-64-AVRO').toString('hex') !== one.crc64) return 'CRC-64-AVRO'
  if (fingerprint(parsed.schema, 'SHA-256').toString('hex') !== one.sha256) return 'SHA-256'
  if (refusedAsNew(one.schema) === one.strict) return `as a new schema: ${!one.strict}`
  // A text is its own text.
  return parseAvro(parsed.canonicalText).canonicalText === parsed.canonicalText ? null : 'not stable'
}

/** What the reference always refuses, and we in new schemas only: odd namespaces, and odd defaults in records that contain themselves. */
function refusedAsNew(schema: string): boolean {
  try {
    parseAvro(schema, undefined, { asNew: true })
    return false
  } catch {
    return true
  }
}

test('findings of incompatibility are those of the reference', () => {
  const asked = CASES.filter(({ kind, findings }) => kind === 'pair' && findings !== undefined)
  assert.ok(asked.length > 500)
  const wrong = asked.flatMap(({ reader, writer, findings }) => {
    const found = AVRO.incompatibilities(parseAvro(reader), parseAvro(writer))
    const told = found.map(({ type, path, message }) => [type, path, message])
    return JSON.stringify(told) === JSON.stringify(findings)
      ? []
      : [`${reader}\n  ${writer}\n  ${JSON.stringify(told)}\n  ${JSON.stringify(findings)}`]
  })
  assert.deepEqual(wrong, [], `${wrong.length} of ${asked.length} differ`)
})
