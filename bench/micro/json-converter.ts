// What JsonConverter costs above JSON.parse and JSON.stringify: node bench/micro/json-converter.ts
// Contestants take turns in short rounds and the best round of each counts, so that a busy machine misleads little.
import { type ByteSource, type Schema, SchemaBuilder, Schemas, type ValueSlot } from '@millrace/api'
import { JsonConverter } from '../../packages/converters/src/json/json-converter.ts'
import { BufferSink } from '../../packages/converters/src/testing/byte-windows.ts'

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

/** Slices of one batch whose text was decoded once, as the record codec does it for ASCII batches. */
class BatchSource implements ByteSource {
  readonly buffer: Buffer
  readonly #text: string
  readonly #ends: number[] = []
  start = 0
  end = 0

  constructor(texts: readonly string[]) {
    this.#text = texts.join('')
    this.buffer = Buffer.from(this.#text)
    for (const text of texts) this.#ends.push((this.#ends.at(-1) ?? 0) + text.length)
  }
  at(index: number): this {
    this.start = index === 0 ? 0 : (this.#ends[index - 1] as number)
    this.end = this.#ends[index] as number
    return this
  }
  text(): string {
    return this.#text.slice(this.start, this.end)
  }
  bytes(): Buffer {
    return this.buffer.subarray(this.start, this.end)
  }
}

function converter(schemas: boolean): JsonConverter {
  const made = new JsonConverter()
  made.configure({ 'schemas.enable': String(schemas) }, false)
  return made
}

function textsOf(schemas: boolean, schema: Schema | null, values: readonly unknown[]): string[] {
  const made = converter(schemas)
  return values.map((value) => Buffer.from(made.fromConnectData('t', null, schema, value) as Uint8Array).toString())
}

const sink = new BufferSink()
const slot: ValueSlot = { schema: null, value: null }

function reading(schemas: boolean, texts: readonly string[]): () => void {
  const made = converter(schemas)
  const source = new BatchSource(texts)
  return () => {
    for (let at = 0; at < RECORDS; at++) made.read('t', null, source.at(at), slot)
  }
}

function writing(schemas: boolean, schema: Schema | null, values: readonly unknown[]): () => void {
  const made = converter(schemas)
  return () => {
    sink.reset()
    for (let at = 0; at < RECORDS; at++) made.write('t', null, schema, values[at], sink)
  }
}

function parsing(texts: readonly string[]): () => void {
  const source = new BatchSource(texts)
  return () => {
    for (let at = 0; at < RECORDS; at++) slot.value = JSON.parse(source.at(at).text())
  }
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
      [
        'JSON.stringify (floor)',
        () => {
          sink.reset()
          for (const value of VALUES) sink.utf8(JSON.stringify(value))
        },
      ],
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
