// The boundary between the control plane (main thread) and the data plane (pool threads): everything that crosses it.
// Records never do. All of it is plain data that structured clone can copy.

import type { ConnectorProps, Metric, OffsetMap, PartitionOffset, TopicPartitionOffset } from '@millrace/api'
import type { ListedModule, PluginSource } from '../plugins/sources.ts'

/** Names a task: `name-0` in texts. */
export interface TaskId {
  readonly connector: string
  readonly task: number
}

/** What a user wants a connector to be. */
export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED'
/** What a connector or task is, as the REST API and the status topic tell it. */
export type ReportedState = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'FAILED' | 'STOPPED' | 'RESTARTING' | 'DESTROYED'
export type ConnectorType = 'source' | 'sink'

/** An error as it crosses the boundary. */
export interface RemoteError {
  readonly className: string
  readonly code: string
  readonly message: string
  /** Whole trace with causes, as `stackTrace` prints it, secrets already masked. */
  readonly trace: string
  readonly configKey?: string
}

/** A definition of one key as the REST API shows it. */
export interface ConfigKeyInfo {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly default_value: string | null
  readonly importance: string
  readonly documentation: string
  readonly group: string | null
  readonly order_in_group: number
  readonly width: string
  readonly display_name: string
  readonly dependents: readonly string[]
}

/** The outcome for one key as the REST API shows it. */
export interface ConfigValueInfo {
  readonly name: string
  readonly value: string | null
  readonly recommended_values: readonly (string | null)[]
  readonly errors: readonly string[]
  readonly visible: boolean
}

/** Answer of PUT /connector-plugins/{p}/config/validate. */
export interface ConfigInfos {
  readonly name: string
  readonly error_count: number
  readonly groups: readonly string[]
  readonly configs: readonly { readonly definition: ConfigKeyInfo | null; readonly value: ConfigValueInfo | null }[]
}

/** All that a task needs to run; references to secrets are resolved. */
export interface StartTask {
  readonly id: TaskId
  readonly type: ConnectorType
  readonly connectorProps: ConnectorProps
  /** One map of the connector's `taskConfigs`, with `task.class`. */
  readonly taskProps: ConnectorProps
  readonly targetState: TargetState
  /** Texts that must never be printed (from config providers and PASSWORD keys). */
  readonly secrets: readonly string[]
  /** The task's share of its connector's limit; left out: none. */
  readonly rateLimit?: RateLimit
  /** Where the task notes what it is at, among the notes of its thread; the pool gives it. */
  readonly slot?: number
  /** A source that delivers exactly once (KIP-618); left out: at least once. */
  readonly exactlyOnce?: ExactlyOnceStart
}

/** What an exactly-once source task is started with. */
export interface ExactlyOnceStart {
  readonly transactionalId: string
  /** The set of task configurations that it is started from. */
  readonly generation: number
}

/** What a task is held to; null for no limit. */
export interface RateLimit {
  readonly recordsPerSecond: number | null
  readonly bytesPerSecond: number | null
}

/** Whether a task gets on. */
export type ProgressState = 'running' | 'idle' | 'behind' | 'stalled'

/** How a task gets on. */
export interface TaskProgress {
  readonly state: ProgressState
  /** Since when, milliseconds since the epoch. */
  readonly since: number
  /** One sentence, secrets masked; empty when there is nothing to explain. */
  readonly reason: string
}

/** One metric value; the control plane adds help texts and types from the metric table. */
export interface MetricSample {
  /** Group and attribute in the reference's words: `source-task-metrics`, `source-record-write-total`. */
  readonly group: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number | string
  /** Of a plugin's own metric, which no table knows: the name stands as the plugin gave it. */
  readonly own?: Pick<Metric, 'type' | 'help'>
}

