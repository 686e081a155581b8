// A distributed worker: configuration in, REST server, internal topics, group membership and data plane running.
import { type ConnectorProps, errorMessage, type Logger } from '@millrace/api'
import { loadWorker, type WorkerSource } from './bootstrap/load-worker.ts'
import { serve } from './bootstrap/serve.ts'
import { stopOnce } from './bootstrap/stop-once.ts'
import { DISTRIBUTED_CONFIG, TOPIC_PREFIXES } from './config/distributed-config.ts'
import { ClusterId } from './control/cluster-id.ts'
import type { Herder } from './control/herder.ts'
import { giveBackAfterStart } from './control/idle-memory.ts'
import { kafkaEnds } from './control/kafka-ends.ts'
import { assemble } from './distributed/assemble.ts'
import { createLogging, type Logging, type LoggingOptions } from './logging/logging.ts'
import { checkInterWorkerConfig } from './membership/inter-worker-config.ts'
import type { MetricSample } from './plane/messages.ts'
import { forwarding } from './rest/forwarding.ts'
import { RestClient } from './rest/rest-client.ts'
import type { Route } from './rest/router.ts'
import { RestServer } from './rest/server.ts'

const CLUSTER_ID_WAIT_MS = 3_000
const KIND = {
  definition: DISTRIBUTED_CONFIG,
  parse: (props: ConnectorProps) => {
    const config = DISTRIBUTED_CONFIG.parse(props)
    checkInterWorkerConfig(config)
    return config
  },
  prefixes: TOPIC_PREFIXES,
}

/** How to start a distributed worker. */
export interface DistributedOptions extends WorkerSource {
  readonly logging?: LoggingOptions
}

/** A running worker. */
export interface DistributedWorker {
  /** Where its REST API is, without a slash at the end. */
  readonly restUrl: string
  readonly workerId: string
  readonly herder: Herder
  /** Resolves when the worker is a member of its group and has started its share for the first time. */
  readonly joined: Promise<void>
  /** Figures of all tasks and of the worker. */
  metrics(): Promise<readonly MetricSample[]>
  /** Stops in order: no new requests, tasks and connectors, membership, stores. Idempotent. */
  stop(): Promise<void>
}

/**
 * Starts a distributed worker: resolves when its internal topics are read and it is on its way into the group.
 * @throws ConfigException for a configuration that does not fit (an internal topic that is not compacted, for example),
 * ConnectException for a port in use or brokers that do not let it; nothing is left running then
 */
export async function startDistributed(options: DistributedOptions): Promise<DistributedWorker> {
  const logging = createLogging(options.logging)
  const log = logging.logger('org.apache.kafka.connect.cli.ConnectDistributed')
  const undo: (() => unknown)[] = []
  try {
    return await start(options, logging, log, undo)
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw error
  }
}

async function start(
  options: DistributedOptions,
  logging: Logging,
  log: Logger,
  undo: (() => unknown)[],
): Promise<DistributedWorker> {
  const begun = performance.now()
  const { pluginModules, registry, transformer, props, config } = await loadWorker(options, KIND, logging, log, undo)
  const rest = new RestServer(config, props, logging)
  const address = await rest.listen()
  undo.push(() => rest.close())

  const ends = kafkaEnds(props, logging)
  const clusterId = new ClusterId(ends.fetchClusterId, log)
  undo.push(() => clusterId.close())
  const client = new RestClient(props)
  const { herder, open, run, joined, stop } = assemble({
    config,
    props,
    address,
    pluginModules,
    registry,
    transformer,
    logging,
    client,
    createDataPlane: ends.createDataPlane,
    createSinkOffsetAdmin: ends.createSinkOffsetAdmin,
    kafkaClusterId: () => clusterId.get(CLUSTER_ID_WAIT_MS),
  })
  undo.push(stop)
  const opened = Promise.withResolvers<void>()
  // Nobody may be asking when it fails: the failure is that of the start.
  opened.promise.catch(() => {})
  const closeExtensions = await serve({
    rest,
    herder,
    registry,
    props,
    config,
    logging,
    clusterId: async () => (await clusterId.get(CLUSTER_ID_WAIT_MS)) ?? '',
    forward: (routes) => forwarding(afterOpening(routes, opened.promise), client, config['rest.rebalance.wait.ms']),
  })
  undo.push(closeExtensions)
  clusterId.seek()
  try {
    await open()
    opened.resolve()
  } catch (error) {
    opened.reject(error)
    log.error(`The worker cannot start: ${errorMessage(error)}`)
    throw error
  }
  run()
  log.info(`Kafka Connect worker started in ${Math.round(performance.now() - begun)} ms, REST API at ${address.url}`)
  // Not while hundreds of connectors start: a whole collection would hold them up.
  joined.then(giveBackAfterStart, () => {})
  return {
    restUrl: address.url.replace(/\/$/, ''),
    workerId: address.workerId,
    herder,
    joined,
    metrics: () => herder.metrics(),
    stop: stopOnce(undo),
  }
}

/** Until the topics are read nobody knows which connectors there are: requests about them wait. */
function afterOpening(routes: readonly Route[], opened: Promise<void>): Route[] {
  return routes.map((route) => ({
    ...route,
    handler: async (request) => {
      await opened
      return route.handler(request)
    },
  }))
}
