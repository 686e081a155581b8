// A standalone worker: configuration in, REST server, herder and data plane running, connectors created.
import type { ConnectorProps, Logger } from '@millrace/api'
import { loadWorker, located, type WorkerSource } from './bootstrap/load-worker.ts'
import { serve } from './bootstrap/serve.ts'
import { stopOnce } from './bootstrap/stop-once.ts'
import { type ConnectorDefinition, loadConnectorFile } from './config/files.ts'
import { STANDALONE_CONFIG } from './config/standalone-config.ts'
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
import { RestServer } from './rest/server.ts'

const CLUSTER_ID_WAIT_MS = 3_000
const KIND = {
  definition: STANDALONE_CONFIG,
  parse: (props: ConnectorProps) => STANDALONE_CONFIG.parse(props),
  prefixes: [],
}

/** How to start a standalone worker. */
export interface StandaloneOptions extends WorkerSource {
  /** Files of connectors to create, in this order. */
  readonly connectorFiles?: readonly string[]
  /** Connectors to create, after those of the files. */
  readonly connectors?: readonly ConnectorDefinition[]
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
  const loaded = await loadWorker(options, KIND, logging, log, undo)
  const { pluginModules, registry, transformer, props, config } = loaded

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
    workerProps: props,
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
  const closeExtensions = await serve({ rest, herder, registry, props, config, logging, clusterId: clusterIdOrEmpty })
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

/** Imported when a worker starts, used when first needed. */
async function defaultEnds(props: ConnectorProps, logging: Logging): Promise<StandaloneEnds> {
  const { kafkaEnds } = await import('./control/kafka-ends.ts')
  return kafkaEnds(props, logging)
}
