// How every worker begins: its plugins found, its configuration read, references resolved, secrets known to the logs.
import { type ConfigDef, ConfigException, ConnectException, type ConnectorProps, type Logger } from '@millrace/api'
import { ConfigTransformer } from '../config/config-transformer.ts'
import { wellKnownSecrets } from '../config/secret-keys.ts'
import { warnUnknownKeys } from '../config/unknown-keys.ts'
import { knownWorkerKeys, OBSOLETE_PREFIXES, WORKER_PREFIXES } from '../config/worker-config.ts'
import type { Logging } from '../logging/logging.ts'
import { javaWarning } from '../plugins/java-archives.ts'
import { type PluginPathScan, pluginPaths, scanPluginPath } from '../plugins/plugin-path.ts'
import { PluginRegistry } from '../plugins/registry.ts'
import type { PluginSource } from '../plugins/sources.ts'

/** What a worker starts from. */
export interface WorkerSource {
  /** The worker's configuration, by the reference's keys. */
  readonly workerProps: ConnectorProps
  /** Where that was read from, for messages. */
  readonly workerFile?: string
  /** Modules with plugins, as import specifiers or file URLs. */
  readonly pluginModules: readonly string[]
}

/** A worker's configuration, read. */
export interface LoadedWorker<C> {
  readonly pluginModules: readonly PluginSource[]
  readonly registry: PluginRegistry
  readonly transformer: ConfigTransformer
  /** References resolved. */
  readonly props: ConnectorProps
  readonly config: C
}

/** Converters that a worker's configuration names. */
interface NamesConverters {
  readonly 'key.converter': string
  readonly 'value.converter': string
  readonly 'header.converter': string
}

/** The keys of one kind of worker. */
export interface WorkerKind<C extends NamesConverters> {
  readonly definition: ConfigDef
  readonly parse: (props: ConnectorProps) => C
  /** Of keys that it passes on, beside those of all workers. */
  readonly prefixes: readonly string[]
}

/**
 * Reads a worker's configuration. What must be closed if the start fails later is pushed to `undo`.
 * @throws ConfigException naming the file
 */
export async function loadWorker<C extends NamesConverters>(
  source: WorkerSource,
  { definition, parse, prefixes }: WorkerKind<C>,
  logging: Logging,
  log: Logger,
  undo: (() => unknown)[],
): Promise<LoadedWorker<C>> {
  const scan = await scanPluginPath(pluginPaths(source.workerProps))
  const pluginModules = [...source.pluginModules, ...scan.modules]
  const registry = await PluginRegistry.load(pluginModules)
  for (const warning of scanWarnings(scan, registry)) log.warn(warning)
  const transformer = await ConfigTransformer.create(source.workerProps, registry)
  undo.push(() => transformer.close())
  try {
    const { props, secrets } = await transformer.resolve(source.workerProps)
    logging.mask.add([...secrets, ...wellKnownSecrets(props)])
    const config = parse(props)
    for (const key of ['key.converter', 'value.converter'] as const) registry.resolve('converter', config[key], key)
    registry.resolve('header_converter', config['header.converter'], 'header.converter')
    warnOfKeys(props, definition, prefixes, log)
    return { pluginModules, registry, transformer, props, config }
  } catch (error) {
    throw located(error, source.workerFile)
  }
}

/** The error, naming the file to mend. */
export function located(error: unknown, file: string | undefined): unknown {
  if (file === undefined || !(error instanceof ConnectException)) return error
  return new ConfigException(`${file}: ${error.message}`, { ...error.context, cause: error })
}

function warnOfKeys(props: ConnectorProps, definition: ConfigDef, prefixes: readonly string[], log: Logger): void {
  const known = [...WORKER_PREFIXES, ...OBSOLETE_PREFIXES, ...prefixes]
  warnUnknownKeys(log, 'the worker', props, { names: knownWorkerKeys(definition), prefixes: known })
  for (const key of Object.keys(props)) {
    if (OBSOLETE_PREFIXES.some((prefix) => key.startsWith(prefix))) {
      log.warn(`The worker configuration has the key '${key}', which was removed in Kafka 3.0 and has no effect.`)
    }
  }
}

/** What a look at `plugin.path` has to say. */
export function scanWarnings(scan: PluginPathScan, registry: PluginRegistry): readonly string[] {
  const isHere = (className: string) => registry.named(className).length > 0
  return [...scan.warnings, ...scan.java.map((one) => javaWarning(one, isHere))]
}
