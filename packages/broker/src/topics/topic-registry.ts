// All topics of the broker with their logs: create, delete, extend, configure, find by name or id. Every change is in the
// catalog before the caller is told.

import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import { ErrorCode } from '@millrace/kafka/protocol'
import type { BrokerConfig } from '../config/broker-config.ts'
import { checkTopicConfig, resolveTopicConfig, type TopicConfig } from '../config/topic-config.ts'
import { BrokerError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { FileIo } from '../storage/file-io.ts'
import type { PartitionLog } from '../storage/partition-log.ts'
import { openLog, partitionDirectory } from '../storage/recovery.ts'
import { type Catalog, readCatalog, type StoredTopic, writeCatalog } from './catalog-file.ts'
import { lockFolder } from './folder-lock.ts'
import { collisionKey, isInternal, topicNameProblem } from './topic-name.ts'

/** A topic and its partitions' logs, partition 0 first. */
export interface Topic {
  readonly name: string
  /** 16 bytes in URL-safe base64. */
  readonly id: string
  readonly internal: boolean
  readonly logs: readonly PartitionLog[]
  /** What was set on the topic itself. */
  readonly config: Readonly<Record<string, string>>
  readonly resolved: TopicConfig
}

interface MutableTopic extends Topic {
  readonly logs: PartitionLog[]
  config: Readonly<Record<string, string>>
  resolved: TopicConfig
}

/** What the registry needs from outside. */
export interface RegistryOptions {
  readonly directory: string
  readonly config: BrokerConfig
  readonly log: Logger
  readonly io: FileIo
  readonly now: () => number
}

const CLEAN_STOP = 'clean-stop'
const DELETED = /\.[0-9a-f]{16}-deleted$/
const MAX_PARTITIONS = 10_000

/** See the head of this file. Opening it recovers every log. */
export class TopicRegistry {
  readonly clusterId: string
  readonly epoch: number
  readonly #options: RegistryOptions
  readonly #topics = new Map<string, MutableTopic>()
  readonly #byId = new Map<string, MutableTopic>()
  readonly #unlock: () => void
  #nextProducerId: number
  #deleteListeners: ((topic: Topic) => void)[] = []

  constructor(options: RegistryOptions) {
    this.#options = options
    const { directory, config } = options
    this.#unlock = lockFolder(directory)
    try {
      const stored = readCatalog(directory)
      this.clusterId = stored?.clusterId ?? randomBytes(16).toString('base64url')
      this.epoch = stored === undefined ? 0 : stored.epoch + 1
      this.#nextProducerId = stored?.nextProducerId ?? 0
      config.setDynamic(stored?.brokerConfig ?? {})
      this.#openAll(stored?.topics ?? [])
      this.#removeDeletedFolders()
      this.#save()
    } catch (error) {
      for (const log of this.logs()) log.closeFiles()
      this.#unlock()
      throw error
    }
  }

  get size(): number {
    return this.#topics.size
  }

  list(): Topic[] {
    return [...this.#topics.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  get(name: string): Topic | undefined {
    return this.#topics.get(name)
  }

  byId(id: string): Topic | undefined {
    return this.#byId.get(id)
  }

  log(name: string, partition: number): PartitionLog | undefined {
    return this.#topics.get(name)?.logs[partition]
  }

  *logs(): Generator<PartitionLog> {
    for (const topic of this.#topics.values()) yield* topic.logs
  }

  onDelete(listener: (topic: Topic) => void): void {
    this.#deleteListeners.push(listener)
  }

  /**
   * Says whether a topic could be created.
   * @throws BrokerError INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS, INVALID_CONFIG
   */
  checkNew(name: string, partitions: number, config: Readonly<Record<string, string>>): void {
    const problem = topicNameProblem(name)
    if (problem !== undefined) throw new BrokerError(ErrorCode.INVALID_TOPIC_EXCEPTION, problem)
    if (this.#topics.has(name)) {
      throw new BrokerError(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`)
    }
    const key = collisionKey(name)
    for (const other of this.#topics.keys()) {
      if (collisionKey(other) === key) {
        throw new BrokerError(
          ErrorCode.INVALID_TOPIC_EXCEPTION,
          `Topic '${name}' collides with existing topic: ${other}`,
        )
      }
    }
    if (partitions <= 0 || partitions > MAX_PARTITIONS) {
      throw new BrokerError(
        ErrorCode.INVALID_PARTITIONS,
        `Number of partitions was set to an invalid value: ${partitions}`,
      )
    }
    checkTopicConfig(config)
  }

  /** Creates a topic; see {@link checkNew} for what it throws. */
  create(name: string, partitions: number, config: Readonly<Record<string, string>>): Topic {
    this.checkNew(name, partitions, config)
    const topic = this.#add(name, randomBytes(16).toString('base64url'), { ...config })
    try {
      for (let p = 0; p < partitions; p++) {
        this.#setAside(partitionDirectory(this.#options.directory, name, p))
        topic.logs.push(this.#open(topic, p, true))
      }
      this.#save()
    } catch (error) {
      this.#forget(topic)
      throw storageError(`cannot create topic ${name}`, error)
    }
    this.#options.log.debug(`created topic ${name} with ${partitions} partition(s)`)
    return topic
  }

  /**
   * Deletes a topic with all its records.
   * @throws BrokerError UNKNOWN_TOPIC_OR_PARTITION
   */
  delete(name: string): void {
    const topic = this.#mustHave(name)
    for (const log of topic.logs) {
      log.deleted = true
      log.closeFiles()
    }
    for (const log of topic.logs) this.#setAside(log.directory)
    this.#forget(topic)
    this.#save()
    this.#removeDeletedFolders()
    for (const log of topic.logs) log.wake()
    for (const listener of this.#deleteListeners) listener(topic)
    this.#options.log.debug(`deleted topic ${name}`)
  }

  /**
   * Brings a topic to `count` partitions.
   * @throws BrokerError INVALID_PARTITIONS when it has as many or more
   */
  extend(name: string, count: number, validateOnly: boolean): void {
    const topic = this.#mustHave(name)
    const has = topic.logs.length
    if (count === has) throw new BrokerError(ErrorCode.INVALID_PARTITIONS, `Topic already has ${has} partition(s).`)
    if (count < has) {
      throw new BrokerError(
        ErrorCode.INVALID_PARTITIONS,
        `The topic ${name} currently has ${has} partition(s); ${count} would not be an increase.`,
      )
    }
    if (count > MAX_PARTITIONS) {
      throw new BrokerError(ErrorCode.INVALID_PARTITIONS, `at most ${MAX_PARTITIONS} partitions a topic, got ${count}`)
    }
    if (validateOnly) return
    for (let p = has; p < count; p++) {
      this.#setAside(partitionDirectory(this.#options.directory, name, p))
      topic.logs.push(this.#open(topic, p, true))
    }
    this.#save()
  }

  /** Replaces what is set on a topic; the values were checked. */
  configure(name: string, config: Readonly<Record<string, string>>): void {
    const topic = this.#mustHave(name)
    checkTopicConfig(config)
    topic.config = { ...config }
    this.#resolve(topic)
    this.#save()
  }

  /** Replaces what is set on the broker while it runs; topics take their defaults anew. */
  configureBroker(values: Readonly<Record<string, string>>): void {
    this.#options.config.setDynamic(values)
    for (const topic of this.#topics.values()) this.#resolve(topic)
    this.#save()
  }

  /** Reserves `count` producer ids that nobody ever had; the first is returned. */
  reserveProducerIds(count: number): number {
    const first = this.#nextProducerId
    this.#nextProducerId += count
    this.#save()
    return first
  }

  /**
   * Closes every log and marks the folder as cleanly stopped. What cannot be written is said in the log and costs the next
   * start a walk over the last segments; no record depends on it.
   */
  close(): void {
    let clean = true
    const attempt = (act: () => void) => {
      try {
        act()
      } catch (error) {
        clean = false
        this.#options.log.warn(`while stopping: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    for (const log of this.logs()) attempt(() => log.close())
    if (clean) attempt(() => fs.writeFileSync(join(this.#options.directory, CLEAN_STOP), ''))
    this.#unlock()
  }

  #mustHave(name: string): MutableTopic {
    const topic = this.#topics.get(name)
    if (topic === undefined) {
      throw new BrokerError(
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        `This server does not host this topic-partition: ${name}`,
      )
    }
    return topic
  }

  #add(name: string, id: string, config: Readonly<Record<string, string>>): MutableTopic {
    const resolved = resolveTopicConfig(config, (key) => this.#options.config.set(key))
    const topic: MutableTopic = { name, id, internal: isInternal(name), logs: [], config, resolved }
    this.#topics.set(name, topic)
    this.#byId.set(id, topic)
    return topic
  }

  #openAll(stored: readonly StoredTopic[]): void {
    const marker = join(this.#options.directory, CLEAN_STOP)
    const clean = fs.existsSync(marker)
    // Whatever ends this run early, the next start must not take it for a clean stop.
    fs.rmSync(marker, { force: true })
    for (const { name, id, config, partitions } of stored) {
      const topic = this.#add(name, id, config)
      for (let p = 0; p < partitions; p++) topic.logs.push(this.#open(topic, p, clean))
    }
  }

  #forget(topic: Topic): void {
    this.#topics.delete(topic.name)
    this.#byId.delete(topic.id)
  }

  #resolve(topic: MutableTopic): void {
    topic.resolved = resolveTopicConfig(topic.config, (key) => this.#options.config.set(key))
    for (const log of topic.logs) log.config = topic.resolved
  }

  #open(topic: MutableTopic, partition: number, clean: boolean): PartitionLog {
    const { directory, io, now, log: logger } = this.#options
    const { log, truncatedBytes } = openLog(
      {
        topic: topic.name,
        partition,
        directory: partitionDirectory(directory, topic.name, partition),
        config: topic.resolved,
        leaderEpoch: this.epoch,
        io,
        now,
        onStorageError: (failed, error) =>
          logger.error(
            `cannot write to ${failed.directory}: ${error instanceof Error ? error.message : String(error)}`,
          ),
      },
      clean,
    )
    if (truncatedBytes > 0) {
      logger.warn(
        `${log.name}: cut ${truncatedBytes} bytes of an unfinished or damaged write off the end; the log ends at offset ${log.nextOffset}`,
      )
    }
    return log
  }

  /** Renames a folder out of the way, so that its name is free at once and its bytes go when there is time. */
  #setAside(directory: string): void {
    if (fs.existsSync(directory)) fs.renameSync(directory, `${directory}.${randomBytes(8).toString('hex')}-deleted`)
  }

  #removeDeletedFolders(): void {
    const { directory } = this.#options
    for (const name of fs.readdirSync(directory)) {
      if (DELETED.test(name)) fs.rmSync(join(directory, name), { recursive: true, force: true })
    }
  }

  #save(): void {
    const catalog: Catalog = {
      version: 1,
      clusterId: this.clusterId,
      epoch: this.epoch,
      nextProducerId: this.#nextProducerId,
      brokerConfig: this.#options.config.dynamic,
      topics: this.list().map((t) => ({ name: t.name, id: t.id, partitions: t.logs.length, config: t.config })),
    }
    try {
      writeCatalog(this.#options.directory, catalog)
    } catch (error) {
      throw storageError('cannot store the catalog', error)
    }
  }
}

function storageError(what: string, error: unknown): BrokerError {
  if (error instanceof BrokerError) return error
  return new BrokerError(
    ErrorCode.KAFKA_STORAGE_ERROR,
    `${what}: ${error instanceof Error ? error.message : String(error)}`,
  )
}
