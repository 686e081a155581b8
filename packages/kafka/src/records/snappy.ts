// Snappy as Kafka carries it: raw snappy blocks in the xerial frame (magic, version, then length and block), which is
// what the Java client writes. librdkafka writes one raw block without a frame; both are read.
import { MalformedRecord } from './errors.ts'
import { optionalPackage } from './optional-package.ts'

interface SnappyPackage {
  compressSync(input: Uint8Array): Buffer
  uncompressSync(input: Uint8Array, options?: { asBuffer?: boolean }): string | Buffer
}

const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
/** Magic, then version 1 and lowest compatible version 1. */
const HEADER = Buffer.concat([MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])])
/** Bytes of input a block: what the Java client uses. */
const BLOCK = 32 * 1024

const snappy = (): SnappyPackage => optionalPackage<SnappyPackage>('snappy', 'snappy')

export function compressSnappy(bytes: Buffer): Buffer {
  const { compressSync } = snappy()
  const parts: Buffer[] = [HEADER]
  for (let at = 0; at < bytes.length; at += BLOCK) {
    const block = compressSync(bytes.subarray(at, at + BLOCK))
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

export function decompressSnappy(bytes: Buffer, limit: number): Buffer {
  if (bytes.length < HEADER.length || MAGIC.compare(bytes, 0, MAGIC.length) !== 0) return block(bytes, limit, limit)
  const parts: Buffer[] = []
  let total = 0
  let at = HEADER.length
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw new MalformedRecord('the snappy data ends inside a block length')
    const length = bytes.readInt32BE(at)
    at += 4
    if (length < 0 || at + length > bytes.length) {
      throw new MalformedRecord(`a snappy block of ${length} bytes does not fit the ${bytes.length - at} that follow`)
    }
    const part = block(bytes.subarray(at, at + length), limit - total, limit)
    parts.push(part)
    total += part.length
    at += length
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/** One raw block. It begins with its own decompressed length: checked before any memory is taken. */
function block(bytes: Buffer, room: number, limit: number): Buffer {
  let size = 0
  for (let i = 0, factor = 1; ; i++, factor *= 128) {
    const byte = bytes[i]
    if (byte === undefined || i > 4) throw new MalformedRecord('the snappy data has no length at its start')
    size += (byte & 0x7f) * factor
    if (byte < 0x80) break
  }
  if (size > room) throw new MalformedRecord(`the snappy data would grow beyond the ${limit} bytes allowed`)
  // A copy makes at most 64 bytes of two: a length beyond that is a lie told before any memory is taken.
  if (size > bytes.length * 32) throw new MalformedRecord('a snappy block says it is longer than its data can make')
  const out = snappy().uncompressSync(bytes, { asBuffer: true })
  return typeof out === 'string' ? Buffer.from(out) : out
}
