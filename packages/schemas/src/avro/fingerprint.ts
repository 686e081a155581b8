// Fingerprints of schemas, over their parsing canonical form. Source: the specification, "Schema Fingerprints".
import { createHash } from 'node:crypto'
import type { AvroSchema } from './model.ts'
import { parsingCanonicalForm } from './print.ts'

/** The algorithms, by the names of the specification. */
export type FingerprintAlgorithm = 'CRC-64-AVRO' | 'MD5' | 'SHA-256'

const EMPTY = 0xc15d213aa4d7a795n
let table: BigUint64Array | undefined

/** The fingerprint's bytes; those of CRC-64-AVRO in little-endian order, as they stand in single-object encoding. */
export function fingerprint(schema: AvroSchema, algorithm: FingerprintAlgorithm): Buffer {
  const text = Buffer.from(parsingCanonicalForm(schema), 'utf8')
  if (algorithm !== 'CRC-64-AVRO') return createHash(algorithm.replace('-', '')).update(text).digest()
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(crc64(text))
  return bytes
}

/** The Rabin fingerprint that the specification calls CRC-64-AVRO. */
export function crc64(bytes: Uint8Array): bigint {
  table ??= BigUint64Array.from({ length: 256 }, (_, at) => {
    let value = BigInt(at)
    for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ (EMPTY & -(value & 1n))
    return value
  })
  let value = EMPTY
  for (const byte of bytes) value = (value >> 8n) ^ (table[Number((value ^ BigInt(byte)) & 0xffn)] as bigint)
  return value
}
