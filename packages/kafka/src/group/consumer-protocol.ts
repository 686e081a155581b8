// The `consumer` protocol type: what consumers put into JoinGroup's metadata and SyncGroup's assignment.
//   Subscription = Version(int16) Topics[string] UserData(bytes, null)
//                  v1+: OwnedPartitions[Topic [Partition]]  v2+: GenerationId(int32)  v3+: RackId(string, null)
//   Assignment   = Version(int16) AssignedPartitions[Topic [Partition]] UserData(bytes, null)
// Source: Kafka's ConsumerProtocolSubscription and ConsumerProtocolAssignment messages (KIP-429, KIP-792, KIP-881).
// A newer version than known is read as the newest known one: later ones only add fields at the end.
import type { TopicPartition } from '@millrace/api'
import { ByteReader, ByteWriter, MalformedBytesError } from '../protocol/index.ts'
import { array, type Codec, int32, nullableBytes, nullableString, string, struct } from '../protocol/types.ts'
import { flatten, groupByTopic, topicPartitions } from './topic-partitions.ts'

export const CONSUMER_PROTOCOL_TYPE = 'consumer'
const NEWEST_VERSION = 3

const Subscription = struct({
  topics: array(string),
  userData: nullableBytes,
  ownedPartitions: topicPartitions.since(1),
  generationId: int32.since(2).default(-1),
  rackId: nullableString.since(3).default(null),
})
const Assignment = struct({ assignedPartitions: topicPartitions, userData: nullableBytes })

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
  return encode(Subscription.compile(version, false), version, {
    topics: subscription.topics.toSorted(),
    userData: subscription.userData,
    ownedPartitions: groupByTopic(subscription.owned),
    generationId: subscription.generation ?? -1,
    rackId: subscription.rackId,
  })
}

/** @throws MalformedBytesError when the bytes are not a subscription */
export function decodeSubscription(bytes: Buffer): ConsumerSubscription {
  const from = new ByteReader(bytes)
  const read = Subscription.compile(readVersion(from, 'subscription'), false).read(from)
  return {
    topics: read.topics,
    userData: read.userData,
    owned: flatten(read.ownedPartitions),
    generation: read.generationId < 0 ? null : read.generationId,
    rackId: read.rackId,
  }
}

export function encodeAssignment(assignment: ConsumerAssignment, version: number = NEWEST_VERSION): Buffer {
  return encode(Assignment.compile(version, false), version, {
    assignedPartitions: groupByTopic(assignment.partitions),
    userData: assignment.userData,
  })
}

/**
 * An empty buffer (the coordinator's answer to a member the leader left out) is an empty assignment.
 * @throws MalformedBytesError when the bytes are not an assignment
 */
export function decodeAssignment(bytes: Buffer): ConsumerAssignment {
  if (bytes.length === 0) return { partitions: [], userData: null }
  const from = new ByteReader(bytes)
  const read = Assignment.compile(readVersion(from, 'assignment'), false).read(from)
  return { partitions: flatten(read.assignedPartitions), userData: read.userData }
}

function encode<In>(codec: Codec<unknown, In>, version: number, value: In): Buffer {
  const out = new ByteWriter()
  out.int16(version)
  codec.write(out, value)
  return out.bytes()
}

function readVersion(from: ByteReader, what: string): number {
  const version = from.int16()
  if (version >= 0) return Math.min(version, NEWEST_VERSION)
  throw new MalformedBytesError(`The ${what} of a group member has version ${version}; 0 or more is expected`)
}
