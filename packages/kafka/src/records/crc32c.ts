// CRC-32C (Castagnoli), the checksum of record batches: the optional native package when it is there, a table otherwise.
import { createRequire } from 'node:module'

/** CRC-32C of `bytes`, as an unsigned 32-bit number. */
export type Crc32c = (bytes: Uint8Array) => number

const POLYNOMIAL = 0x82f63b78

/** Eight tables of 256 entries: table k gives the effect of a byte that k more bytes follow ("slicing by 8"). */
function buildTables(): Int32Array {
  const tables = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    tables[byte] = crc
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256]!
    tables[at] = (before >>> 8) ^ tables[before & 0xff]!
  }
  return tables
}

let tables: Int32Array | undefined

/** The checksum in plain JavaScript: about 1 GB/s; the tables are built at the first call. */
export function crc32cTable(bytes: Uint8Array): number {
  const t = (tables ??= buildTables())
  const eights = bytes.length & ~7
  let crc = -1
  let at = 0
  for (; at < eights; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    crc =
      t[1792 + (low & 0xff)]! ^
      t[1536 + ((low >>> 8) & 0xff)]! ^
      t[1280 + ((low >>> 16) & 0xff)]! ^
      t[1024 + (low >>> 24)]! ^
      t[768 + bytes[at + 4]!]! ^
      t[512 + bytes[at + 5]!]! ^
      t[256 + bytes[at + 6]!]! ^
      t[bytes[at + 7]!]!
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t[(crc ^ bytes[at]!) & 0xff]!
  return ~crc >>> 0
}

function native(): Crc32c | undefined {
  try {
    const module = createRequire(import.meta.url)('@node-rs/crc32') as { crc32c?: Crc32c }
    return module.crc32c
  } catch {
    return undefined // An optional package without a build for this platform: the table serves.
  }
}

/** CRC-32C by the fastest means this process has. */
export const crc32c: Crc32c = native() ?? crc32cTable
