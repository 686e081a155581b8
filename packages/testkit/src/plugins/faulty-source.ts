// A source that misbehaves as it is told, and otherwise counts.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ConfigDef,
  type ConfigValue,
  type ConnectorProps,
  defineConfig,
  type OffsetMap,
  type PartitionOffset,
  type RawConfig,
  type RecordMetadata,
  Schemas,
  SourceConnector,
  SourceRecord,
  SourceTask,
  type SourceTaskContext,
  type TaskClass,
} from '@millrace/api'
import { FAULT_CONFIG, Faults } from './faults.ts'

const VERSION = '0.1.0'
const REST_MS = 50

const CONFIG = defineConfig({
  topic: { type: 'string', importance: 'high', doc: 'The topic that receives the records.' },
  count: { type: 'long', default: 0, importance: 'low', doc: 'Records of each task; 0 for no end.' },
  'batch.size': { type: 'int', default: 10, importance: 'low', doc: 'Records a poll.' },
  'poll.ms': { type: 'long', default: 10, importance: 'low', doc: 'How long each poll waits, in milliseconds.' },
}).merge(FAULT_CONFIG)

/** Makes the texts `task-number`, and faults. */
export class FaultySourceConnector extends SourceConnector {
  readonly config: ConfigDef = CONFIG
  readonly version = VERSION
  #faults: Faults | null = null
  #props: ConnectorProps = {}

  override validate(props: RawConfig): ConfigValue[] | Promise<ConfigValue[]> {
    const values = this.config.validate(props)
    if (values.some((one) => one.errors.length > 0)) return values
    const waiting = new Faults(props).at('connector.validate')
    return waiting === undefined ? values : waiting.then(() => values)
  }
  start(props: ConnectorProps): void | Promise<void> {
    this.#props = props
    this.#faults = new Faults(props)
    return this.#faults.at('connector.start')
  }
  taskClass(): TaskClass<SourceTask> {
    return FaultySourceTask
  }
  async taskConfigs(maxTasks: number): Promise<ConnectorProps[]> {
    await this.#faults?.at('connector.taskConfigs', maxTasks)
    return Array.from({ length: maxTasks }, (_, task) => ({ ...this.#props, 'task.id': String(task) }))
  }
  stop(): void | Promise<void> {
    return this.#faults?.at('connector.stop')
  }
  override async alterOffsets(props: ConnectorProps, offsets: readonly PartitionOffset[]): Promise<boolean> {
    await new Faults(props).at('connector.alterOffsets', offsets)
    return true
  }
}

/** The task of {@link FaultySourceConnector}. Resumes after the last committed number. */
export class FaultySourceTask extends SourceTask {
  static readonly className = 'io.millrace.connect.test.FaultySourceTask'
  readonly version = VERSION
  #faults: Faults | null = null
  #config!: ReturnType<typeof CONFIG.parse>
  #task = 0
  #next = 0
  #partition: OffsetMap = {}

  override initialize(context: SourceTaskContext): void {
    super.initialize(context)
    this.#faults = new Faults(context.configs)
    const waiting = this.#faults.at('task.initialize')
    if (waiting !== undefined) throw new Error('initialize cannot wait: use throw, freeze or exit there')
  }
  async start(props: ConnectorProps): Promise<void> {
    this.#faults = new Faults(props)
    this.#config = CONFIG.parse(props)
    this.#task = Number(props['task.id'])
    this.#partition = { task: this.#task }
    this.#next = Number((await this.context.offsets.offset(this.#partition))?.number ?? -1) + 1
    await this.#faults.at('task.start', { next: this.#next })
  }
  async poll(): Promise<SourceRecord[] | null> {
    await this.#faults!.at('task.poll', { next: this.#next })
    const { topic, count, 'batch.size': size, 'poll.ms': ms } = this.#config
    const end = count > 0 ? Math.min(count, this.#next + size) : this.#next + size
    if (end <= this.#next) {
      await sleep(REST_MS)
      return null
    }
    await sleep(ms)
    const records: SourceRecord[] = []
    for (; this.#next < end; this.#next++) {
      records.push(
        new SourceRecord({
          sourcePartition: this.#partition,
          sourceOffset: { number: this.#next },
          topic,
          keySchema: Schemas.STRING,
          key: String(this.#task),
          valueSchema: Schemas.STRING,
          value: `${this.#task}-${this.#next}`,
        }),
      )
    }
    return records
  }
  override commit(): void | Promise<void> {
    return this.#faults!.at('task.commit')
  }
  override commitRecord(record: SourceRecord, metadata: RecordMetadata | null): void {
    const waiting = this.#faults!.at('task.commitRecord', {
      number: record.sourceOffset?.number,
      offset: metadata?.offset,
    })
    if (waiting !== undefined) throw new Error('commitRecord cannot wait: use throw, freeze or exit there')
  }
  stop(): void | Promise<void> {
    return this.#faults?.at('task.stop')
  }
}
