// The producer room's door.
export type { BatchListener, SentBatch } from './deliveries.ts'
export type { ProducerMetrics } from './metrics.ts'
export type { ProducerOptions } from './options.ts'
export type { RecordMetadata } from './outgoing-batch.ts'
export { murmur2, partitionOfKey } from './partitioner.ts'
export { Producer, type ProducerExtras, type ProducerRecord, type UnfinishedBatch } from './producer.ts'
export type { OffsetsOwner, OffsetToSend } from './transaction-requests.ts'
