// Notifications: what happens to snapshots, told on a topic (sink) and in the log.
import { randomUUID } from 'node:crypto'
import type { Logger, OffsetMap, SourceRecord } from '@millrace/api'
import { type NameAdjuster, type Notification, notificationRecord, notificationSchemas } from '@millrace/kit-cdc'
import type { PostgresConfig } from './config.ts'

/** What a notification is about. */
export type Aggregate = 'Initial Snapshot' | 'Incremental Snapshot' | 'Blocking Snapshot'

/** Sends notifications to the channels of `notification.enabled.channels`. */
export class Notifications {
  readonly #config: PostgresConfig
  readonly #channels: readonly string[]
  readonly #schemas: ReturnType<typeof notificationSchemas>
  readonly #partition: OffsetMap
  readonly #log: Logger
  readonly #emit: (record: SourceRecord) => void

  constructor(
    config: PostgresConfig,
    parts: {
      readonly adjust: NameAdjuster
      readonly partition: OffsetMap
      readonly emit: (record: SourceRecord) => void
      readonly log: Logger
    },
  ) {
    this.#config = config
    this.#channels = config['notification.enabled.channels'] ?? []
    this.#schemas = notificationSchemas(parts.adjust)
    this.#partition = parts.partition
    this.#emit = parts.emit
    this.#log = parts.log
  }

  /** @param offset that the record carries: nothing is stored by it that was not stored before */
  send(
    aggregateType: Aggregate,
    type: string,
    data: Readonly<Record<string, string>>,
    offset: OffsetMap,
    id: string = randomUUID(),
  ): void {
    if (this.#channels.length === 0) return
    const additionalData = { connector_name: this.#config['topic.prefix'], ...data }
    const notification: Notification = { id, aggregateType, type, additionalData, timestamp: Date.now() }
    if (this.#channels.includes('log')) this.#log.info(`Notification: ${JSON.stringify(notification)}`)
    const topic = this.#config['notification.sink.topic.name']
    if (!this.#channels.includes('sink') || topic === null) return
    const record = notificationRecord(notification, topic, this.#schemas, { partition: this.#partition, offset })
    this.#emit(record)
  }
}
