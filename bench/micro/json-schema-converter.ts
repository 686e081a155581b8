// What JsonSchemaConverter costs with its schema known: node bench/micro/json-schema-converter.ts
// Records come from one batch and go into another, as in a task. JSON.parse and JSON.stringify of the same texts, and
// JsonConverter without schemas, are there to compare with. `validating` is reading and writing with json.fail.invalid.schema.
// They take turns in short rounds and the best round of each counts.
import { type Converter, type Schema, SchemaBuilder, Schemas, type ValueSlot } from '@millrace/api'
import { BatchBuilder, RecordReader } from '@millrace/kafka/records'
import { JsonConverter } from '../../packages/converters/src/json/json-converter.ts'
import { JsonSchemaConverter } from '../../packages/converters/src/json-schema/json-schema-converter.ts'
import { MemoryRegistry } from '../../packages/converters/src/registry/testing/memory-registry.ts'

const RECORDS = 1000
const ROUNDS = 60
const PASSES = 20
const TOPIC = 't'

/** About 110 bytes of JSON each. */
const VALUES = Array.from({ length: RECORDS }, (_, at) => ({
  id: 1_000_000 + at,
  name: `customer-${at}`,
  city: 'Amsterdam',
  at: 1_700_000_000_000 + at,
  amount: 12.5 + at,
  active: at % 2 === 0,
  note: 'x'.repeat(8),
}))
const SCHEMA = SchemaBuilder.struct()
  .name('bench.Customer')
  .field('id', Schemas.INT64)
  .field('name', Schemas.STRING)
  .field('city', Schemas.OPTIONAL_STRING)
  .field('at', Schemas.INT64)
  .field('amount', Schemas.FLOAT64)
  .field('active', Schemas.BOOLEAN)
  .field('note', Schemas.OPTIONAL_STRING)
  .build()

const registry = await MemoryRegistry.start()
const made = <T extends Converter>(converter: T, configs: Readonly<Record<string, string>>): T => {
  converter.configure(configs, false)
  return converter
}
const converter = made(new JsonSchemaConverter(), { 'schema.registry.url': registry.url })
const validating = made(new JsonSchemaConverter(), {
  'schema.registry.url': registry.url,
  'json.fail.invalid.schema': 'true',
})
const plain = made(new JsonConverter(), { 'schemas.enable': 'false' })
const builder = new BatchBuilder(1 << 20)
const slot: ValueSlot = { schema: null, value: null }

function write(value: (out: BatchBuilder) => unknown): void {
  builder.begin(0)
  builder.nullKey()
  builder.openValue()
  value(builder)
  builder.closeValue()
  builder.end()
}
function batchOf(all: readonly Uint8Array[]): Buffer {
  builder.reset()
  for (const bytes of all) write((out) => out.bytes(bytes))
  return Buffer.from(builder.close())
}
const framed: Uint8Array[] = []
for (const value of VALUES) {
  framed.push((await converter.fromConnectData(TOPIC, null, SCHEMA, value)) as Uint8Array)
}
const withSchema = batchOf(framed)
const without = batchOf(VALUES.map((value) => Buffer.from(JSON.stringify(value))))

function each(buffer: Buffer, one: (reader: RecordReader) => void): () => void {
  const reader = new RecordReader()
  return () => {
    reader.reset({ topic: TOPIC, partition: 0, buffer, checkCrcs: false })
    while (reader.next()) one(reader)
  }
}
function send(by: Converter, schema: Schema | null, value: unknown): void {
  if (by.write?.(TOPIC, null, schema, value, builder) instanceof Promise) throw new Error('it waits')
}
function receive(by: Converter, reader: RecordReader): void {
  by.read?.(TOPIC, null, reader.value, slot)
}
function bothWays(by: Converter, buffer: Buffer): () => void {
  const run = each(buffer, (reader) => {
    receive(by, reader)
    write(() => send(by, slot.schema, slot.value))
  })
  return () => {
    builder.reset()
    run()
  }
}
function writeAll(one: (value: unknown) => void): () => void {
  return () => {
    builder.reset()
    for (const value of VALUES) write(() => one(value))
  }
}
// All schemas are known from here on.
for (const one of [converter, validating]) {
  const first = await one.toConnectData(TOPIC, null, Buffer.from(framed[0] as Uint8Array))
  await one.fromConnectData(TOPIC, null, first.schema, first.value)
  await one.fromConnectData(TOPIC, null, SCHEMA, VALUES[0])
}

const CONTESTANTS: Readonly<Record<string, () => void>> = {
  'JSON.parse': each(without, (reader) => {
    slot.value = JSON.parse(reader.value.text())
  }),
  'JsonConverter, read': each(without, (reader) => receive(plain, reader)),
  read: each(withSchema, (reader) => receive(converter, reader)),
  'JSON.stringify': writeAll((value) => builder.utf8(JSON.stringify(value))),
  'JsonConverter, write': writeAll((value) => send(plain, null, value)),
  write: writeAll((value) => send(converter, SCHEMA, value)),
  'both ways': bothWays(converter, withSchema),
  'validating, both ways': bothWays(validating, withSchema),
}
const best = new Map<string, number>()
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(CONTESTANTS)) {
    const start = performance.now()
    for (let pass = 0; pass < PASSES; pass++) run()
    const nanos = ((performance.now() - start) * 1e6) / (PASSES * RECORDS)
    best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, nanos))
  }
}
for (const [name, nanos] of best) console.log(`${name.padEnd(22)} ${nanos.toFixed(0).padStart(6)} ns a record`)
for (const one of [converter, validating]) one.close()
await registry[Symbol.asyncDispose]()
