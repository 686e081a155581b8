// A sink that misbehaves as it is told, and otherwise takes everything.
import {
  type ConfigDef,
  type ConfigValue,
  type ConnectorProps,
  defineConfig,
  type OffsetsByPartition,
  type RawConfig,
  SinkConnector,
  type SinkRecord,
  SinkTask,
  type TaskClass,
  type TopicPartition,
  type TopicPartitionOffset,
} from '@millrace/api'
import { FAULT_CONFIG, Faults } from './faults.ts'

const VERSION = '0.1.0'
const CONFIG = defineConfig({}).merge(FAULT_CONFIG)

/** Takes records, and faults. Journals offsets of each put, so that a test sees what was delivered and delivered again. */
export class FaultySinkConnector extends SinkConnector {
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
  taskClass(): TaskClass<SinkTask> {
    return FaultySinkTask
  }
  async taskConfigs(maxTasks: number): Promise<ConnectorProps[]> {
    await this.#faults?.at('connector.taskConfigs', maxTasks)
    return Array.from({ length: maxTasks }, (_, task) => ({ ...this.#props, 'task.id': String(task) }))
  }
  stop(): void | Promise<void> {
    return this.#faults?.at('connector.stop')
  }
  override async alterOffsets(props: ConnectorProps, offsets: readonly TopicPartitionOffset[]): Promise<boolean> {
    await new Faults(props).at('connector.alterOffsets', offsets)
    return true
  }
}

/** The task of {@link FaultySinkConnector}. */
export class FaultySinkTask extends SinkTask {
  static readonly className = 'io.millrace.connect.test.FaultySinkTask'
  readonly version = VERSION
  #faults: Faults | null = null

  start(props: ConnectorProps): void | Promise<void> {
    this.#faults = new Faults(props)
    return this.#faults.at('task.start')
  }
  override open(partitions: readonly TopicPartition[]): void | Promise<void> {
    return this.#faults!.at('task.open', namesOf(partitions))
  }
  put(records: readonly SinkRecord[]): void | Promise<void> {
    // Calls without records come when they like, more of them on a busy machine: faults are for batches.
    if (records.length > 0) return this.#faults!.at('task.put', rangesOf(records))
    this.#faults!.note('task.put', rangesOf(records))
  }
  override async preCommit(offsets: OffsetsByPartition): Promise<OffsetsByPartition> {
    await this.#faults!.at(
      'task.preCommit',
      Object.fromEntries([...offsets].map(({ topic, partition, offset }) => [`${topic}-${partition}`, offset])),
    )
    return offsets
  }
  override close(partitions: readonly TopicPartition[]): void | Promise<void> {
    return this.#faults!.at('task.close', namesOf(partitions))
  }
  stop(): void | Promise<void> {
    return this.#faults?.at('task.stop')
  }
}

function namesOf(partitions: readonly TopicPartition[]): string[] {
  return partitions.map(({ topic, partition }) => `${topic}-${partition}`)
}

/** How many records, and the first and last offset of each partition. */
function rangesOf(records: readonly SinkRecord[]) {
  const ranges: Record<string, { first: number; last: number }> = {}
  for (const { originalTopic, originalKafkaPartition, kafkaOffset } of records) {
    const name = `${originalTopic}-${originalKafkaPartition}`
    ranges[name] = { first: ranges[name]?.first ?? kafkaOffset, last: kafkaOffset }
  }
  return { count: records.length, ...ranges }
}
