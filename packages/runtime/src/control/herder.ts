// The herder as REST and the command see it: what can be asked of a worker, whatever its mode. Calls reject with a
// ConnectException (RestException where the status matters); names and messages are the reference's.
import type { RawConfig } from '@millrace/api'
import type { LoggerLevel } from '../logging/log-tree.ts'
import type { MetricSample, TargetState } from '../plane/messages.ts'
import type {
  ConfigInfos,
  ConfigKeyInfo,
  ConnectorInfo,
  ConnectorOffsets,
  ConnectorStateInfo,
  OffsetEntry,
  PluginInfo,
  RestartRequest,
  StoredConfig,
  TaskId,
  TaskInfo,
  TaskState,
} from './entities.ts'

import type { HealthReport } from './health.ts'
import type { RescanResult } from './plugin-rescan.ts'

/** A put configuration: whether the connector is new. */
export interface Created {
  readonly created: boolean
  readonly info: ConnectorInfo
}

/** A request of another worker, as it came: it is signed. */
export interface InternalRequest {
  readonly body: string
  /** Value of a header, by its name in any case. */
  readonly header: (name: string) => string | undefined
}

/** Everything that users may do with connectors. */
export interface Herder {
  /** True once what was named at the start has been dealt with. */
  readonly ready: boolean
  readonly workerId: string
  /** Waits for the brokers a bounded time; null when none answered. */
  kafkaClusterId(): Promise<string | null>
  /** Resolves when the herder can take requests: the sign of life behind /health. */
  healthCheck(): Promise<void>

  /** What is wrong with this worker, from what it knows: asks nobody, and answers at once. */
  health(): HealthReport

  connectors(): readonly string[]
  /** @throws NotFoundException */
  connectorInfo(name: string): ConnectorInfo
  /** @throws NotFoundException */
  taskInfos(name: string): readonly TaskInfo[]
  /** @throws NotFoundException `No status found for connector ..` */
  connectorStatus(name: string): ConnectorStateInfo
  /** @throws NotFoundException `No status found for task ..` */
  taskStatus(id: TaskId): TaskState

  /**
   * Creates or replaces a connector and resolves when it was started and its tasks were planned.
   * @throws BadRequestException for a configuration with errors, AlreadyExistsException unless `allowReplace`
   */
  putConnectorConfig(
    name: string,
    config: RawConfig,
    options: { readonly allowReplace: boolean; readonly initialState?: TargetState },
  ): Promise<Created>
  patchConnectorConfig(name: string, patch: RawConfig): Promise<Created>
  deleteConnector(name: string): Promise<void>

  pauseConnector(name: string): Promise<void>
  resumeConnector(name: string): Promise<void>
  stopConnector(name: string): Promise<void>
  restartConnector(name: string): Promise<void>
  restartConnectorAndTasks(request: RestartRequest): Promise<ConnectorStateInfo>
  restartTask(id: TaskId): Promise<void>

  connectorOffsets(name: string): Promise<ConnectorOffsets>
  /** The text for the user. */
  alterConnectorOffsets(name: string, offsets: readonly OffsetEntry[]): Promise<string>
  resetConnectorOffsets(name: string): Promise<string>

  activeTopics(name: string): readonly string[]
  resetActiveTopics(name: string): void

  plugins(connectorsOnly: boolean): readonly PluginInfo[]
  pluginConfig(name: string, version?: string): Promise<readonly ConfigKeyInfo[]>
  /** Looks at `plugin.path` again: what is new can be named from then on, on this worker. */
  rescanPlugins(): Promise<RescanResult>
  validateConnectorConfig(config: RawConfig): Promise<ConfigInfos>

  loggerLevels(): Readonly<Record<string, LoggerLevel>>
  loggerLevel(name: string): LoggerLevel | undefined
  /** Names of the loggers it changed. `level` is a valid one. */
  setLoggerLevel(namespace: string, level: string): Promise<readonly string[]>
  /** Sets a level on all workers of the cluster; resolves when they are told. */
  setClusterLoggerLevel(namespace: string, level: string): Promise<void>

  /** Task configs pushed from another worker: only between distributed workers. */
  putTaskConfigs(name: string, configs: readonly StoredConfig[], request: InternalRequest): Promise<void>
  /** Zombie fencing: only between distributed workers. */
  fenceZombieSourceTasks(name: string, request: InternalRequest): Promise<void>

  metrics(): Promise<readonly MetricSample[]>
}
