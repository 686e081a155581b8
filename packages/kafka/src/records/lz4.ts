// LZ4 frames, as the Java client writes and reads them: independent blocks, no content checksum.
// Source: the LZ4 frame format description 1.6; KIP-57 (frame header checksum as the format says).
import { MalformedRecord } from './errors.ts'
import { optionalPackage } from './optional-package.ts'

interface Lz4Package {
  compressFrameSync(data: Buffer): Buffer
  decompressFrameSync(data: Buffer): Buffer
}

const MAGIC = 0x184d2204
/** Most bytes that one byte of a block can make. */
const GROWTH = 255

const lz4 = (): Lz4Package => optionalPackage<Lz4Package>('lz4-napi', 'lz4')

export function compressLz4(bytes: Buffer): Buffer {
  return lz4().compressFrameSync(bytes)
}

export function decompressLz4(bytes: Buffer, limit: number): Buffer {
  if (mostBytes(bytes) > limit) throw new MalformedRecord(`the lz4 data would grow beyond the ${limit} bytes allowed`)
  return lz4().decompressFrameSync(bytes)
}

/** An upper bound of the decompressed size, from the frame's block lengths alone: exact but for the last block. */
function mostBytes(bytes: Buffer): number {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== MAGIC) throw new MalformedRecord('the lz4 data has no frame header')
  const flags = bytes[4]!
  const sizeCode = (bytes[5]! >> 4) & 7
  if (flags >> 6 !== 1 || sizeCode < 4) throw new MalformedRecord('the lz4 frame header is not one of version 1')
  const blockSize = 1 << (8 + 2 * sizeCode)
  const checksum = flags & 0x10 ? 4 : 0
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0)
  let most = 0
  while (at + 4 <= bytes.length) {
    const word = bytes.readUInt32LE(at)
    if (word === 0) return most
    const length = word & 0x7fffffff
    at += 4
    if (length > bytes.length - at) throw new MalformedRecord(`an lz4 block of ${length} bytes leads outside the data`)
    most += word >= 0x80000000 ? length : Math.min(blockSize, length * GROWTH)
    at += length + checksum
  }
  throw new MalformedRecord('the lz4 frame has no end mark')
}
