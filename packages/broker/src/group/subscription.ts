// What consumers of a group subscribed to, read from the metadata they joined with (consumer protocol: int16 version, topics).
import { ByteReader, MalformedBytesError } from '@millrace/kafka/protocol'
import type { Group } from './group.ts'

/** Topics the group's members subscribed to; undefined when the group is of another kind, or its metadata cannot be read. */
export function subscribedTopics(group: Group): Set<string> | undefined {
  if (group.protocolType !== 'consumer') return undefined
  const topics = new Set<string>()
  try {
    for (const member of group.members.values()) {
      const from = new ByteReader(member.metadataOf(group.protocolName))
      if (from.remaining === 0) continue
      from.int16()
      for (let left = from.count(from.int32()); left > 0; left--) topics.add(from.text(from.int16()) ?? '')
    }
  } catch (error) {
    if (error instanceof MalformedBytesError) return undefined
    throw error
  }
  return topics
}
