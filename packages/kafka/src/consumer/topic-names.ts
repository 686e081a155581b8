// Names of the topics that a coordinator tells by id, and their metadata.
import { errorMessage, type Logger } from '@millrace/api'
import { type BackoffOptions, backoffMs, wait } from '../backoff.ts'
import type { ClusterClient } from '../cluster/index.ts'
import { Metadata } from '../protocol/index.ts'

export interface TopicNamesOptions {
  readonly cluster: ClusterClient
  readonly backoff: BackoffOptions
  /** Names were found, or cannot be for now. */
  wake(): void
  readonly signal: AbortSignal
  readonly log: Logger
}

export class TopicNames {
  readonly #options: TopicNamesOptions
  readonly #names = new Map<string, string>()
  /** Ids being looked up. */
  #missing: readonly string[] = []
  #looking = false
  /** Rounds that brought nothing for the ids looked up now. */
  #rounds = 0

  constructor(options: TopicNamesOptions) {
    this.#options = options
  }

  /**
   * Names by id, as far as they are known. What is not is looked up beside, with a `wake` when that brought something.
   * @returns undefined while the first look is under way: not worth working with a part
   */
  find(ids: readonly string[]): ReadonlyMap<string, string> | undefined {
    const { cluster } = this.#options
    const found = new Map<string, string>()
    const missing: string[] = []
    for (const id of ids) {
      const name = cluster.topicById(id)?.name ?? this.#names.get(id)
      if (name === undefined) missing.push(id)
      else found.set(id, name)
    }
    if (missing.some((id) => !this.#missing.includes(id))) this.#rounds = 0
    this.#missing = missing
    if (missing.length === 0) return found
    if (!this.#looking) void this.#look()
    return this.#rounds === 0 ? undefined : found
  }

  async #look(): Promise<void> {
    const { backoff, log, signal, wake } = this.#options
    this.#looking = true
    for (let attempt = 0; this.#missing.length > 0 && !signal.aborted; attempt++) {
      const asked = this.#missing
      try {
        if (await this.#ask(asked)) break
      } catch (error) {
        log.debug(`Topics cannot be looked up by their ids, and are tried again: ${errorMessage(error)}`)
      }
      // A topic may be so new that the broker asked has not heard of it, or gone already.
      if (this.#rounds++ === 0) wake()
      await wait(backoffMs(backoff, attempt), signal).catch(() => {})
    }
    this.#looking = false
    wake()
  }

  /** True when all were found. */
  async #ask(ids: readonly string[]): Promise<boolean> {
    const { cluster, signal } = this.#options
    const topics = ids.map((topicId) => ({ topicId, name: null }))
    const answer = await cluster.send(-1, Metadata, { topics, allowAutoTopicCreation: false })
    const named = answer.topics.flatMap(({ name, topicId }) => (name === null ? [] : [{ name, topicId }]))
    // Fetches need leaders; from here on the metadata follows these topics.
    await cluster.ensureTopics(
      named.map((one) => one.name),
      { signal },
    )
    for (const { name, topicId } of named) this.#names.set(topicId, name)
    return named.length === ids.length
  }
}
