// Where source offsets are kept: what the data plane commits, what connectors resume from, what users read and change.
import type { OffsetMap, PartitionOffset } from '@millrace/api'

/** A partition that has an offset. */
export interface StoredOffset {
  readonly partition: OffsetMap
  readonly offset: OffsetMap
}

/** Source offsets by connector and partition. Two partitions are one if they hold the same keys and values, in any order. */
export interface OffsetStore {
  /** Makes what was committed readable. @throws ConnectException when that cannot be read */
  start(): Promise<void>
  /** Offsets in the order asked; null where there is none. */
  read(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]>
  /** Resolves when the offsets are durable, all of them; a null offset removes. */
  write(connector: string, offsets: readonly PartitionOffset[]): Promise<void>
  /** All partitions of a connector that have an offset. */
  list(connector: string): Promise<readonly StoredOffset[]>
  /** Finishes writes that were begun. */
  stop(): Promise<void>
}
