// Connectors: they plan the work of their tasks, and touch no record.
import type { ConfigDef, ConfigValue, RawConfig } from '../config/config-def.ts'
import type { OffsetMap } from '../record/source-record.ts'
import type { MaybePromise } from './converter.ts'
import type { Logger } from './logger.ts'
import type { SinkTask } from './sink-task.ts'
import type { SourceTask } from './source-task.ts'

/** Configuration of a connector or task: text by key, no nulls. */
export type ConnectorProps = Readonly<Record<string, string>>

/** What the runtime offers a connector. */
export interface ConnectorContext {
  readonly log: Logger
  /** Asks for {@link Connector.taskConfigs} to be called again, because the outside world changed. Returns at once. */
  requestTaskReconfiguration(): void
  /** Fails the connector from outside a call of the runtime. */
  raiseError(error: unknown): void
}

/** What the runtime offers a source connector. */
export interface SourceConnectorContext extends ConnectorContext {
  readonly offsets: OffsetReader
}

/** Reads committed source offsets. */
export interface OffsetReader {
  /** The last committed offset of a partition, or null. */
  offset(partition: OffsetMap): Promise<OffsetMap | null>
  /** The last committed offsets of many partitions, in the order asked. */
  offsets(partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]>
}

/**
 * Base of {@link SourceConnector} and {@link SinkConnector}.
 *
 * Order of calls: constructor without arguments, `initialize`, `start`, then `taskConfigs` any number of times, `stop`.
 * `validate` and `config` may be asked of an instance that is never started. Calls never overlap.
 */
export abstract class Connector<C extends ConnectorContext = ConnectorContext> {
  /** Keys this connector and its tasks read. */
  abstract readonly config: ConfigDef
  abstract readonly version: string
  protected context!: C

  /** Hands over the context. Called once, before start. */
  initialize(context: C): void {
    this.context = context
  }
  /** Begins: `props` are complete and valid, references to secrets resolved. */
  abstract start(props: ConnectorProps): MaybePromise<void>
  /** Splits the work into at most `maxTasks` parts. An empty list means that there is nothing to do now. */
  abstract taskConfigs(maxTasks: number): MaybePromise<ConnectorProps[]>
  /** Ends; must be safe after a failed start. */
  abstract stop(): MaybePromise<void>

  /** Checks beyond single keys. By default the definition's own checks; results replace the framework's for the same keys. */
  validate(props: RawConfig): MaybePromise<ConfigValue[]> {
    return this.config.validate(props)
  }
}

/** A plugin that brings records into Kafka. */
export abstract class SourceConnector extends Connector<SourceConnectorContext> {
  /** The class of its tasks. */
  abstract taskClass(): TaskClass<SourceTask>
  /** Whether the given configuration can be exactly-once (KIP-618); undefined when the connector cannot tell. */
  exactlyOnceSupport?(props: ConnectorProps): 'supported' | 'unsupported'
  /** Whether the connector can define transaction boundaries with this configuration (KIP-618). */
  canDefineTransactionBoundaries?(props: ConnectorProps): 'supported' | 'unsupported'
  /**
   * Checks and takes over a change of offsets made by a user (KIP-875). A null offset is a reset.
   * @returns true when the change is complete, false when the source system keeps offsets that must be changed apart
   * @throws ConnectException when the offsets make no sense for this connector
   */
  alterOffsets?(props: ConnectorProps, offsets: readonly PartitionOffset[]): MaybePromise<boolean>
}

/** One source partition and its new offset; null resets it. */
export interface PartitionOffset {
  readonly partition: OffsetMap
  readonly offset: OffsetMap | null
}

/** A plugin that takes records out of Kafka. */
export abstract class SinkConnector extends Connector<ConnectorContext> {
  abstract taskClass(): TaskClass<SinkTask>
  /** As {@link SourceConnector.alterOffsets}, for consumer offsets. */
  alterOffsets?(props: ConnectorProps, offsets: readonly TopicPartitionOffset[]): MaybePromise<boolean>
}

/** A topic partition and its new offset; null resets it. */
export interface TopicPartitionOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number | null
}

/** A task's class: constructed without arguments in the thread that runs it. `className` stands in task configs as `task.class`. */
export interface TaskClass<T> {
  new (): T
  readonly className: string
}
