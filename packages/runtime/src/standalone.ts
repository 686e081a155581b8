// A standalone worker: configuration in, REST server, herder and data plane running, connectors created.
import { ConfigException, ConnectException, type ConnectorProps, type Logger, parseConfigValue } from '@millrace/api'
import { ConfigTransformer } from './config/config-transformer.ts'
import { type ConnectorDefinition, loadConnectorFile } from './config/files.ts'
import { wellKnownSecrets } from './config/secret-keys.ts'
import { STANDALONE_CONFIG, type StandaloneConfig } from './config/standalone-config.ts'
import { warnUnknownKeys } from './config/unknown-keys.ts'
import { knownWorkerKeys, OBSOLETE_PREFIXES, WORKER_PREFIXES } from './config/worker-config.ts'
import { ClusterId, type FetchClusterId } from './control/cluster-id.ts'
import { MemoryConfigStore } from './control/config-store.ts'
import { ConnectorOffsetService } from './control/connector-offsets.ts'
import type { Herder } from './control/herder.ts'
import { giveBackAfterStart } from './control/idle-memory.ts'
import { FileOffsetStore } from './control/offset-store-file.ts'
import type { CreateSinkOffsetAdmin } from './control/sink-offset-admin.ts'
import { StandaloneHerder } from './control/standalone-herder.ts'
import { MemoryStatusStore } from './control/status-store.ts'
import { Worker } from './control/worker.ts'
import { createLogging, type Logging, type LoggingOptions } from './logging/logging.ts'
import { WorkerMetrics } from './metrics/worker-metrics.ts'
import type { CreateDataPlane } from './plane/data-plane.ts'
import type { MetricSample } from './plane/messages.ts'
import { scanPluginPath } from './plugins/plugin-path.ts'
import { PluginRegistry } from './plugins/registry.ts'
import { connectorRoutes } from './rest/connector-routes.ts'
import type { Route } from './rest/router.ts'
import { RestServer } from './rest/server.ts'
import { adminRoutes, metricsRoute, openApiRoute, workerRoutes } from './rest/worker-routes.ts'

const CLUSTER_ID_WAIT_MS = 3_000

/** How to start a standalone worker. */
export interface StandaloneOptions {
  /** The worker's configuration, by the reference's keys. */
  readonly workerProps: ConnectorProps
  /** Where that was read from, for messages. */
  readonly workerFile?: string
  /** Files of connectors to create, in this order. */
  readonly connectorFiles?: readonly string[]
  /** Connectors to create, after those of the files. */
  readonly connectors?: readonly ConnectorDefinition[]
  /** Modules with plugins, as import specifiers or file URLs. */
  readonly pluginModules: readonly string[]
  readonly logging?: LoggingOptions
  /** Other ends of the worker, for tests of it alone. */
  readonly parts?: Partial<StandaloneEnds>
}

/** What a worker reaches beyond itself. */
export interface StandaloneEnds {
  readonly createDataPlane: CreateDataPlane
  readonly createSinkOffsetAdmin: CreateSinkOffsetAdmin
  readonly fetchClusterId: FetchClusterId
}

/** A running worker. */
export interface StandaloneWorker {
  /** Where its REST API is, without a slash at the end. */
  readonly restUrl: string
  readonly workerId: string
  readonly herder: Herder
  /** Figures of all tasks and of the worker. */
  metrics(): Promise<readonly MetricSample[]>
  /** Stops in order: no new requests, tasks and connectors, stores. Idempotent. */
  stop(): Promise<void>
}

/**
 * Starts a standalone worker.
 * @throws ConfigException for a configuration that does not fit, ConnectException for a port in use, an unreadable file,
 * or a connector that cannot be created; nothing is left running then
 */
export async function startStandalone(options: StandaloneOptions): Promise<StandaloneWorker> {
  const logging = createLogging(options.logging)
  const log = logging.logger('org.apache.kafka.connect.cli.ConnectStandalone')
  const undo: (() => unknown)[] = []
  try {
    return await start(options, logging, log, undo)
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw error
  }
}

async function start(
  options: StandaloneOptions,
  logging: Logging,
  log: Logger,
  undo: (() => unknown)[],
): Promise<StandaloneWorker> {
  const begun = performance.now()
  const files = await Promise.all((options.connectorFiles ?? []).map(loadConnectorFile))
  const pluginModules = await modulesOf(options, log)
  const registry = await PluginRegistry.load(pluginModules)
  const transformer = await ConfigTransformer.create(options.workerProps, registry)
  undo.push(() => transformer.close())
  const { props, config } = await readConfig(options.workerProps, transformer, registry, logging, log).catch(
    (error: unknown) => {
      throw located(error, options.workerFile)
    },
  )

  const rest = new RestServer(config, props, logging)
  const address = await rest.listen()
  undo.push(() => rest.close())
  const offsets = new FileOffsetStore(
    config['offset.storage.file.filename'],
    logging.logger('org.apache.kafka.connect.storage.FileOffsetBackingStore'),
  )
  await offsets.start()
  undo.push(() => offsets.stop())

  const ends = { ...(await defaultEnds(props, logging)), ...options.parts }
  const clusterId = new ClusterId(ends.fetchClusterId, log)
  undo.push(() => clusterId.close())
  const clusterIdOrEmpty = async () => (await clusterId.get(CLUSTER_ID_WAIT_MS)) ?? ''
  const worker = new Worker({
    workerId: address.workerId,
    props,
    threads: config['worker.threads'],
    stopTimeoutMs: config['task.shutdown.graceful.timeout.ms'],
    pluginModules,
    registry,
    transformer,
    logging,
    offsets,
    createDataPlane: ends.createDataPlane,
  })
  const configs = new MemoryConfigStore()
  const statuses = new MemoryStatusStore()
  const metrics = new WorkerMetrics({ configs, statuses, registry, workerId: address.workerId })
  const herder = new StandaloneHerder({
    workerId: address.workerId,
    worker,
    configs,
    statuses,
    offsets: new ConnectorOffsetService({
      worker,
      store: offsets,
      workerProps: props,
      createAdmin: ends.createSinkOffsetAdmin,
    }),
    registry,
    logging,
    topicTracking: config['topic.tracking.enable'],
    kafkaClusterId: () => clusterId.get(CLUSTER_ID_WAIT_MS),
    metrics,
  })
  undo.push(() => herder.stop())
  const closeExtensions = await serve(rest, herder, registry, props, config, logging, clusterIdOrEmpty)
  undo.push(closeExtensions)
  log.info(`Kafka Connect worker started in ${Math.round(performance.now() - begun)} ms, REST API at ${address.url}`)
  for (const [at, { name, config: connector, initialState }] of [...files, ...(options.connectors ?? [])].entries()) {
    const request = { allowReplace: false, ...(initialState !== undefined && { initialState }) }
    await herder.putConnectorConfig(name, connector, request).catch((error: unknown) => {
      throw located(error, options.connectorFiles?.[at])
    })
  }
  herder.setReady()
  clusterId.seek()
  giveBackAfterStart()
  return {
    restUrl: address.url.replace(/\/$/, ''),
    workerId: address.workerId,
    herder,
    metrics: () => herder.metrics(),
    stop: stopOnce(undo),
  }
}

