// What a binary format without schemas can say, as calls: CBOR and MessagePack differ in nothing else.
import type { Decimal } from '@millrace/api'
import type { BytesOut } from '../bytes-out.ts'

/** Writes one value after another. Containers are a head with the number of entries, and then the entries. */
export interface TokenWriter {
  readonly out: BytesOut
  none(): void
  boolean(value: boolean): void
  /** An integer of any size that the format has. @throws DataException for one that is too long */
  integer(value: number | bigint): void
  float32(value: number): void
  float64(value: number): void
  text(value: string): void
  bytes(value: Uint8Array): void
  list(length: number): void
  map(size: number): void
  decimal(value: Decimal): void
  /** A point in time. */
  timestamp(value: Date): void
  /** A day, at midnight UTC. */
  date(value: Date): void
}

/** Reads the one value in a range of bytes. @throws DataException for bytes that are not of the format, or are left over */
export interface TokenReader {
  /** Plain values: objects for maps with text as keys, otherwise `Map`; Buffers are copies. */
  read(buffer: Buffer, start: number, end: number): unknown
}
