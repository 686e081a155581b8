// What a heartbeat must say and what it may leave out: the coordinator remembers what a member said before (KIP-848).
import type { HeartbeatRequest, TopicIdPartitions } from './channel.ts'

/** What a member wants to read: topics by name, or what a regular expression (RE2 syntax) matches. */
export interface WantedTopics {
  readonly names: readonly string[]
  /** Empty for none. */
  readonly regex: string
}

/** The whole of what a member has to say. */
export interface MemberFields {
  readonly memberId: string
  readonly memberEpoch: number
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly rebalanceTimeoutMs: number
  readonly serverAssignor: string | null
  readonly wanted: WantedTopics
  readonly owned: readonly TopicIdPartitions[]
}

/** Tells the news apart from what the coordinator has heard. */
export class HeartbeatFields {
  #heard: MemberFields | undefined

  /** The coordinator may have missed something, or know nothing of the member: the next heartbeat says it all. */
  forget(): void {
    this.#heard = undefined
  }

  /** The heartbeat that said `fields` was answered well. */
  heard(fields: MemberFields): void {
    this.#heard = fields
  }

  request(fields: MemberFields): HeartbeatRequest {
    const heard = this.#heard
    const { memberId, memberEpoch, instanceId, wanted } = fields
    // A static member is known by both ids, in every heartbeat.
    const always = { memberId, memberEpoch, instanceId }
    if (heard === undefined) {
      return {
        ...always,
        rackId: fields.rackId,
        rebalanceTimeoutMs: fields.rebalanceTimeoutMs,
        serverAssignor: fields.serverAssignor,
        subscribedTopicNames: wanted.names,
        // Left out rather than empty, for coordinators that know no expressions.
        subscribedTopicRegex: wanted.regex === '' ? null : wanted.regex,
        topicPartitions: fields.owned,
      }
    }
    return {
      ...always,
      rackId: null,
      rebalanceTimeoutMs: -1,
      serverAssignor: null,
      subscribedTopicNames: sameNames(heard.wanted.names, wanted.names) ? null : wanted.names,
      subscribedTopicRegex: heard.wanted.regex === wanted.regex ? null : wanted.regex,
      topicPartitions: heard.owned === fields.owned ? null : fields.owned,
    }
  }
}

function sameNames(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name, index) => name === others[index])
}
