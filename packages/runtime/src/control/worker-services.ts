// What a worker can say and do without knowing who decides: plugins, validation, log levels, metrics. All herders offer it.
import { type Logger, NotFoundException, type RawConfig } from '@millrace/api'
import { parseLevel } from '../logging/levels.ts'
import type { LoggerLevel } from '../logging/log-tree.ts'
import type { Logging } from '../logging/logging.ts'
import { SampleMerger, type WorkerMetrics } from '../metrics/worker-metrics.ts'
import type { ConnectorType, MetricSample } from '../plane/messages.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import type { AutoRestarts } from './auto-restarts.ts'
import { type ValidationParts, validateConfig } from './connector-validation.ts'
import type { ConfigInfos, ConfigKeyInfo, PluginInfo, StoredConfig } from './entities.ts'
import { listPlugins } from './plugin-list.ts'
import type { RescanResult } from './plugin-rescan.ts'
import type { ProgressWatch } from './progress-watch.ts'
import type { Worker } from './worker.ts'

/** What the services stand on. */
export interface WorkerServiceParts {
  readonly worker: Worker
  readonly registry: PluginRegistry
  readonly logging: Logging
  readonly metrics: WorkerMetrics
  readonly restarts: AutoRestarts
  readonly watch: ProgressWatch
  readonly log: Logger
}

/** The services of one worker. */
export class WorkerServices {
  readonly #parts: WorkerServiceParts
  readonly #merger = new SampleMerger()
  readonly validation: ValidationParts

  constructor(parts: WorkerServiceParts) {
    this.#parts = parts
    const { worker, registry, logging, log } = parts
    this.validation = { worker, registry, mask: logging.mask, log }
  }

  /** What a connector of this configuration is. */
  typeOf(config: StoredConfig | undefined): ConnectorType | 'unknown' {
    try {
      return this.#parts.registry.connector(config?.['connector.class'] ?? '').kind
    } catch {
      return 'unknown'
    }
  }

  plugins(connectorsOnly: boolean): readonly PluginInfo[] {
    return listPlugins(this.#parts.registry, connectorsOnly)
  }
  async pluginConfig(name: string, version?: string): Promise<readonly ConfigKeyInfo[]> {
    const className = this.#parts.registry.classNameOf(name)
    if (className === undefined) throw new NotFoundException(`Unknown plugin ${name}.`)
    return this.#parts.worker.pluginConfig(className, version)
  }
  /** Looks at `plugin.path` again. */
  rescanPlugins(): Promise<RescanResult> {
    return this.#parts.worker.plugins.look()
  }
  async validate(config: RawConfig): Promise<ConfigInfos> {
    await this.#parts.worker.plugins.ifMissing(config)
    return validateConfig(this.validation, config)
  }

  loggerLevels(): Readonly<Record<string, LoggerLevel>> {
    return this.#parts.logging.tree.all()
  }
  loggerLevel(name: string): LoggerLevel | undefined {
    return this.#parts.logging.tree.level(name)
  }
  /** Names of the loggers it changed. @throws NotFoundException for a level that is none */
  async setLoggerLevel(namespace: string, level: string): Promise<readonly string[]> {
    const parsed = parseLevel(level)
    if (parsed === undefined) throw new NotFoundException(`invalid log level '${level}'.`)
    const names = this.#parts.logging.tree.setLevel(namespace, parsed)
    await this.#parts.worker.setLogLevel(namespace, parsed)
    return names
  }

  async metrics(): Promise<readonly MetricSample[]> {
    const threads = await this.#parts.worker.metrics()
    const { metrics, restarts, watch } = this.#parts
    return this.#merger.merge(
      [...metrics.samples(), ...restarts.samples(), ...watch.samples()],
      threads,
      (connector, task) => metrics.blank(connector, task),
    )
  }
}
