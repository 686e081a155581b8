// Properties of JsonConverter over seeded random data: what is written is read back, both ways of each agree, and bytes
// that were tampered with are read or refused with a DataException, never with anything else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataException, type RawConfig, type Schema, schemaEquals, type ValueSlot, valueEquals } from '@millrace/api'
import { MemorySink, MemorySource, Random, randomPlain, randomSchema, randomValue } from '@millrace/testkit'
import { JsonConverter } from './json-converter.ts'

const ROUNDS = 400

function made(configs: RawConfig, isKey = false): JsonConverter {
  const converter = new JsonConverter()
  converter.configure(configs, isKey)
  return converter
}

function roundTrip(converter: JsonConverter, schema: Schema | null, value: unknown): ValueSlot {
  const bytes = converter.fromConnectData('t', null, schema, value)
  const sink = new MemorySink()
  if (bytes === null) {
    assert.equal(converter.write('t', null, schema, value, sink), false)
    return { schema: null, value: null }
  }
  converter.write('t', null, schema, value, sink)
  assert.deepEqual(sink.written, Buffer.from(bytes))
  const slot: ValueSlot = { schema: null, value: undefined }
  converter.read('t', null, new MemorySource(bytes), slot)
  assert.deepEqual(converter.toConnectData('t', null, Buffer.from(bytes)), slot)
  return slot
}

for (const format of ['BASE64', 'NUMERIC']) {
  test(`values and schemas come back (${format})`, () => {
    const converter = made({ 'decimal.format': format })
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const random = new Random(seed)
      const schema = randomSchema(random, 3)
      for (let at = 0; at < 3; at++) {
        const value = randomValue(random, schema)
        const back = roundTrip(converter, schema, value)
        assert.ok(schemaEquals(back.schema, schema), `schema of seed ${seed}`)
        assert.ok(valueEquals(back.value, value), `value ${at} of seed ${seed}`)
      }
    }
  })
}

test('values without a schema come back', () => {
  for (const converter of [made({ 'schemas.enable': 'false' }), made({ 'schemas.enable': 'false' }, true)]) {
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const value = randomPlain(new Random(seed), 4)
      const back = roundTrip(converter, null, value)
      assert.ok(valueEquals(back.value, value), `seed ${seed}`)
    }
  }
})

test('what JSON.stringify writes is read as JSON.parse reads it', () => {
  const converter = made({ 'schemas.enable': 'false' })
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const value = randomPlain(new Random(seed), 4)
    const json = JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? 7 : one), seed % 3)
    const slot: ValueSlot = { schema: null, value: undefined }
    converter.read('t', null, new MemorySource(Buffer.from(json)), slot)
    assert.deepEqual(slot.value, JSON.parse(json), `seed ${seed}`)
  }
})

test('mutated bytes are read or refused with a DataException', () => {
  const converters = [
    made({}),
    made({ 'schemas.enable': 'false' }),
    made({ 'schema.content': '{"type":"struct","fields":[{"field":"f0","type":"int32","optional":true}]}' }),
  ]
  let refused = 0
  for (let seed = 1; seed <= ROUNDS * 2; seed++) {
    const random = new Random(seed)
    const schema = randomSchema(random, 3)
    const writer = random.chance(0.7) ? converters[0] : converters[1]
    const bytes = Buffer.from(writer?.fromConnectData('t', null, schema, randomValue(random, schema)) as Uint8Array)
    for (let change = 0; change < 4; change++) {
      const mutated = mutate(random, bytes)
      for (const converter of converters) {
        const slot: ValueSlot = { schema: null, value: undefined }
        try {
          converter.read('t', null, new MemorySource(mutated), slot)
        } catch (error) {
          assert.ok(error instanceof DataException, `seed ${seed}: ${error instanceof Error ? error.stack : error}`)
          refused++
        }
      }
    }
  }
  assert.ok(refused > ROUNDS, `only ${refused} refused: the mutations are too mild`)
})

function mutate(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const at = random.below(Math.max(1, copy.length))
  switch (random.below(5)) {
    case 0:
      copy[at] = random.below(256)
      return copy
    case 1:
      return copy.subarray(0, at)
    case 2:
      return Buffer.concat([copy.subarray(0, at), random.bytes(), copy.subarray(at)])
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + 1 + random.below(6)))])
    default:
      return Buffer.concat([
        copy.subarray(0, at),
        Buffer.from(random.pick(['null', '[', '}', '"', '1e999', '{"a":1}', ',', '99999999999999999999', 'true'])),
        copy.subarray(at),
      ])
  }
}
