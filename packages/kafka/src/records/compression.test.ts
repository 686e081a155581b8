// Compressions one by one: round trips, what is said when a package is missing, and foreign forms of the formats.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compressSync } from 'snappy'
import {
  CompressionType,
  compress,
  compressionName,
  decompress,
  MalformedRecord,
  UnsupportedCompression,
} from './index.ts'
import { optionalPackage } from './optional-package.ts'

const TEXT = Buffer.from('a text that repeats, that repeats, that repeats. '.repeat(3000))

test('every compression gives back what it was given, also nothing and more than one block', () => {
  for (const type of Object.values(CompressionType)) {
    for (const bytes of [Buffer.alloc(0), Buffer.from('x'), TEXT]) {
      assert.deepEqual(decompress(type, compress(type, bytes)), bytes, compressionName(type))
    }
  }
})

test('levels are used', () => {
  for (const type of [CompressionType.gzip, CompressionType.zstd]) {
    const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * i) % 251))
    assert.ok(compress(type, bytes, 9).length <= compress(type, bytes, 1).length)
  }
})

test('a raw snappy block without a frame is read, as librdkafka writes it', () => {
  assert.deepEqual(decompress(CompressionType.snappy, compressSync(TEXT)), TEXT)
})

test('a missing package is named, with the command that installs it', () => {
  assert.throws(() => optionalPackage('no-such-codec', 'lz4'), {
    name: 'UnsupportedCompression',
    message: /^lz4 compression needs the optional package "no-such-codec".*npm install no-such-codec$/,
  })
})

test('unknown codes and cut data are errors', () => {
  assert.equal(compressionName(7), 'unknown (7)')
  assert.throws(() => decompress(7, TEXT), UnsupportedCompression)
  for (const type of [1, 2, 3, 4] as const) {
    const squeezed = compress(type, TEXT)
    for (const end of [0, 1, 5, 12, squeezed.length >> 1, squeezed.length - 1]) {
      assert.throws(
        () => decompress(type, squeezed.subarray(0, end)),
        MalformedRecord,
        `${compressionName(type)} ${end}`,
      )
    }
  }
})
