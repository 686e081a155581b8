// Captures one database: snapshot first where one is due, then the stream of the slot.
import { type ConnectorProps, type MaybePromise, type SourceRecord, SourceTask } from '@millrace/api'
import { pause } from '@millrace/kit-cdc'
import { POSTGRES_CONFIG, type PostgresConfig } from './config.ts'
import { readOffset } from './offset.ts'
import { Plan, type Start } from './plan.ts'
import type { Streaming } from './streaming.ts'
import { VERSION } from './version.ts'

/** The longest that a poll waits, ms: a task that is to stop waits no longer anyway. */
const MOST_WAIT_MS = 500
/** Offsets are read back to know what is stored: not more often than this, ms. */
const CONFIRM_EVERY_MS = 500

/** The only task of a connector. */
export class PostgresConnectorTask extends SourceTask {
  static readonly className: string = 'io.debezium.connector.postgresql.PostgresConnectorTask'
  readonly version = VERSION
  #config!: PostgresConfig
  #plan: Plan | null = null
  #start: Start | null = null
  #streaming: Streaming | null = null
  #confirmedAt = 0

  async start(props: ConnectorProps): Promise<void> {
    this.#config = POSTGRES_CONFIG.parse(props)
    const plan = (this.#plan = new Plan(this.#config, props, this.context))
    this.#start = await plan.begin()
  }

  async poll(): Promise<SourceRecord[] | null> {
    const start = this.#start
    if (start === null) return null
    const waitMs = Math.min(this.#config['poll.interval.ms'], MOST_WAIT_MS)
    const { signal } = this.context
    if (start.snapshot !== null) {
      const records = await start.snapshot.poll(this.#config['max.batch.size'], waitMs, signal)
      if (records !== null) return records
      await start.snapshot.close()
      this.context.log.info('The snapshot is complete')
      if (start.snapshot.isEmpty) start.isStored = true
      start.snapshot = null
      if (start.streams) await pause(this.#config['streaming.delay.ms'], signal)
    }
    if (!start.streams) {
      await pause(waitMs, signal)
      return null
    }
    this.#streaming ??= await this.#stream(start)
    return this.#streaming.poll(waitMs, signal)
  }

  override async commit(): Promise<void> {
    if (this.#streaming === null || Date.now() - this.#confirmedAt < CONFIRM_EVERY_MS) return
    this.#confirmedAt = Date.now()
    await this.#confirm(this.#streaming)
  }

  async stop(): Promise<void> {
    const streaming = this.#streaming
    this.#streaming = null
    if (streaming !== null) {
      await this.#confirm(streaming).catch((error: unknown) =>
        this.context.log.warn('Cannot read the last offset', { error }),
      )
      await streaming.close()
    }
    await this.#start?.snapshot?.close()
    await this.#plan?.close(this.#config['slot.drop.on.stop'])
  }

  /** Reads back what is stored: records are acknowledged in any order, and only the stored offset says that all before it are. */
  async #confirm(streaming: Streaming): Promise<void> {
    const stored = await this.context.offsets.offset(streaming.partition)
    if (stored === null) return
    const { position, isSnapshotOpen } = readOffset(stored)
    if (!isSnapshotOpen) streaming.committed(position)
  }

  #stream(start: Start): MaybePromise<Streaming> {
    return (this.#plan as Plan).stream(start)
  }
}