async function modulesOf(options: StandaloneOptions, log: Logger): Promise<readonly string[]> {
  const paths = parseConfigValue('plugin.path', 'list', options.workerProps['plugin.path'] ?? '') ?? []
  if (paths.length === 0) return options.pluginModules
  const { modules, warnings } = await scanPluginPath(paths)
  for (const warning of warnings) log.warn(warning)
  return [...options.pluginModules, ...modules]
}

async function readConfig(
  raw: ConnectorProps,
  transformer: ConfigTransformer,
  registry: PluginRegistry,
  logging: Logging,
  log: Logger,
): Promise<{ readonly props: ConnectorProps; readonly config: StandaloneConfig }> {
  const { props, secrets } = await transformer.resolve(raw)
  logging.mask.add([...secrets, ...wellKnownSecrets(props)])
  const config = STANDALONE_CONFIG.parse(props)
  for (const key of ['key.converter', 'value.converter'] as const) registry.resolve('converter', config[key], key)
  registry.resolve('header_converter', config['header.converter'], 'header.converter')
  const prefixes = [...WORKER_PREFIXES, ...OBSOLETE_PREFIXES]
  warnUnknownKeys(log, 'the worker', props, { names: knownWorkerKeys(STANDALONE_CONFIG), prefixes })
  for (const key of Object.keys(props)) {
    if (OBSOLETE_PREFIXES.some((prefix) => key.startsWith(prefix))) {
      log.warn(`The worker configuration has the key '${key}', which was removed in Kafka 3.0 and has no effect.`)
    }
  }
  return { props, config }
}

/** The error, naming the file to mend. */
function located(error: unknown, file: string | undefined): unknown {
  if (file === undefined || !(error instanceof ConnectException)) return error
  return new ConfigException(`${file}: ${error.message}`, { ...error.context, cause: error })
}

/** Makes the routes and begins to answer. @returns what ends the REST extensions */
async function serve(
  rest: RestServer,
  herder: StandaloneHerder,
  registry: PluginRegistry,
  props: ConnectorProps,
  config: StandaloneConfig,
  logging: Logging,
  clusterId: () => Promise<string>,
): Promise<() => Promise<void>> {
  const log = logging.logger('org.apache.kafka.connect.runtime.rest.ConnectRestServer')
  const renderMetrics = async () => {
    const { CONTENT_TYPE, processText, toPrometheusText } = await import('./metrics/prometheus.ts')
    return { contentType: CONTENT_TYPE, text: toPrometheusText(await herder.metrics()) + processText() }
  }
  const extended: Route[] = []
  const main: Route[] = [
    openApiRoute(() => [...main, ...extended, ...admin]),
    ...workerRoutes(herder, renderMetrics),
    ...connectorRoutes(herder, {
      enabled: config['topic.tracking.enable'],
      resettable: config['topic.tracking.allow.reset'],
    }),
  ]
  const admin = adminRoutes(herder, log)
  const adminOnly = config['admin.listeners'] === null ? admin : [...admin, metricsRoute(renderMetrics)]
  const classes = config['rest.extension.classes'].filter((name) => name !== '')
  if (classes.length === 0) {
    rest.serve({ main, admin: adminOnly, filters: [] })
    return async () => {}
  }
  const { loadExtensions } = await import('./rest/extensions.ts')
  const extensions = await loadExtensions(classes, props, registry, herder, await clusterId(), log)
  extended.push(...extensions.routes)
  rest.serve({ main: [...main, ...extended], admin: adminOnly, filters: extensions.filters })
  return () => extensions.close()
}

/** Imported when a worker starts, used when first needed. */
async function defaultEnds(props: ConnectorProps, logging: Logging): Promise<StandaloneEnds> {
  const { kafkaEnds } = await import('./control/kafka-ends.ts')
  return kafkaEnds(props, logging)
}

function stopOnce(undo: readonly (() => unknown)[]): () => Promise<void> {
  let stopped: Promise<void> | undefined
  const stop = async () => {
    for (const step of [...undo].reverse()) await step()
  }
  return () => (stopped ??= stop())
}
