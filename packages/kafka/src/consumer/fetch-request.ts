// The lists of a fetch request, in the protocol's shape: parts grouped by topic, in the order given.
import type { FetchPart } from './fetch-session.ts'

function grouped(parts: readonly FetchPart[]): FetchPart[][] {
  const groups = new Map<string, FetchPart[]>()
  for (const part of parts) {
    const key = `${part.topic} ${part.topicId}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [part])
    else group.push(part)
  }
  return [...groups.values()]
}

/** `topics` of the request: by name up to version 12, by id from then on. */
export function toTopics(parts: readonly FetchPart[]) {
  return grouped(parts).map((group) => ({ topic: group[0]!.topic, topicId: group[0]!.topicId, partitions: group }))
}

/** `forgottenTopicsData` of the request. */
export function toForgotten(parts: readonly FetchPart[]) {
  return grouped(parts).map((group) => ({
    topic: group[0]!.topic,
    topicId: group[0]!.topicId,
    partitions: group.map((part) => part.partition),
  }))
}
