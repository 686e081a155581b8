// Keeps a journal of the records it is given.
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectorProps, type MaybePromise, type SinkRecord, SinkTask } from '@millrace/api'
import type { ReceivedEntry } from '../entries.ts'
import { Journal } from '../journal.ts'
import { VERSION } from '../version.ts'
import { SINK_CONFIG, type SinkConfig } from './config.ts'

/** Writes a line for each record before {@link VerifiableSinkTask.put} returns; offsets are committed after the lines are on disk. */
export class VerifiableSinkTask extends SinkTask {
  static readonly className = 'org.apache.kafka.connect.tools.VerifiableSinkTask'
  readonly version = VERSION
  #config!: SinkConfig
  #journal: Journal | null = null
  /** What standard output has to be told again; unused with a file. */
  #unflushed: ReceivedEntry[] = []

  start(props: ConnectorProps): void {
    this.#config = SINK_CONFIG.parse(props)
    this.#journal = new Journal(this.#config.file)
  }

  put(records: readonly SinkRecord[]): MaybePromise<void> {
    if (records.length === 0) return
    const { name, id, file, 'put.delay.ms': delayMs } = this.#config
    const time_ms = Date.now()
    const entries = records.map(
      (record): ReceivedEntry => ({
        name,
        task: plain(record.key),
        sinkTask: id,
        topic: record.originalTopic,
        partition: record.originalKafkaPartition,
        time_ms,
        seqno: seqnoOf(record.value),
        offset: record.kafkaOffset,
      }),
    )
    this.#journal!.write(entries)
    if (file === null) this.#unflushed.push(...entries)
    if (delayMs > 0) return sleep(delayMs)
  }

  override flush(): void {
    const time_ms = Date.now()
    this.#journal?.write(this.#unflushed.map((entry): ReceivedEntry => ({ ...entry, time_ms, flushed: true })))
    this.#unflushed = []
    this.#journal?.sync()
  }

  stop(): void {
    this.#journal?.close()
    this.#journal = null
  }
}

/** The sequence number: the value itself, or its field when the source sends complete records. */
function seqnoOf(value: unknown): unknown {
  const inner = value instanceof Map ? value.get('seqno') : undefined
  if (inner !== undefined) return plain(inner)
  return typeof value === 'object' && value !== null && 'seqno' in value ? plain(value.seqno) : plain(value)
}

/** What JSON can say of it. */
function plain(value: unknown): unknown {
  return typeof value === 'bigint' || Buffer.isBuffer(value) ? String(value) : value
}
