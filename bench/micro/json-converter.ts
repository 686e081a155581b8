// What JsonConverter costs above JSON.parse and JSON.stringify: node bench/micro/json-converter.ts
// Floor and contestants read records from the same batch, and write them into the same one, so that only the converter
// differs. They take turns in short rounds and the best round of each counts: a busy machine misleads little.
import { type Schema, SchemaBuilder, Schemas, type ValueSlot } from '@millrace/api'
import { BatchBuilder, RecordReader } from '@millrace/kafka/records'
import { JsonConverter } from '../../packages/converters/src/json/json-converter.ts'

const RECORDS = 1000
const ROUNDS = 60
const PASSES = 20

/** About 110 bytes of JSON each, as in the floor figures. */
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
const LONG = VALUES.map((value) => ({ ...value, at: BigInt(value.at) * 1_000_000n }))

function converter(schemas: boolean): JsonConverter {
  const made = new JsonConverter()
  made.configure({ 'schemas.enable': String(schemas) }, false)
  return made
}

function textsOf(schemas: boolean, schema: Schema | null, values: readonly unknown[]): string[] {
  const made = converter(schemas)
  return values.map((value) => Buffer.from(made.fromConnectData('t', null, schema, value) as Uint8Array).toString())
}

const builder = new BatchBuilder(1 << 20)
const slot: ValueSlot = { schema: null, value: null }

/** One pass over a batch of these texts. */
function overBatch(texts: readonly string[], each: (reader: RecordReader) => void): () => void {
  builder.reset()
  for (const text of texts) builder.appendUtf8(0, null, text)
  const buffer = Buffer.from(builder.close())
  const reader = new RecordReader()
  return () => {
    reader.reset({ topic: 't', partition: 0, buffer, checkCrcs: false })
    while (reader.next()) each(reader)
  }
}

function parsing(texts: readonly string[]): () => void {
  return overBatch(texts, (reader) => {
    slot.value = JSON.parse(reader.value.text())
  })
}

function reading(schemas: boolean, texts: readonly string[]): () => void {
  const made = converter(schemas)
  return overBatch(texts, (reader) => made.read('t', null, reader.value, slot))
}

/** One pass that writes a batch. */
function intoBatch(write: (at: number) => void): () => void {
  return () => {
    builder.reset()
    for (let at = 0; at < RECORDS; at++) {
      builder.begin(0)
      builder.nullKey()
      builder.openValue()
      write(at)
      builder.closeValue()
      builder.end()
    }
  }
}

function writing(schemas: boolean, schema: Schema | null, values: readonly unknown[]): () => void {
  const made = converter(schemas)
  return intoBatch((at) => made.write('t', null, schema, values[at], builder))
}

const plain = textsOf(false, null, VALUES)
const contests: readonly (readonly [string, readonly (readonly [string, () => void])[]])[] = [
  [
    'read',
    [
      ['JSON.parse (floor)', parsing(plain)],
      ['schemaless', reading(false, plain)],
      ['schemaless, 19-digit integer', reading(false, textsOf(false, null, LONG))],
      ['envelope', reading(true, textsOf(true, SCHEMA, VALUES))],
      ['envelope, 19-digit integer', reading(true, textsOf(true, SCHEMA, LONG))],
    ],
  ],
  [
    'write',
    [
      ['JSON.stringify (floor)', intoBatch((at) => builder.utf8(JSON.stringify(VALUES[at])))],
      ['schemaless', writing(false, null, VALUES)],
      ['schemaless, bigint', writing(false, null, LONG)],
      ['payload by schema', writing(false, SCHEMA, VALUES)],
      ['envelope', writing(true, SCHEMA, VALUES)],
      ['envelope, bigint', writing(true, SCHEMA, LONG)],
    ],
  ],
]

for (const [name, all] of contests) {
  const best = all.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, [, run]] of all.entries()) {
      const start = process.hrtime.bigint()
      for (let pass = 0; pass < PASSES; pass++) run()
      const took = Number(process.hrtime.bigint() - start) / (PASSES * RECORDS)
      best[at] = Math.min(best[at] as number, took)
    }
  }
  console.log(`${name} (${plain[0]?.length} bytes of JSON), ns a record, times the floor`)
  for (const [at, [label]] of all.entries()) {
    const ratio = (best[at] as number) / (best[0] as number)
    console.log(`  ${label.padEnd(32)} ${(best[at] as number).toFixed(0).padStart(6)}  ${ratio.toFixed(2)}`)
  }
}
