// The records of `__consumer_offsets`, in Kafka's own format, so that Kafka's tools can read them.
// Offset key v1: string group, string topic, int32 partition. Value v3: int64 offset, int32 leader epoch, string metadata, int64 time.
// Group key v2: string group. Value v3: string protocol type, int32 generation, nullable string protocol, nullable string leader,
// int64 state since, array of members { string id, nullable string instance id, string client id, string client host,
// int32 rebalance timeout, int32 session timeout, bytes subscription, bytes assignment }. Every key and value begins with its version.

import { ByteReader, ByteWriter } from '@millrace/kafka/protocol'
import type { Group } from './group.ts'
import type { CommittedOffset } from './offset-book.ts'

const OFFSET_KEY = 1
const OFFSET_VALUE = 3
const GROUP_KEY = 2
const GROUP_VALUE = 3

/** What a key names. */
export type GroupKey =
  | { readonly kind: 'offset'; readonly groupId: string; readonly topic: string; readonly partition: number }
  | { readonly kind: 'group'; readonly groupId: string }

/** A member as it is stored. */
export interface StoredMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  readonly subscription: Buffer
  readonly assignment: Buffer
}

/** A group as it is stored. */
export interface StoredGroup {
  readonly protocolType: string
  readonly generationId: number
  readonly protocolName: string | null
  readonly leaderId: string | null
  readonly stateSince: number
  readonly members: readonly StoredMember[]
}

export function offsetKey(groupId: string, topic: string, partition: number): Buffer {
  const out = new ByteWriter(64)
  out.int16(OFFSET_KEY)
  out.text(groupId, false)
  out.text(topic, false)
  out.int32(partition)
  return out.bytes()
}

export function offsetValue(offset: CommittedOffset): Buffer {
  const out = new ByteWriter(64)
  out.int16(OFFSET_VALUE)
  out.int64(offset.offset)
  out.int32(offset.leaderEpoch)
  out.text(offset.metadata, false)
  out.int64(offset.commitTimestamp)
  return out.bytes()
}

export function groupKey(groupId: string): Buffer {
  const out = new ByteWriter(64)
  out.int16(GROUP_KEY)
  out.text(groupId, false)
  return out.bytes()
}

export function groupValue(group: Group): Buffer {
  const out = new ByteWriter(512)
  out.int16(GROUP_VALUE)
  out.text(group.protocolType ?? '', false)
  out.int32(group.generationId)
  out.text(group.protocolName, false)
  out.text(group.leaderId, false)
  out.int64(group.stateSince)
  out.int32(group.members.size)
  for (const member of group.members.values()) {
    out.text(member.memberId, false)
    out.text(member.groupInstanceId, false)
    out.text(member.clientId, false)
    out.text(member.clientHost, false)
    out.int32(member.rebalanceTimeoutMs)
    out.int32(member.sessionTimeoutMs)
    out.blob(member.metadataOf(group.protocolName), false)
    out.blob(member.assignment, false)
  }
  return out.bytes()
}

/** What the key of a record names; undefined for kinds this broker does not write. */
export function readKey(bytes: Buffer): GroupKey | undefined {
  const from = new ByteReader(bytes)
  const version = from.int16()
  if (version === 0 || version === OFFSET_KEY) {
    const groupId = text(from)
    const topic = text(from)
    return { kind: 'offset', groupId, topic, partition: from.int32() }
  }
  return version === GROUP_KEY ? { kind: 'group', groupId: text(from) } : undefined
}

export function readOffsetValue(bytes: Buffer): CommittedOffset {
  const from = new ByteReader(bytes)
  const version = from.int16()
  const offset = from.int64()
  const leaderEpoch = version >= 3 ? from.int32() : -1
  const metadata = text(from)
  return { offset, leaderEpoch, metadata, commitTimestamp: from.int64() }
}

export function readGroupValue(bytes: Buffer): StoredGroup {
  const from = new ByteReader(bytes)
  const version = from.int16()
  const protocolType = text(from)
  const generationId = from.int32()
  const protocolName = from.text(from.int16())
  const leaderId = from.text(from.int16())
  const stateSince = version >= 2 ? from.int64() : 0
  const members: StoredMember[] = []
  for (let left = from.count(from.int32()); left > 0; left--) {
    const memberId = text(from)
    const groupInstanceId = version >= 3 ? from.text(from.int16()) : null
    const clientId = text(from)
    const clientHost = text(from)
    const rebalanceTimeoutMs = version >= 1 ? from.int32() : -1
    const sessionTimeoutMs = from.int32()
    const subscription = blob(from)
    const assignment = blob(from)
    const timeout = rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs
    members.push({
      memberId,
      groupInstanceId,
      clientId,
      clientHost,
      rebalanceTimeoutMs: timeout,
      sessionTimeoutMs,
      subscription,
      assignment,
    })
  }
  return { protocolType, generationId, protocolName, leaderId, stateSince, members }
}

function text(from: ByteReader): string {
  return from.text(from.int16()) ?? ''
}

function blob(from: ByteReader): Buffer {
  return Buffer.from(from.view(from.int32()) ?? [])
}
