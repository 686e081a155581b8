// Avro's bytes against those of Avro's own classes (packages/testkit/golden/avro says how they were made): what it wrote is
// read and written again, as it stands and as another schema has it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { DataException, type Schema, type ValueSlot } from '@millrace/api'
import { type AvroSchema, parseAvro } from '@millrace/schemas/avro'
import { AvroOut } from './avro-out.ts'
import { avroReader, avroWriter } from './codec.ts'
import { AVRO_DATA_CONFIG, avroOptions } from './config.ts'
import { toConnectSchema } from './schema-in.ts'

interface Golden {
  readonly kind: string
  readonly writer: string
  readonly reader: string
  readonly bytes?: readonly string[]
  readonly read?: readonly (string | null)[]
}

const FILE = new URL('../../../testkit/golden/avro/golden.jsonl', import.meta.url)
const CASES = readFileSync(FILE, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden)
  .filter(({ bytes }) => bytes !== undefined && bytes.length > 0)
// With namespaces, so that two members of a union may have one name; and a null is no default here.
const OPTIONS = avroOptions(
  AVRO_DATA_CONFIG.parse({ 'enhanced.avro.schema.support': 'true', 'ignore.default.for.nullables': 'true' }),
)

/** Without the properties that say what values mean: random bytes are no decimals, and random texts no names. */
function plain(text: string): AvroSchema {
  const strip = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(strip)
    if (typeof node !== 'object' || node === null) return node
    const kept = Object.entries(node).filter(([key]) => !/^(logicalType|connect\..*)$/.test(key))
    return Object.fromEntries(kept.map(([key, value]) => [key, key === 'default' ? value : strip(value)]))
  }
  return parseAvro(JSON.stringify(strip(JSON.parse(text)))).schema
}

/** Reads and writes again; null for what has no Connect schema. */
function again(written: AvroSchema, wanted: AvroSchema, bytes: Buffer): string | null {
  let connect: Schema | null
  try {
    connect = toConnectSchema(wanted, null, OPTIONS)
  } catch (error) {
    assert.ok(error instanceof DataException, `${error}`)
    return null
  }
  const into: ValueSlot = { schema: null, value: null }
  const end = avroReader(written, wanted, null, OPTIONS)(bytes, 0, bytes.length, into)
  assert.equal(end, bytes.length, 'all bytes are read')
  const out = new AvroOut()
  avroWriter(connect, wanted, out, OPTIONS)(into.value)
  return out.copy().toString('hex')
}

test('values are read and written as the reference writes them', () => {
  let asked = 0
  for (const { writer, bytes } of CASES) {
    const schema = plain(writer)
    for (const hex of bytes ?? []) {
      const back = again(schema, schema, Buffer.from(hex, 'hex'))
      if (back === null) continue
      assert.equal(back, hex, writer)
      asked++
    }
  }
  assert.ok(asked > 1500, `${asked} asked`)
})

test('values are read as another schema has them, as the reference resolves them', () => {
  let asked = 0
  let refused = 0
  for (const { writer, reader, bytes, read } of CASES) {
    const [written, wanted] = [plain(writer), plain(reader)]
    for (const [at, hex] of (bytes ?? []).entries()) {
      const expected = read?.[at] ?? null
      let back: string | null
      try {
        back = again(written, wanted, Buffer.from(hex, 'hex'))
      } catch (error) {
        assert.ok(error instanceof DataException, `${error}`)
        assert.equal(expected, null, `${writer}\n${reader}\n${hex}\n${error.message}`)
        refused++
        continue
      }
      if (back === null) continue
      assert.equal(back, expected, `${writer}\n${reader}\n${hex}`)
      asked++
    }
  }
  assert.ok(asked > 1000 && refused > 100, `${asked} asked, ${refused} refused`)
})
