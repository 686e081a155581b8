// Schemas with something wrong in them, and texts under them: an exception that says so, never a crash, and in no time.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { DataException } from '@millrace/api'
import { parseJsonSchema } from '@millrace/schemas/json'
import { Random } from '@millrace/testkit'
import { JSON_SCHEMA_DATA_CONFIG, jsonSchemaOptions } from './config.ts'
import { toConnectSchema } from './schema-in.ts'
import { toJsonSchema } from './schema-out.ts'
import { TextReader } from './text-reader.ts'
import { compileValidator } from './validation.ts'
import { compileSchemaWriter } from './writers.ts'

const FILE = new URL('../../../testkit/golden/json-schema-data/golden.jsonl.gz', import.meta.url)
const CASES = gunzipSync(readFileSync(FILE))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { readonly kind: string; readonly schema: string; readonly text: string })
  .filter(({ kind }) => kind === 'read')
const ROUNDS = 1500
const ODD: readonly unknown[] = [
  null,
  true,
  false,
  -1,
  1e300,
  '',
  'x',
  [],
  {},
  [null],
  ['string', 'null'],
  { type: 'string' },
  { $ref: '#' },
  { $ref: '#/properties' },
  { $ref: '#/definitions/Tree' },
  [{ type: 'null' }, { $ref: '#' }],
]
const KEYWORDS = [
  'type',
  'properties',
  'items',
  'oneOf',
  'allOf',
  'enum',
  'const',
  'default',
  'title',
  'connect.type',
  'connect.index',
  'connect.parameters',
  'connect.version',
  'additionalProperties',
  '$ref',
  '__proto__',
]
const random = new Random(8_811)

/** The same with something else at one place. */
function mutated(node: unknown): unknown {
  if (typeof node !== 'object' || node === null || random.chance(0.15)) return random.pick(ODD)
  if (Array.isArray(node)) {
    const at = random.below(node.length + 1)
    return [...node.slice(0, at), mutated(node[at] ?? null), ...node.slice(at + 1)]
  }
  const names = Object.keys(node)
  const name = names.length === 0 || random.chance(0.25) ? random.pick(KEYWORDS) : random.pick(names)
  return Object.fromEntries([...Object.entries(node), [name, mutated((node as Record<string, unknown>)[name])]])
}

function tryAll(schema: string, text: string): void {
  const generalized = String(random.chance(0.3))
  const keep = String(random.chance(0.3))
  const options = jsonSchemaOptions(
    JSON_SCHEMA_DATA_CONFIG.parse({
      'generalized.sum.type.support': generalized,
      'preserve.additional.properties': keep,
    }),
    false,
  )
  const parsed = parseJsonSchema(schema)
  const connect = toConnectSchema(parsed, 1, options)
  const bytes = Buffer.from(text)
  const slot = { schema: null, value: null as unknown }
  const validate = random.chance(0.3) ? compileValidator(parsed, false) : null
  new TextReader(connect, options, validate).read(bytes, 0, bytes.length, slot)
  parseJsonSchema(toJsonSchema(connect, options))
  JSON.parse(compileSchemaWriter(connect, options)(slot.value) || 'null')
}

test('odd schemas and texts are read, or refused with a reason', () => {
  let read = 0
  const reasons = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round++) {
    const { schema, text } = random.pick(CASES)
    const oddSchema = JSON.stringify(mutated(JSON.parse(schema)))
    const oddText = random.chance(0.5) ? text : JSON.stringify(mutated(JSON.parse(text)))
    const start = performance.now()
    try {
      tryAll(oddSchema, oddText)
      read++
    } catch (error) {
      const { name, message } = error as Error
      const isReason = error instanceof DataException || name === 'SchemaParseException'
      assert.ok(isReason, `${(error as Error).stack}\n${oddSchema}\n${oddText}`)
      const reason = message.slice(0, 40)
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    const took = performance.now() - start
    assert.ok(took < 2000, `${took} ms for ${oddSchema}`)
  }
  assert.ok(read > ROUNDS / 10 && reasons.size > 10, `${read} read, ${reasons.size} reasons`)
})
