// The records of a batch, decompressed.

import { ErrorCode } from '@millrace/kafka/protocol'
import { decompress, UnsupportedCompression } from '@millrace/kafka/records'
import { BrokerError } from '../errors.ts'
import * as batch from './batch-header.ts'

/**
 * The record section of the batch of `size` bytes at `at`: a view when it is not compressed.
 * @throws BrokerError CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE
 */
export function bodyOf(buffer: Buffer, at: number, size: number): Buffer {
  const body = buffer.subarray(at + batch.HEADER_SIZE, at + size)
  const codec = batch.codecOf(batch.attributes(buffer, at))
  if (codec === 0) return body
  try {
    return decompress(codec, body)
  } catch (error) {
    const code =
      error instanceof UnsupportedCompression ? ErrorCode.UNSUPPORTED_COMPRESSION_TYPE : ErrorCode.CORRUPT_MESSAGE
    throw new BrokerError(
      code,
      `the batch cannot be decompressed: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
