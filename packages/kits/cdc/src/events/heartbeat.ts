// Heartbeats: records with the present position, so that it is stored also while captured tables are quiet.
import { type Logger, type OffsetMap, SourceRecord } from '@millrace/api'
import type { NameAdjuster } from '../names/adjust.ts'
import { heartbeatSchemas } from '../schema/common.ts'

/** Settings of heartbeats. */
export interface HeartbeatOptions {
  readonly intervalMs: number
  readonly topic: string
  /** `topic.prefix`: the key of all heartbeats. */
  readonly serverName: string
  readonly partition: OffsetMap
  readonly adjustSchemaName: NameAdjuster
  readonly emit: (record: SourceRecord) => void
  /** Runs `heartbeat.action.query`; null for none. Its failure is logged, the heartbeat is sent. */
  readonly action: (() => Promise<void>) | null
  readonly log: Logger
}

/** Beats at most once an interval, when asked. The connector asks after each chunk of input and on its own keep-alive timer. */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #schemas: ReturnType<typeof heartbeatSchemas>
  #last = performance.now()
  #acting = false

  constructor(options: HeartbeatOptions) {
    this.#options = options
    this.#schemas = heartbeatSchemas(options.adjustSchemaName)
  }

  get enabled(): boolean {
    return this.#options.intervalMs > 0
  }

  /** Whether the interval has passed. Costs one reading of the clock. */
  get due(): boolean {
    return this.enabled && performance.now() - this.#last >= this.#options.intervalMs
  }

  /** Beats when the interval has passed. */
  beat(offset: OffsetMap): void {
    if (this.due) this.force(offset)
  }

  /** Beats now. An empty offset is not sent: there is nothing to resume from. */
  force(offset: OffsetMap): void {
    this.#last = performance.now()
    this.#act()
    if (Object.keys(offset).length === 0) return
    const { partition, topic, serverName, emit } = this.#options
    emit(
      new SourceRecord({
        sourcePartition: partition,
        sourceOffset: offset,
        topic,
        kafkaPartition: 0,
        keySchema: this.#schemas.key,
        key: { serverName },
        valueSchema: this.#schemas.value,
        value: { ts_ms: Date.now() },
      }),
    )
  }

  /** One query at a time: a slow one is not run twice. */
  #act(): void {
    const { action, log } = this.#options
    if (action === null || this.#acting) return
    this.#acting = true
    action()
      .catch((error: unknown) => log.error('The heartbeat.action.query failed', { error }))
      .finally(() => {
        this.#acting = false
      })
  }
}
