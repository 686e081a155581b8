// Which topics a subscription means: a list as it is, a pattern as far as topics exist that match it.
import type { ClusterClient } from '../cluster/index.ts'
import { brokerError, isRetriable } from '../errors.ts'
import { takesRegex } from '../group/consumer/index.ts'
import { toRe2 } from '../group/consumer/re2.ts'
import { ErrorCode, Metadata } from '../protocol/index.ts'
import type { Subscription, TopicMatcher } from './subscription.ts'

const INTERNAL_TOPICS = ['__consumer_offsets', '__transaction_state', '__share_group_state']
/** How long a leader waits for metadata of topics that only other members subscribe. */
const LOOKUP_MS = 5_000

export interface SubscribedTopicsOptions {
  readonly cluster: ClusterClient
  readonly subscription: Subscription
  /** Leave internal topics out of patterns. */
  readonly excludeInternal: boolean
  readonly allowAutoCreate: boolean
  /** The group's coordinator divides the partitions: it may evaluate regular expressions too, if it knows how. */
  readonly byCoordinator: boolean
}

export class SubscribedTopics {
  readonly #options: SubscribedTopicsOptions
  #known: readonly string[] = []
  #ready = false
  #regex = ''

  constructor(options: SubscribedTopicsOptions) {
    this.#options = options
  }

  /** Topics as of the last look; empty before the first. */
  get known(): readonly string[] {
    return this.#known
  }

  /** The regular expression that the coordinator is to evaluate instead, in its syntax; empty for none. */
  get regex(): string {
    return this.#regex
  }

  /** False until the topics of a new subscription have been looked up. */
  get ready(): boolean {
    return this.#ready
  }

  /** The subscription is another: what was known of it does not count. A list is known at once. */
  reset(): void {
    const { matcher } = this.#options.subscription
    this.#known = isList(matcher) ? matcher : []
    this.#ready = isList(matcher)
    this.#regex = ''
  }

  wants(topic: string): boolean {
    const { matcher } = this.#options.subscription
    return matcher !== undefined && matches(matcher, topic)
  }

  /**
   * Looks the topics up: brings those of a list into the metadata, finds those of a pattern.
   * @returns whether they are others than before
   */
  async refresh(signal: AbortSignal): Promise<boolean> {
    const { cluster, subscription, allowAutoCreate } = this.#options
    const { matcher } = subscription
    if (matcher === undefined) return false
    const regex = await this.#forCoordinator(matcher)
    if (subscription.matcher !== matcher) return false
    if (regex !== undefined) {
      const news = this.#regex !== regex
      this.#known = []
      this.#regex = regex
      this.#ready = true
      return news
    }
    const found = isList(matcher) ? matcher : await this.#matching(matcher)
    if (subscription.matcher !== matcher) return false
    const before = this.#known
    this.#known = found
    this.#ready = true
    if (found.length > 0)
      await cluster.ensureTopics(found, { signal, allowAutoCreate: allowAutoCreate && isList(matcher) })
    return found.length !== before.length || found.some((topic, index) => topic !== before[index])
  }

  /** Partitions of a topic as the metadata has it; 0 when it does not exist. */
  partitionCount(topic: string): number {
    return this.#options.cluster.topic(topic)?.partitions.length ?? 0
  }

  /** Partitions of each topic, looked up where the metadata does not have them; 0 for one that does not exist. */
  async partitionCounts(topics: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const { cluster } = this.#options
    const unknown = topics.filter((topic) => cluster.topic(topic) === undefined)
    if (unknown.length > 0) {
      try {
        await cluster.ensureTopics(unknown, { signal, allowAutoCreate: false, timeoutMs: LOOKUP_MS })
      } catch (error) {
        if (!isRetriable(error)) throw error
        // A topic that does not exist gets no owner; when it appears the group rebalances.
      }
    }
    return new Map(topics.map((topic) => [topic, this.partitionCount(topic)]))
  }

  /** The expression, when the coordinator can be trusted to find the same topics by it. */
  async #forCoordinator(matcher: TopicMatcher): Promise<string | undefined> {
    const { byCoordinator, cluster, excludeInternal } = this.#options
    if (!byCoordinator || !(matcher instanceof RegExp)) return undefined
    // Coordinators do not leave internal topics out.
    if (excludeInternal && INTERNAL_TOPICS.some((topic) => matches(matcher, topic))) return undefined
    const regex = toRe2(matcher)
    return regex !== undefined && (await takesRegex(cluster)) ? regex : undefined
  }

  async #matching(matcher: TopicMatcher): Promise<readonly string[]> {
    const { cluster, excludeInternal } = this.#options
    const answer = await cluster.send(-1, Metadata, { topics: null, allowAutoTopicCreation: false })
    const found: string[] = []
    for (const { name, errorCode, isInternal } of answer.topics) {
      if (name === null || (excludeInternal && isInternal) || !matches(matcher, name)) continue
      if (errorCode === ErrorCode.TOPIC_AUTHORIZATION_FAILED)
        throw brokerError(errorCode, `Subscribing to topic ${name}`)
      found.push(name)
    }
    return found.sort()
  }
}

function isList(matcher: TopicMatcher | undefined): matcher is readonly string[] {
  return Array.isArray(matcher)
}

function matches(matcher: TopicMatcher, topic: string): boolean {
  if (isList(matcher)) return matcher.includes(topic)
  if (typeof matcher === 'function') return matcher(topic)
  // The whole name must match, as with the Java consumer's patterns; an alternation must not stop at a shorter one.
  return new RegExp(`^(?:${matcher.source})$`, matcher.flags.replace(/[gy]/g, '')).test(topic)
}
