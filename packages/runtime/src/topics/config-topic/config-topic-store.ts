// The cluster's configuration in Kafka: what the herder reads as snapshots and writes record by record.
import { ConnectException, type ConnectorProps, errorMessage, type Logger } from '@millrace/api'
import type { RestartRequest, StoredConfig } from '../../control/entities.ts'
import type { TargetState } from '../../plane/messages.ts'
import { requireSinglePartition } from '../internal-topics.ts'
import type { TopicLog } from '../kafka-based-log.ts'
import type { InternalTopic } from '../settings.ts'
import { TimeBudget, withinMs } from '../time-limit.ts'
import type { ClusterConfigState, SessionKey } from './cluster-config-state.ts'
import type { ConfigReader, ConfigUpdateListener } from './config-reader.ts'
import { PrivilegedWriteException, type PrivilegedWriter } from './privileged-writer.ts'
import * as records from './records.ts'

/**
 * The config topic as the distributed herder uses it.
 *
 * Set a listener, start, and take a {@link snapshot}; from then on the listener hears of every change, whoever made it.
 * A worker that became leader calls {@link claimWritePrivileges} before its first write marked "leader" below. Those
 * writes resolve when the record was written and read back: the snapshot holds it. They take 30 seconds at most and then
 * throw a ConnectException; whether the record was written is not known then. A {@link PrivilegedWriteException} means
 * that the privileges are gone: another worker may lead; claim them again at the next tick if this one still does.
 */
export interface ConfigBackingStore {
  /** Before {@link start}. */
  setUpdateListener(listener: ConfigUpdateListener): void
  /** Creates or checks the topic, and reads it to its end. @throws ConnectException, ConfigException */
  start(): Promise<void>
  stop(): Promise<void>
  /** The configuration as read so far; the same object until a record changes it. */
  snapshot(): ClusterConfigState
  contains(connector: string): boolean
  /** Reads to the end of the topic as of now. @throws ConnectException caused by a `TimeoutException` after `timeoutMs` */
  refresh(timeoutMs: number): Promise<void>
  /** Fences every other worker's leader writes, where exactly-once is prepared or enabled; else nothing. Idempotent. */
  claimWritePrivileges(): Promise<void>

  /** Leader. Creates or changes a connector; with `targetState` (creation) that is written before it. */
  putConnectorConfig(connector: string, config: StoredConfig, targetState?: TargetState | null): Promise<void>
  /** Leader. Tombstones of the configuration and the target state; all else of a connector stays in the topic. */
  removeConnectorConfig(connector: string): Promise<void>
  /** Leader. All task configurations of a connector, put in force together. */
  putTaskConfigs(connector: string, configs: readonly ConnectorProps[]): Promise<void>
  /** Leader. Zombies of earlier generations were fenced: the number of tasks that may run from now on. */
  putTaskCountRecord(connector: string, taskCount: number): Promise<void>
  /** Leader. */
  putSessionKey(key: SessionKey): Promise<void>
  /** Leader. Every worker's listener gets it, this one's too. */
  putRestartRequest(request: RestartRequest): Promise<void>

  /** Any worker. Resolves when it is written; the snapshot follows. */
  putTargetState(connector: string, state: TargetState): Promise<void>
  /** Any worker. Resolves when it is written; every worker's listener gets it. */
  putLoggerLevel(namespace: string, level: string): Promise<void>
}

/** What {@link ConfigTopicStore} is made of. */
export interface ConfigTopicParts {
  readonly topic: InternalTopic
  readonly topicLog: TopicLog
  /** The one that gets the log's records. */
  readonly reader: ConfigReader
  readonly writer: PrivilegedWriter
  readonly log: Logger
}

/** Limit of every write, reading back included. */
const WRITE_MS = 30_000

export class ConfigTopicStore implements ConfigBackingStore {
  readonly #parts: ConfigTopicParts
  #listener: ConfigUpdateListener | null = null

  constructor(parts: ConfigTopicParts) {
    this.#parts = parts
  }

