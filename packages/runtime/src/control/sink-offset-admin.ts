// What the worker itself asks of Kafka: committed offsets of sinks, and the id of the cluster.
import type { ConnectorProps, TopicPartition, TopicPartitionOffset } from '@millrace/api'

/** A committed offset. */
export interface CommittedOffset extends TopicPartition {
  readonly offset: number
}

/** Consumer group offsets, for one request; closed after it. Calls reject with Kafka's errors. */
export interface SinkOffsetAdmin {
  /** Committed offsets of a group; none for a group that does not exist. */
  committed(group: string): Promise<readonly CommittedOffset[]>
  /** Sets offsets; entries whose offset is null are deleted. */
  alter(group: string, offsets: readonly TopicPartitionOffset[]): Promise<void>
  /** Deletes the group with its offsets; one that does not exist is fine. */
  deleteGroup(group: string): Promise<void>
  close(): Promise<void>
}

/** Makes the admin client for one request. */
export type CreateSinkOffsetAdmin = (props: ConnectorProps) => Promise<SinkOffsetAdmin>
