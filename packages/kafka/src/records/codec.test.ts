// Properties of the codec over seeded random records, and the edges of the builder.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asBuffer, randomRecords, seeded } from './fixtures/random.ts'
import { BatchBuilder, crc32c, crc32cTable, decodeRecords, encodeBatch, RecordReader } from './index.ts'

test('what was encoded is decoded, in every compression and size', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seeded(seed)
    const input = randomRecords(random)
    const compression = random.pick([0, 0, 1, 2, 3, 4] as const)
    const baseOffset = random.pick([0, 1, 2 ** 31, 2 ** 40])
    const output = decodeRecords(encodeBatch(input, { compression, baseOffset }))
    assert.equal(output.length, input.length, `seed ${seed}`)
    input.forEach((record, index) => {
      const got = output[index]!
      assert.equal(got.offset, baseOffset + index, `seed ${seed}`)
      assert.equal(got.timestamp, record.timestamp, `seed ${seed} record ${index}`)
      assert.deepEqual(got.key, asBuffer(record.key), `seed ${seed} record ${index}`)
      assert.deepEqual(got.value, asBuffer(record.value), `seed ${seed} record ${index}`)
      const headers = record.headers!.map((header) => ({ key: header.key, value: asBuffer(header.value) }))
      assert.deepEqual(got.headers, headers, `seed ${seed} record ${index}`)
    })
  }
})

test('streaming writes, whole writes and moved records give the same bytes', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seeded(seed)
    const input = randomRecords(random)
    const expected = encodeBatch(input)
    const builder = new BatchBuilder(random.pick([1, 200, 16_384]))
    const other = new BatchBuilder(1)
    for (const record of input) {
      // A record that is begun and rolled back leaves no trace; one that is moved over and back is the same.
      builder.begin(record.timestamp! + 1)
      builder.openKey()
      builder.bytes(random.bytes(random.int(50)))
      builder.rollback()
      builder.begin(record.timestamp!)
      const key = asBuffer(record.key)
      builder.openKey()
      for (const byte of key ?? []) builder.int8(byte)
      builder.closeKey(key === null)
      if (key !== null) assert.deepEqual(Buffer.from(builder.keyView(key.length)), key)
      const value = asBuffer(record.value)
      builder.openValue()
      if (typeof record.value === 'string') builder.utf8(record.value)
      else if (value !== null) builder.bytes(value)
      builder.closeValue(value === null)
      for (const header of record.headers!) builder.header(header.key, asBuffer(header.value))
      builder.end()
      if (random.int(4) === 0) {
        builder.moveLastTo(other)
        other.moveLastTo(builder)
      }
    }
    assert.equal(other.count, 0)
    assert.deepEqual(builder.close(), expected, `seed ${seed}`)
  }
})

test('texts are UTF-8 with a question mark for a lone surrogate, as the JVM writes them', () => {
  const builder = new BatchBuilder(100)
  builder.appendUtf8(1, 'k', 'a\ud800b\udc00c😀')
  builder.appendUtf8(1, null, null)
  const [first, second] = decodeRecords(Buffer.from(builder.close()))
  assert.equal(first?.value?.toString(), 'a?b?c😀')
  assert.equal(second?.key, null)
  assert.equal(second?.value, null)
})

test('numbers are big-endian, signed, and whole over 64 bits', () => {
  const builder = new BatchBuilder()
  builder.begin(0)
  builder.nullKey()
  builder.openValue()
  builder.int8(-2)
  builder.int16(-300)
  builder.int32(-70_000)
  builder.int64(-(2 ** 40))
  builder.int64(-(2n ** 63n))
  builder.float32(1.5)
  builder.float64(-Math.PI)
  builder.ascii('end')
  builder.closeValue()
  builder.end()
  const [record] = decodeRecords(Buffer.from(builder.close()))
  const value = record!.value!
  assert.equal(value.readInt8(0), -2)
  assert.equal(value.readInt16BE(1), -300)
  assert.equal(value.readInt32BE(3), -70_000)
  assert.equal(value.readBigInt64BE(7), -(2n ** 40n))
  assert.equal(value.readBigInt64BE(15), -(2n ** 63n))
  assert.equal(value.readFloatBE(23), 1.5)
  assert.equal(value.readDoubleBE(27), -Math.PI)
  assert.equal(value.toString('latin1', 35), 'end')
})

test('a batch can be stamped again with another producer epoch', () => {
  const builder = new BatchBuilder()
  builder.appendUtf8(5, 'k', 'v')
  builder.seal()
  builder.stamp({ producerId: 9, producerEpoch: 0, baseSequence: 100 })
  const again = Buffer.from(builder.stamp({ producerId: 9, producerEpoch: 1, baseSequence: 0 }))
  const expected = encodeBatch([{ key: 'k', value: 'v', timestamp: 5 }], {
    producerId: 9,
    producerEpoch: 1,
    baseSequence: 0,
  })
  assert.deepEqual(again, expected)
})

test('calls out of order are told', () => {
  const builder = new BatchBuilder()
  assert.throws(() => builder.end(), /needs the batch to be after the value, and it is idle/)
  builder.begin(0)
  assert.throws(() => builder.begin(0), TypeError)
  assert.throws(() => builder.value(null), /before the value, and it is before the key/)
  assert.throws(() => builder.close(), TypeError)
  builder.rollback()
  builder.appendUtf8(0, null, 'v')
  builder.close()
  assert.throws(() => builder.begin(0), /it is sealed/)
})

test('the two checksums agree at every length', () => {
  const random = seeded(7)
  assert.equal(crc32cTable(Buffer.from('123456789')), 0xe3069283)
  for (let length = 0; length < 70; length++) {
    const bytes = random.bytes(length)
    assert.equal(crc32cTable(bytes), crc32c(bytes))
  }
})

test('text() agrees with UTF-8 decoding, whatever is ASCII in a run and whatever is asked first', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seeded(seed)
    const input = randomRecords(random)
    const ascii = random.int(2) === 0
    const records = ascii
      ? input.map((r) => ({ ...r, key: 'short', value: 'y'.repeat(random.int(400)), headers: [] }))
      : input
    const reader = new RecordReader({ topic: 't', partition: 0, buffer: encodeBatch(records) })
    for (const record of records) {
      assert.ok(reader.next())
      const key = asBuffer(record.key)
      const value = asBuffer(record.value)
      if (key !== null && random.int(2) === 0) assert.equal(reader.key.text(), key.toString(), `seed ${seed}`)
      if (value !== null) assert.equal(reader.value.text(), value.toString(), `seed ${seed}`)
      if (key !== null) assert.equal(reader.key.text(), key.toString(), `seed ${seed}`)
    }
    assert.equal(reader.next(), false)
  }
})
