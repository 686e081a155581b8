// Compatibility and texts of random JSON schemas, as the reference's own classes answered.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { SchemaParseException } from '../language.ts'
import { JSON_SCHEMA, parseJsonSchema } from './language.ts'

interface Question {
  readonly writer: string
  readonly reader: string
  readonly found?: readonly string[]
  readonly text?: string
  readonly normal?: string
  readonly error?: string
}

const file = new URL('../../../testkit/golden/json-schema/golden.jsonl.gz', import.meta.url)
const questions: readonly Question[] = gunzipSync(readFileSync(file))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))

test('finds what the reference finds, and has its texts', () => {
  for (const question of questions) {
    if (question.error !== undefined) {
      const parse = () => [question.writer, question.reader].map((text) => parseJsonSchema(text))
      assert.throws(parse, SchemaParseException, JSON.stringify(question))
      continue
    }
    const [writer, reader] = [parseJsonSchema(question.writer), parseJsonSchema(question.reader)]
    const found = JSON_SCHEMA.incompatibilities(reader, writer).map(({ type, path }) => `${type} ${path}`)
    assert.deepEqual(found.sort(), question.found, JSON.stringify(question))
    assert.equal(reader.canonicalText, question.text)
    assert.equal(JSON_SCHEMA.normalize(reader).canonicalText, question.normal)
  }
  assert.ok(questions.length > 1000)
  assert.ok(questions.filter(({ found }) => found !== undefined && found.length > 0).length > 150)
})
