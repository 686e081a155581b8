// The `consumer` protocol type: what consumers put into JoinGroup's metadata and SyncGroup's assignment.
//   Subscription = Version(int16) Topics[string] UserData(bytes, null)
//                  v1+: OwnedPartitions[Topic [Partition]]  v2+: GenerationId(int32)  v3+: RackId(string, null)
//   Assignment   = Version(int16) AssignedPartitions[Topic [Partition]] UserData(bytes, null)
// Source: Kafka's ConsumerProtocolSubscription and ConsumerProtocolAssignment messages (KIP-429, KIP-792, KIP-881).
// A newer version than known is read as the newest known one: later ones only add fields at the end.
import type { TopicPartition } from '@millrace/api'
import { PlainReader, PlainWriter } from './plain-codec.ts'
import { readTopicPartitions, writeTopicPartitions } from './topic-partitions.ts'

export const CONSUMER_PROTOCOL_TYPE = 'consumer'
const NEWEST_VERSION = 3

/** A member's subscription, as it goes over the wire. */
export interface ConsumerSubscription {
  readonly topics: readonly string[]
  readonly userData: Buffer | null
  readonly owned: readonly TopicPartition[]
  /** Null in versions 0 and 1, and where the member had none (-1 on the wire). */
  readonly generation: number | null
  readonly rackId: string | null
}

export interface ConsumerAssignment {
  readonly partitions: readonly TopicPartition[]
  readonly userData: Buffer | null
}

export function encodeSubscription(subscription: ConsumerSubscription, version: number = NEWEST_VERSION): Buffer {
  const writer = new PlainWriter().int16(version)
  writer.array(subscription.topics.toSorted(), (out, topic) => out.nullableString(topic))
  writer.nullableBytes(subscription.userData)
  if (version >= 1) writeTopicPartitions(writer, subscription.owned)
  if (version >= 2) writer.int32(subscription.generation ?? -1)
  if (version >= 3) writer.nullableString(subscription.rackId)
  return writer.finish()
}

/** @throws RangeError when the bytes are not a subscription */
export function decodeSubscription(bytes: Buffer): ConsumerSubscription {
  const reader = new PlainReader(bytes)
  const version = readVersion(reader, 'subscription')
  const topics = reader.array(2, (each) => each.string())
  const userData = reader.nullableBytes()
  const owned = version >= 1 ? readTopicPartitions(reader) : []
  const generation = version >= 2 ? reader.int32() : -1
  const rackId = version >= 3 ? reader.nullableString() : null
  return { topics, userData, owned, generation: generation < 0 ? null : generation, rackId }
}

export function encodeAssignment(assignment: ConsumerAssignment, version: number = NEWEST_VERSION): Buffer {
  const writer = new PlainWriter().int16(version)
  writeTopicPartitions(writer, assignment.partitions)
  return writer.nullableBytes(assignment.userData).finish()
}

/** An empty buffer (the coordinator's answer to a member the leader left out) is an empty assignment. */
export function decodeAssignment(bytes: Buffer): ConsumerAssignment {
  if (bytes.length === 0) return { partitions: [], userData: null }
  const reader = new PlainReader(bytes)
  readVersion(reader, 'assignment')
  return { partitions: readTopicPartitions(reader), userData: reader.nullableBytes() }
}

function readVersion(reader: PlainReader, what: string): number {
  const version = reader.int16()
  if (version < 0) throw new RangeError(`the ${what} of a group member has version ${version}; 0 or more is expected`)
  return version
}
