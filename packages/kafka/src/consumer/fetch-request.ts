// A fetch request in the protocol's shape: what a session asks next, its parts grouped by topic, in the order given.
import type { FetchPart, SessionRequest } from './fetch-session.ts'

/** How a request waits, and what it may see. */
export interface FetchTerms {
  readonly minBytes: number
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly readCommitted: boolean
}

export function fetchRequest({ sessionId, sessionEpoch, send, forget }: SessionRequest, terms: FetchTerms) {
  const { minBytes, maxWaitMs, maxBytes, readCommitted } = terms
  return {
    maxWaitMs,
    minBytes,
    maxBytes,
    isolationLevel: readCommitted ? 1 : 0,
    sessionId,
    sessionEpoch,
    topics: toTopics(send),
    forgottenTopicsData: toForgotten(forget),
  }
}

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
function toTopics(parts: readonly FetchPart[]) {
  return grouped(parts).map((group) => ({ topic: group[0]!.topic, topicId: group[0]!.topicId, partitions: group }))
}

/** `forgottenTopicsData` of the request. */
function toForgotten(parts: readonly FetchPart[]) {
  return grouped(parts).map((group) => ({
    topic: group[0]!.topic,
    topicId: group[0]!.topicId,
    partitions: group.map((part) => part.partition),
  }))
}
