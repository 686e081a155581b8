// What servers compress: whole transactions (MySQL 8.0.20+), single events and single columns (MariaDB).
import zlib, { inflateRawSync, inflateSync } from 'node:zlib'
import { Cursor } from './cursor.ts'

/** The most bytes that one compressed event may hold unpacked: a row event is at most 1 GB. */
const MOST_UNPACKED = 0x7fff_ffff

const PayloadField = { END: 0, SIZE: 1, COMPRESSION: 2, UNCOMPRESSED_SIZE: 3 } as const
const ZSTD = 0
const NOT_COMPRESSED = 255

/**
 * The events inside a TRANSACTION_PAYLOAD_EVENT, one after another, without checksums.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Transaction__payload__event.html
 * @throws RangeError for a compression that is not known
 */
export function unpackPayload(body: Buffer): Buffer {
  const cursor = new Cursor(body)
  let compression = NOT_COMPRESSED
  let size: number | undefined
  for (let field = cursor.lenenc(); field !== PayloadField.END; field = cursor.lenenc()) {
    const length = cursor.lenenc()
    const value = new Cursor(cursor.buffer, cursor.at, cursor.at + length)
    cursor.skip(length)
    if (field === PayloadField.COMPRESSION) compression = value.lenenc()
    if (field === PayloadField.SIZE) size = value.lenenc()
  }
  const payload = size === undefined ? cursor.rest() : cursor.bytes(size)
  if (compression === NOT_COMPRESSED) return payload
  if (compression !== ZSTD)
    throw new RangeError(`A transaction is compressed in a way that is not known: ${compression}`)
  // By way of the module: Node before 22.15 has no such function, and reads all but these transactions.
  if (typeof zlib.zstdDecompressSync !== 'function') {
    throw new RangeError('A transaction is compressed with zstd, for which Node 22.15 or later is needed')
  }
  return zlib.zstdDecompressSync(payload, { maxOutputLength: MOST_UNPACKED })
}

/**
 * MariaDB's compressed part of an event (`log_bin_compress`): a byte with the algorithm and the bytes of the length, the
 * length big-endian, then zlib's format.
 */
export function unpackEvent(bytes: Buffer): Buffer {
  const first = bytes.readUInt8(0)
  if ((first & 0x80) === 0 || (first & 0x70) !== 0) {
    throw new RangeError(`An event is compressed in a way that is not known: 0x${first.toString(16)}`)
  }
  return inflateSync(bytes.subarray(1 + (first & 7)), { maxOutputLength: MOST_UNPACKED })
}

/** MariaDB's compressed column (`COMPRESSED` in its definition): a byte of zero and the data, or a header and deflated data. */
export function inflateColumn(bytes: Buffer): Buffer {
  if (bytes.length === 0) return bytes
  const first = bytes[0]!
  if (first === 0) return bytes.subarray(1)
  if (first >> 4 !== 8)
    throw new RangeError(`A column is compressed in a way that is not known: 0x${first.toString(16)}`)
  const data = bytes.subarray(1 + (first & 7))
  // Bit 3 says that zlib's own header and checksum are left out.
  return (first & 8) !== 0 ? inflateRawSync(data) : inflateSync(data)
}