  setUpdateListener(listener: ConfigUpdateListener): void {
    this.#listener = listener
  }
  async start(): Promise<void> {
    const { topic, topicLog, reader } = this.#parts
    await topicLog.start()
    try {
      requireSinglePartition(topic, topicLog.partitionCount)
    } catch (error) {
      await topicLog.stop()
      throw error
    }
    reader.listener = this.#listener
  }
  async stop(): Promise<void> {
    await this.#parts.writer.close()
    await this.#parts.topicLog.stop()
    this.#parts.reader.listener = null
  }

  snapshot(): ClusterConfigState {
    return this.#parts.reader.snapshot
  }
  contains(connector: string): boolean {
    return this.snapshot().contains(connector)
  }
  async refresh(timeoutMs: number): Promise<void> {
    await failing('Error trying to read to end of config log', () => this.#parts.topicLog.readToEnd(timeoutMs))
  }
  claimWritePrivileges(): Promise<void> {
    return this.#parts.writer.claim()
  }

  putConnectorConfig(connector: string, config: StoredConfig, targetState?: TargetState | null): Promise<void> {
    const state = targetState == null ? [] : [records.targetStateRecord(connector, targetState)]
    return this.#put('Error writing connector configuration to Kafka', [
      ...state,
      records.connectorRecord(connector, config),
    ])
  }
  removeConnectorConfig(connector: string): Promise<void> {
    return this.#put('Error removing connector configuration from Kafka', [
      records.connectorRecord(connector, null),
      records.targetStateRecord(connector, null),
    ])
  }
  async putTaskConfigs(connector: string, configs: readonly ConnectorProps[]): Promise<void> {
    const budget = new TimeBudget(WRITE_MS)
    const { topicLog } = this.#parts
    const tasks = configs.map((config, task) => records.taskRecord({ connector, task }, config))
    // Whoever led before may have written: what is read here must not come between these records and their commit.
    await failing('Error writing root configuration to Kafka', () => topicLog.readToEnd(budget.leftMs))
    if (tasks.length > 0) {
      await failing('Error writing task configurations to Kafka', () => this.#send(tasks, budget))
    }
    await failing('Error writing root configuration to Kafka', async () => {
      if (tasks.length > 0) await topicLog.readToEnd(budget.leftMs)
      await this.#send([records.commitRecord(connector, tasks.length)], budget)
      await topicLog.readToEnd(budget.leftMs)
    })
  }
  putTaskCountRecord(connector: string, taskCount: number): Promise<void> {
    return this.#put('Error writing task count record to Kafka', [records.taskCountRecord(connector, taskCount)])
  }
  putSessionKey(key: SessionKey): Promise<void> {
    return this.#put('Error writing session key to Kafka', [records.sessionKeyRecord(key)])
  }
  putRestartRequest(request: RestartRequest): Promise<void> {
    const { connector, onlyFailed, includeTasks } = request
    const text = `restart request for {connectorName='${connector}', onlyFailed=${onlyFailed}, includeTasks=${includeTasks}}`
    return this.#put(`Error writing ${text} to Kafka`, [records.restartRecord(request)])
  }

  putTargetState(connector: string, state: TargetState): Promise<void> {
    return this.#putPlain('Error writing target state to Kafka', records.targetStateRecord(connector, state))
  }
  putLoggerLevel(namespace: string, level: string): Promise<void> {
    return this.#putPlain('Error writing logger level to Kafka', records.loggerRecord(namespace, level))
  }

  async #put(failure: string, some: readonly records.ConfigRecord[]): Promise<void> {
    const budget = new TimeBudget(WRITE_MS)
    await failing(failure, async () => {
      await this.#send(some, budget)
      await this.#parts.topicLog.readToEnd(budget.leftMs)
    })
  }
  async #putPlain(failure: string, { key, value }: records.ConfigRecord): Promise<void> {
    await failing(failure, () => withinMs(this.#parts.topicLog.send(key, value), WRITE_MS, `Writing '${key}'`))
  }
  #send(some: readonly records.ConfigRecord[], budget: TimeBudget): Promise<void> {
    return this.#parts.writer.write(some, budget.leftMs)
  }
}

/** Wraps what goes wrong as the reference does. Lost privileges are told as such: they need another answer than a retry. */
async function failing(message: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (
      error instanceof PrivilegedWriteException ||
      (error instanceof Error && error.name === 'IllegalStateException')
    ) {
      throw error
    }
    throw new ConnectException(`${message}: ${errorMessage(error)}`, { cause: error })
  }
}