/** Requests that the control plane sends to one pool thread; each is answered once, with a result or a {@link RemoteError}. */
export interface ThreadRequests {
  init: (p: {
    readonly workerId: string
    /** Worker configuration, references resolved. */
    readonly workerProps: ConnectorProps
    /** Where the thread's plugins come from. */
    readonly pluginModules: readonly PluginSource[]
    readonly logLevels: Readonly<Record<string, string>>
    /** `json` or `pretty`. */
    readonly logFormat: string
    /** Texts of the worker configuration that must never be printed. */
    readonly secrets: readonly string[]
  }) => void
  /** `props` have their references resolved; `validation/validate-connector.ts` does it. */
  validateConnector: (p: { readonly props: Readonly<Record<string, string | null>> }) => ConfigInfos
  /** `version` as in `connector.plugin.version`. */
  pluginConfig: (p: { readonly className: string; readonly version?: string }) => ConfigKeyInfo[]
  startConnector: (p: {
    readonly connector: string
    readonly type: ConnectorType
    readonly props: ConnectorProps
    readonly targetState: TargetState
    readonly secrets: readonly string[]
  }) => void
  /** Stops and forgets the connector instance; what it still does after `timeoutMs` is not told any more. */
  stopConnector: (p: { readonly connector: string; readonly timeoutMs: number }) => void
  /** Moves a running instance to another state; resolves when it is there. */
  setConnectorState: (p: { readonly connector: string; readonly targetState: TargetState }) => void
  /** Task configs of a started connector, `task.class` (and a sink's topics) added, `tasks.max` enforced. */
  taskConfigs: (p: { readonly connector: string; readonly maxTasks: number }) => ConnectorProps[]
  alterSourceOffsets: (p: {
    readonly props: ConnectorProps
    readonly offsets: readonly PartitionOffset[]
  }) => AlterOutcome
  alterSinkOffsets: (p: {
    readonly props: ConnectorProps
    readonly offsets: readonly TopicPartitionOffset[]
  }) => AlterOutcome
  startTask: (p: StartTask) => void
  /** Stops gracefully within `timeoutMs`, then abandons; resolves with how it ended. */
  stopTask: (p: { readonly id: TaskId; readonly timeoutMs: number }) => 'stopped' | 'abandoned' | 'unknown'
  /** Changes what a running task is held to, from its next batch on. */
  setTaskLimit: (p: { readonly id: TaskId; readonly limit: RateLimit | null }) => void
  setTaskState: (p: { readonly id: TaskId; readonly targetState: TargetState }) => void
  metrics: () => MetricSample[]
  /** Has the thread look how its tasks get on; what changed is told by events before the answer. */
  checkProgress: () => void
  /** Plugins that came since the thread began. Known before the next request is looked at. */
  addPlugins: (p: { readonly modules: readonly ListedModule[] }) => void
  setLogLevel: (p: { readonly logger: string; readonly level: string }) => void
  close: () => void
}

/** What a connector's own `alterOffsets` said. */
export type AlterOutcome = 'complete' | 'external' | 'unsupported'

/** Requests that a pool thread sends to the control plane; each is answered once. */
export interface ControlRequests {
  /** Committed source offsets, in the order asked; null where there is none. */
  readOffsets: (p: { readonly connector: string; readonly partitions: readonly OffsetMap[] }) => (OffsetMap | null)[]
  /** Stores source offsets; answered when they are durable. */
  writeOffsets: (p: { readonly connector: string; readonly offsets: readonly PartitionOffset[] }) => void
  /** Fences producers of older generations of a task's connector. Before the task's own producer begins (KIP-618). */
  fenceZombies: (p: { readonly id: TaskId }) => void
  /** Fails when the task's generation is not the newest, or the task is not this worker's any more. After its producer has begun. */
  verifyTask: (p: { readonly id: TaskId; readonly generation: number }) => void
  /** The keys under which offsets of each partition are written in the connector's offset topic. */
  offsetKeys: (p: {
    readonly connector: string
    readonly partitions: readonly OffsetMap[]
  }) => readonly (readonly Uint8Array[])[]
  /** Stores offsets that are in the connector's own offset topic in the worker's, too. */
  copyOffsets: (p: { readonly connector: string; readonly offsets: readonly PartitionOffset[] }) => void
}

/** Things a pool thread tells the control plane, unanswered, in order. */
export type ThreadEvent =
  | {
      readonly event: 'connectorState'
      readonly connector: string
      readonly state: ReportedState
      readonly error: RemoteError | null
      readonly version: string
    }
  | {
      readonly event: 'taskState'
      readonly id: TaskId
      readonly state: ReportedState
      readonly error: RemoteError | null
      readonly version: string
    }
  | { readonly event: 'taskProgress'; readonly id: TaskId; readonly progress: TaskProgress }
  /**
   * The thread of these tasks has not answered for `silentMs`; 0 when it does again. `suspects` are those whose code keeps
   * it busy, as far as that is known, and what they are at.
   */
  | {
      readonly event: 'threadSilent'
      readonly tasks: readonly TaskId[]
      readonly silentMs: number
      readonly suspects: readonly { readonly id: TaskId; readonly at: string }[]
    }
  | { readonly event: 'reconfigure'; readonly connector: string }
  | { readonly event: 'topicUsed'; readonly connector: string; readonly topic: string }
  /** A logger exists in the thread: users may ask for it, and set its level. */
  | { readonly event: 'loggerKnown'; readonly logger: string }
