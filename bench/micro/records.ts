// What the record codec costs: node bench/micro/records.ts
// Lines of JSON of about 110 bytes, batches of 16 KiB. Medians of rounds, in nanoseconds a record on one thread.
import { BatchBuilder, type CompressionType, crc32c, crc32cTable, RecordReader } from '@millrace/kafka/records'

const RECORDS = 20_000
const ROUNDS = 60
const BATCH_BYTES = 16_384

function lines(): string[] {
  const text = Array.from({ length: RECORDS }, (_, id) =>
    JSON.stringify({
      id,
      user: `user-${id % 977}`,
      amount: id * 0.25,
      currency: 'EUR',
      note: 'n'.repeat(30),
      ok: true,
    }),
  ).join('\n')
  // Decoded and split as a file source does it: the lines are substrings of a chunk.
  return Buffer.from(text).toString().split('\n')
}

function encode(values: readonly string[], key: string | null, compression: CompressionType): Buffer[] {
  const batches: Buffer[] = []
  const builder = new BatchBuilder()
  let baseOffset = 0
  const finish = (): void => {
    batches.push(Buffer.from(builder.close({ compression, baseOffset })))
    baseOffset += builder.count
    builder.reset()
  }
  for (const value of values) {
    builder.appendUtf8(1_700_000_000_000, key, value)
    if (builder.size >= BATCH_BYTES) finish()
  }
  if (builder.count > 0) finish()
  return batches
}

/** Median nanoseconds a record. */
function measure(run: () => void, records = RECORDS): number {
  const times: number[] = []
  for (let round = 0; round < ROUNDS + 10; round++) {
    const start = process.hrtime.bigint()
    run()
    if (round >= 10) times.push(Number(process.hrtime.bigint() - start) / records)
  }
  return times.sort((a, b) => a - b)[times.length >> 1]!
}

/** Looks into a text, so that the engine cannot leave out making it. */
function code(text: string): number {
  return text.charCodeAt(text.length >> 1)
}

function show(name: string, nanoseconds: number): void {
  console.log(`${name.padEnd(52)}${nanoseconds.toFixed(1).padStart(8)} ns`)
}

function encodeOnly(values: readonly string[], key: string | null): () => void {
  const builder = new BatchBuilder()
  return () => {
    for (const value of values) {
      builder.appendUtf8(1_700_000_000_000, key, value)
      if (builder.size >= BATCH_BYTES) {
        builder.close()
        builder.reset()
      }
    }
    builder.rollback()
  }
}

function decodeWith(batches: Buffer, use: (reader: RecordReader) => number): () => void {
  const reader = new RecordReader()
  const fetched = { topic: 't', partition: 0, buffer: batches }
  return () => {
    let sum = 0
    let count = 0
    reader.reset(fetched)
    for (; reader.next(); count++) sum += use(reader)
    if (sum === 0 || count !== RECORDS) throw new Error(`${count} of ${RECORDS} records were decoded`)
  }
}

const sliced = lines()
const flat = sliced.map((line) => Buffer.from(line).toString())
const wide = sliced.map((line) => line.replace('EUR', '€'))
const plain = Buffer.concat(encode(sliced, null, 0))
const keyed = Buffer.concat(encode(sliced, 'key-1', 0))
const notAscii = Buffer.concat(encode(wide, null, 0))

console.log(`${RECORDS} records of ${(sliced.join('').length / RECORDS).toFixed(0)} bytes, Node ${process.version}`)
show('encode, text that is a substring', measure(encodeOnly(sliced, null)))
show('encode, text on its own', measure(encodeOnly(flat, null)))
show('encode, text with a key', measure(encodeOnly(flat, 'key-1')))
show('encode, text beyond ASCII', measure(encodeOnly(wide, null)))
show('decode framing', measure(decodeWith(plain, (r) => r.valueEnd - r.valueStart)))
show('decode framing and value text', measure(decodeWith(plain, (r) => code(r.value.text()))))
show('decode framing, key and value text', measure(decodeWith(keyed, (r) => code(r.key.text()) + code(r.value.text()))))
show('decode framing and value text beyond ASCII', measure(decodeWith(notAscii, (r) => code(r.value.text()))))
show(
  'checksum of the record, native or what there is',
  measure(() => crc32c(plain)),
)
show(
  'checksum of the record, table',
  measure(() => crc32cTable(plain)),
)
