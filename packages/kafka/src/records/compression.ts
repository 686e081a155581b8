// The four compressions of record batches. gzip and zstd come with Node; snappy and lz4 are optional native packages.
// Every decompression is bounded: a few bytes from the network must not become gigabytes here.
import zlib from 'node:zlib'
import { MalformedRecord, UnsupportedCompression } from './errors.ts'
import { compressLz4, decompressLz4 } from './lz4.ts'
import { compressSnappy, decompressSnappy } from './snappy.ts'

/** Compression codes as the low three bits of a batch's attributes have them. */
export const CompressionType = Object.freeze({ none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const)
export type CompressionType = (typeof CompressionType)[keyof typeof CompressionType]

export interface CompressionOptions {
  /** Default none. */
  readonly compression?: CompressionType
  /** gzip 1 to 9 (-1: its default), zstd -131072 to 22 (default 3). lz4 and snappy have no levels here. */
  readonly compressionLevel?: number
}

/** Largest record section that decompression gives, unless the caller says otherwise: 256 MiB. */
export const MAX_DECOMPRESSED = 256 * 1024 * 1024

/** The name of a code, for messages: `unknown (n)` when there is none. */
export function compressionName(code: number): string {
  return Object.entries(CompressionType).find(([, value]) => value === code)?.[0] ?? `unknown (${code})`
}

/** Compresses a record section. @throws UnsupportedCompression when this process cannot. */
export function compress(type: CompressionType, bytes: Buffer, level?: number): Buffer {
  switch (type) {
    case CompressionType.none:
      return bytes
    case CompressionType.gzip:
      return zlib.gzipSync(bytes, level === undefined ? {} : { level })
    case CompressionType.snappy:
      return compressSnappy(bytes)
    case CompressionType.lz4:
      return compressLz4(bytes)
    case CompressionType.zstd:
      return zstd().zstdCompressSync(bytes, {
        params: level === undefined ? {} : { [zlib.constants.ZSTD_c_compressionLevel]: level },
      })
  }
}

/**
 * Decompresses a record section.
 * @param limit most bytes the result may have
 * @throws MalformedRecord for bytes that are not of this format or would grow beyond `limit`
 * @throws UnsupportedCompression for an unknown code, or one that this process cannot read
 */
export function decompress(code: number, bytes: Buffer, limit: number = MAX_DECOMPRESSED): Buffer {
  switch (code) {
    case CompressionType.none:
      return bytes
    case CompressionType.gzip:
      return bounded('gzip', limit, () =>
        zlib.gunzipSync(bytes, { maxOutputLength: limit, chunkSize: chunk(bytes, limit) }),
      )
    case CompressionType.snappy:
      return bounded('snappy', limit, () => decompressSnappy(bytes, limit))
    case CompressionType.lz4:
      return bounded('lz4', limit, () => decompressLz4(bytes, limit))
    case CompressionType.zstd: {
      const { zstdDecompressSync } = zstd()
      return bounded('zstd', limit, () =>
        zstdDecompressSync(bytes, { maxOutputLength: limit, chunkSize: chunk(bytes, limit) }),
      )
    }
    default:
      throw new UnsupportedCompression(
        `compression code ${code} is not one of none, gzip, snappy, lz4 and zstd (0 to 4); a newer client may have written it`,
      )
  }
}

/** Size of the pieces zlib gives out: one piece for most batches. */
function chunk(bytes: Buffer, limit: number): number {
  return Math.max(1024, Math.min(bytes.length * 8, 1 << 20, limit))
}

/** Runs a decompressor and gives its errors one shape. */
function bounded(name: string, limit: number, run: () => Buffer): Buffer {
  try {
    return run()
  } catch (error) {
    if (error instanceof MalformedRecord || error instanceof UnsupportedCompression) throw error
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new MalformedRecord(`the ${name} data would grow beyond the ${limit} bytes allowed`)
    }
    throw new MalformedRecord(`the ${name} data cannot be decompressed: ${message}`)
  }
}

function zstd(): Pick<typeof zlib, 'zstdCompressSync' | 'zstdDecompressSync'> {
  if (typeof zlib.zstdCompressSync === 'function') return zlib
  throw new UnsupportedCompression(`zstd needs Node.js 22.15 or newer, and this is ${process.version}; update Node.js`)
}
