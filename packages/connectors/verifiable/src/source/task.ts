// Numbers records, and keeps a journal of them.
import {
  ConnectException,
  type ConnectorProps,
  type MaybePromise,
  type OffsetMap,
  type RecordMetadata,
  SchemaBuilder,
  Schemas,
  SourceRecord,
  SourceTask,
} from '@millrace/api'
import type { CommittedEntry, SentEntry } from '../entries.ts'
import { Journal } from '../journal.ts'
import { VERSION } from '../version.ts'
import { SOURCE_CONFIG, type SourceConfig } from './config.ts'

const MOST_WAIT_MS = 500

/** The value under `complete.record.data`. */
const COMPLETE_SCHEMA = SchemaBuilder.struct()
  .field('name', Schemas.STRING)
  .field('task', Schemas.INT32)
  .field('topic', Schemas.STRING)
  .field('time_ms', Schemas.INT64)
  .field('seqno', Schemas.INT64)
  .build()

/** Makes records with the task's number as key and a sequence number without gaps as value; resumes after the last committed one. */
export class VerifiableSourceTask extends SourceTask {
  static readonly className = 'org.apache.kafka.connect.tools.VerifiableSourceTask'
  readonly version = VERSION
  #config!: SourceConfig
  #partition!: OffsetMap
  #journal: Journal | null = null
  #acknowledged: CommittedEntry[] = []
  #seqno = 0
  #firstSeqno = 0
  #startedAt = 0

  async start(props: ConnectorProps): Promise<void> {
    this.#config = SOURCE_CONFIG.parse(props)
    this.#partition = Object.freeze({ id: this.#config.id })
    const seqno = (await this.context.offsets.offset(this.#partition))?.seqno
    if (seqno !== undefined && !Number.isSafeInteger(Number(seqno))) {
      throw new ConnectException(`The committed offset of task ${this.#config.id} has no integer seqno: ${seqno}`)
    }
    this.#seqno = this.#firstSeqno = seqno === undefined ? 0 : Number(seqno) + 1
    this.#startedAt = performance.now()
    this.#journal = new Journal(this.#config.file)
    this.context.log.info(
      `Started VerifiableSourceTask ${this.#config.name}-${this.#config.id} producing to topic ${this.#config.topic} resuming from seqno ${this.#seqno}`,
    )
  }

  poll(): MaybePromise<SourceRecord[] | null> {
    this.#writeAcknowledged()
    const count = this.#due()
    return count > 0 ? this.#records(count) : this.#wait()
  }

  override commitRecord(record: SourceRecord, metadata: RecordMetadata | null): void {
    this.#acknowledged.push({
      name: this.#config.name,
      task: this.#config.id,
      topic: this.#config.topic,
      time_ms: Date.now(),
      seqno: Number(record.sourceOffset?.seqno),
      committed: true,
      ...(metadata !== null && { partition: metadata.partition, offset: metadata.offset }),
    })
  }

  /** Before offsets count as stored, the journal has every record below them. */
  override commit(): void {
    this.#writeAcknowledged()
  }

  stop(): void {
    this.#writeAcknowledged()
    this.#journal?.close()
    this.#journal = null
  }

  #records(count: number): SourceRecord[] {
    const { name, id, topic, partitions, 'complete.record.data': complete } = this.#config
    const time_ms = Date.now()
    const sent = Array.from(
      { length: count },
      (_, i): SentEntry => ({ name, task: id, topic, time_ms, seqno: this.#seqno + i }),
    )
    this.#journal!.write(sent)
    this.#seqno += count
    return sent.map(
      (entry) =>
        new SourceRecord({
          sourcePartition: this.#partition,
          sourceOffset: { seqno: entry.seqno },
          topic,
          kafkaPartition: partitions > 0 ? entry.seqno % partitions : null,
          keySchema: Schemas.INT32,
          key: id,
          valueSchema: complete ? COMPLETE_SCHEMA : Schemas.INT64,
          value: complete ? entry : entry.seqno,
        }),
    )
  }

  #writeAcknowledged(): void {
    this.#journal?.write(this.#acknowledged)
    this.#acknowledged = []
  }

  /** How many records may go now. */
  #due(): number {
    const { throughput, count, 'batch.size': most } = this.#config
    const left = count > 0 ? count - this.#seqno : most
    if (throughput < 0) return Math.min(most, left)
    const allowed = Math.floor(((performance.now() - this.#startedAt) * throughput) / 1000)
    return Math.min(most, left, allowed - (this.#seqno - this.#firstSeqno))
  }

  #wait(): Promise<null> {
    const { throughput } = this.#config
    const ms = throughput > 0 ? Math.min(MOST_WAIT_MS, Math.max(1, 1000 / throughput)) : MOST_WAIT_MS
    const { signal } = this.context
    if (signal.aborted) return Promise.resolve(null)
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve(null)
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done)
    })
  }
}
