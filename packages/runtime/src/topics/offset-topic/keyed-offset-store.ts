// An offset store that can tell the keys of its records, for writers that put them into a transaction of their own.
import type { OffsetMap } from '@millrace/api'
import type { OffsetStore } from '../../control/offset-store.ts'

/** Offsets in a topic. */
export interface KeyedOffsetStore extends OffsetStore {
  /** All keys under which a partition is to be written: its own, and those that others gave it in the topic. @throws DataException */
  keys(connector: string, partition: OffsetMap): readonly Uint8Array[]
}
