// What a converter with a registry costs when its schemas are known. Records come from one batch and go into another, as in a
// task. `both ways` writes what it reads; the last one sends it through InsertField and ReplaceField in between. JSON.parse of
// the same values as text is there to compare with. They take turns in short rounds and the best round of each counts.
import {
  type Converter,
  type Schema,
  SchemaBuilder,
  Schemas,
  SinkRecord,
  type Transformation,
  type ValueSlot,
} from '@millrace/api'
import { BatchBuilder, RecordReader } from '@millrace/kafka/records'
import { plugins } from '@millrace/transforms'
import { MemoryRegistry } from '../../packages/converters/src/registry/testing/memory-registry.ts'

const RECORDS = 1000
const ROUNDS = 60
const PASSES = 20
const TOPIC = 't'

interface Customer {
  readonly id: number
  readonly name: string
  readonly city: string | null
  readonly at: number
  readonly amount: number
  readonly active: boolean
  readonly note: string | null
}
/** About 110 bytes of JSON each, 60 of Avro or Protobuf. */
const VALUES = Array.from(
  { length: RECORDS },
  (_, at): Customer => ({
    id: 1_000_000 + at,
    name: `customer-${at}`,
    city: 'Amsterdam',
    at: 1_700_000_000_000 + at,
    amount: 12.5 + at,
    active: at % 2 === 0,
    note: 'x'.repeat(8),
  }),
)
const BASE = (name: string) =>
  SchemaBuilder.struct()
    .name(name)
    .field('id', Schemas.INT64)
    .field('name', Schemas.STRING)
    .field('city', Schemas.OPTIONAL_STRING)
    .field('at', Schemas.INT64)
    .field('amount', Schemas.FLOAT64)
    .field('active', Schemas.BOOLEAN)
const SCHEMA = BASE('bench.Customer').field('note', Schemas.OPTIONAL_STRING).build()

async function transformation(name: string, configs: Readonly<Record<string, string>>): Promise<Transformation> {
  const plugin = plugins.find(({ className }) => className.endsWith(name))
  if (plugin === undefined) throw new Error(`there is no ${name}`)
  const made = new ((await plugin.load()) as new () => Transformation)()
  made.configure(configs)
  return made
}
/** Runs all ways of a converter and prints what they cost. */
export async function contest(Contestant: new () => Converter): Promise<void> {
  const registry = await MemoryRegistry.start()
  const converter = new Contestant()
  converter.configure({ 'schema.registry.url': registry.url }, false)
  const builder = new BatchBuilder(1 << 20)
  const slot: ValueSlot = { schema: null, value: null }

  async function batchOf(bytesOf: (value: Customer) => Uint8Array | Promise<Uint8Array>): Promise<Buffer> {
    const all: Uint8Array[] = []
    for (const value of VALUES) all.push(await bytesOf(value))
    builder.reset()
    for (const bytes of all) write((out) => out.bytes(bytes))
    return Buffer.from(builder.close())
  }
  const batch = await batchOf(
    async (value) => (await converter.fromConnectData(TOPIC, null, SCHEMA, value)) as Uint8Array,
  )
  const json = await batchOf((value) => Buffer.from(JSON.stringify(value)))
  const insert = await transformation('InsertField$Value', { 'static.field': 'source', 'static.value': 'bench' })
  const replace = await transformation('ReplaceField$Value', { exclude: 'note' })
  function transformed(schema: Schema | null, value: unknown): SinkRecord {
    const record = new SinkRecord(TOPIC, 0, null, null, schema, value, 0, null, 'NoTimestampType', null)
    return replace.apply(insert.apply(record) as SinkRecord) as SinkRecord
  }
  // All schemas are known from here on.
  const first = await converter.toConnectData(TOPIC, null, Buffer.from(await bytesOf(SCHEMA, VALUES[0])))
  const changed = transformed(first.schema, first.value)
  await bytesOf(first.schema, first.value)
  await bytesOf(changed.valueSchema, changed.value)

  async function bytesOf(schema: Schema | null, value: unknown): Promise<Uint8Array> {
    return (await converter.fromConnectData(TOPIC, null, schema, value)) as Uint8Array
  }

  function write(value: (out: BatchBuilder) => unknown): void {
    builder.begin(0)
    builder.nullKey()
    builder.openValue()
    value(builder)
    builder.closeValue()
    builder.end()
  }
  function each(buffer: Buffer, one: (reader: RecordReader) => void): () => void {
    const reader = new RecordReader()
    return () => {
      reader.reset({ topic: TOPIC, partition: 0, buffer, checkCrcs: false })
      while (reader.next()) one(reader)
    }
  }
  function send(schema: Schema | null, value: unknown): void {
    if (converter.write?.(TOPIC, null, schema, value, builder) instanceof Promise) throw new Error('it waits')
  }

  const throughBatch = (one: (reader: RecordReader) => void) => each(batch, one)()

  const CONTESTANTS: Readonly<Record<string, () => void>> = {
    'JSON.parse': each(json, (reader) => {
      slot.value = JSON.parse(reader.value.text())
    }),
    read: each(batch, (reader) => converter.read?.(TOPIC, null, reader.value, slot)),
    write: () => {
      builder.reset()
      for (const value of VALUES) write(() => send(SCHEMA, value))
    },
    'both ways': () => {
      builder.reset()
      throughBatch((reader) => {
        converter.read?.(TOPIC, null, reader.value, slot)
        write(() => send(slot.schema, slot.value))
      })
    },
    'both ways, two SMTs': () => {
      builder.reset()
      throughBatch((reader) => {
        converter.read?.(TOPIC, null, reader.value, slot)
        const record = transformed(slot.schema, slot.value)
        write(() => send(record.valueSchema, record.value))
      })
    },
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
  for (const [name, nanos] of best) console.log(`${name.padEnd(20)} ${nanos.toFixed(0).padStart(6)} ns a record`)
  converter.close?.()
  await registry[Symbol.asyncDispose]()
}
