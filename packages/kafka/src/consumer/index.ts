// The consumer room's door.

export type { PolledChunk } from './buffered-records.ts'
export type { CommittedOffset, OffsetToCommit } from './committed-offsets.ts'
export { Consumer, type ConsumerGroupMetadata, type PolledRecords } from './consumer.ts'
export type { ConsumerOptions } from './consumer-parts.ts'
export { isWakeup } from './errors.ts'
export type { FetchCounters } from './fetcher.ts'
export type { FoundOffset } from './list-offsets.ts'
export type { RebalanceListener, TopicMatcher } from './subscription.ts'
