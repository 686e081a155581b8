// Puts the parts of a distributed worker together. Who talks to whom is all in here; what they say is elsewhere.
import { type ConnectorProps, errorMessage } from '@millrace/api'
import { Admin, ClusterChannel } from '@millrace/kafka'
import { openCluster } from '@millrace/kafka/cluster'
import { adminProps, workerClientProps } from '../config/client-configs.ts'
import type { ConfigTransformer } from '../config/config-transformer.ts'
import type { DistributedConfig } from '../config/distributed-config.ts'
import { AutoRestarts, type Failing } from '../control/auto-restarts.ts'
import { ConfigExpiries } from '../control/config-expiries.ts'
import { ConnectorOffsetService } from '../control/connector-offsets.ts'
import { InstanceStarts } from '../control/instance-starts.ts'
import { ProgressWatch } from '../control/progress-watch.ts'
import type { CreateSinkOffsetAdmin } from '../control/sink-offset-admin.ts'
import { StatusReporter } from '../control/status-reporter.ts'
import { taskKey, Worker } from '../control/worker.ts'
import { WorkerServices } from '../control/worker-services.ts'
import type { Logging } from '../logging/logging.ts'
import { type ConnectProtocolMode, WorkerGroupMember } from '../membership/index.ts'
import { WorkerMetrics } from '../metrics/worker-metrics.ts'
import type { CreateDataPlane } from '../plane/data-plane.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import type { PluginSource } from '../plugins/sources.ts'
import type { RestClient } from '../rest/rest-client.ts'
import { openConfigTopic } from '../topics/config-topic/open-config-topic.ts'
import type { KafkaBasedLog } from '../topics/kafka-based-log.ts'
import { ConnectorStores } from '../topics/offset-topic/connector-stores.ts'
import { openConnectorOffsetTopic, openOffsetTopic } from '../topics/offset-topic/open-offset-topic.ts'
import { exactlyOnceSupport, storageAdminProps } from '../topics/settings.ts'
import { openStatusTopic } from '../topics/status-topic/open-status-topic.ts'
import { withinMs } from '../topics/time-limit.ts'
import { AssignedWork } from './assigned-work.ts'
import { ClientMetrics } from './client-metrics.ts'
import { ClusterView } from './cluster-view.ts'
import { DistributedHerder } from './distributed-herder.ts'
import { MeasuredChannel } from './group-calls.ts'
import { GroupLoop } from './group-loop.ts'
import { InternalRequests } from './internal-requests.ts'
import { LeaderDuties } from './leader.ts'
import { writeOffsetTransaction } from './offset-transaction.ts'
import { PendingChanges } from './pending-changes.ts'
import { RebalanceMetrics } from './rebalance-metrics.ts'
import { RequestQueue } from './request-queue.ts'
import { Restarts } from './restarts.ts'
import { stopInSteps } from './stop-watch.ts'
import { TaskPlans } from './task-plans.ts'
import { TaskPreflight } from './task-preflight.ts'
import { taskTransactionalId, ZombieFencing } from './zombie-fencing.ts'

/** What is known before. */
export interface AssemblyParts {
  readonly config: DistributedConfig
  readonly props: ConnectorProps
  readonly address: { readonly url: string; readonly workerId: string }
  readonly pluginModules: readonly PluginSource[]
  readonly registry: PluginRegistry
  readonly transformer: ConfigTransformer
  readonly logging: Logging
  readonly client: RestClient
  readonly createDataPlane: CreateDataPlane
  readonly createSinkOffsetAdmin: CreateSinkOffsetAdmin
  readonly kafkaClusterId: () => Promise<string | null>
}

/** A worker that stands, and how to set it going. */
export interface Assembly {
  readonly herder: DistributedHerder
  /** Creates and checks the internal topics, and reads them. */
  open(): Promise<void>
  /** Joins the group. After {@link open}. */
  run(): void
  readonly joined: Promise<void>
  stop(): Promise<void>
}

const MEMBER_STOP_MS = 5_000
/** The broker may be away: others learn from the group that this worker is gone. */
const LAST_STATES_MS = 5_000
/** The reference's, whose default it is between heartbeats. */
const COORDINATOR_PATIENCE_MS = 3_000
const BACKOFF = { initialMs: 100, maxMs: 1_000 }
const REQUEST_TIMEOUT_MS = 40_000

/** Makes all parts; nothing happens yet. */
export function assemble(parts: AssemblyParts): Assembly {
  const { config, props, address, logging, registry } = parts
  const log = logging.logger('org.apache.kafka.connect.runtime.distributed.DistributedHerder')
  const topicLog = logging.logger('org.apache.kafka.connect.util.KafkaBasedLog')
  const admin = Admin.create(storageAdminProps(props), { log: topicLog })
  const topics: KafkaBasedLog[] = []
  const opened = (one: KafkaBasedLog) => void topics.push(one)
  const storage = { workerProps: props, admin, log: topicLog, opened }
  const configs = openConfigTopic(storage)
  const offsets = new ConnectorStores({
    worker: openOffsetTopic(storage),
    workerTopic: config['offset.storage.topic'],
    workerProps: props,
    propsOf: async (connector) => {
      const connectorConfig = configs.snapshot().connectorConfig(connector)
      if (connectorConfig?.['offsets.storage.topic'] === undefined) return connectorConfig
      return (await worker.resolve(connectorConfig)).props
    },
    open: openConnectorOffsetTopic,
    log: topicLog,
  })
  const statuses = openStatusTopic(storage)
  const view = new ClusterView(configs.snapshot())
  const worker: Worker = new Worker({
    workerId: address.workerId,
    props,
    threads: config['worker.threads'],
    stopTimeoutMs: config['task.shutdown.graceful.timeout.ms'],
    pluginModules: parts.pluginModules,
    registry,
    transformer: parts.transformer,
    logging,
    offsets,
    exactlyOnce: {
      fenceZombies: ({ id }) => preflight.fence(id),
      verifyTask: ({ id, generation }) => preflight.verify(id, generation),
      offsetKeys: ({ connector, partitions }) => offsets.keys(connector, partitions),
      copyOffsets: ({ connector, offsets: changed }) => offsets.copy(connector, changed),
    },
    createDataPlane: parts.createDataPlane,
  })
  const clientId = props['client.id'] ?? `connect-${config['group.id']}`
  const traffic = new ClientMetrics(clientId)
  const rebalances = new RebalanceMetrics(clientId, () => ({
    calls: channel.values(),
    protocolVersion: member.protocolVersion,
    leaderUrl: member.leaderUrl,
    generation: member.generation,
    running: work.running,
  }))
  const metrics = new WorkerMetrics({
    configs: view,
    statuses,
    registry,
    workerId: address.workerId,
    more: () => [...rebalances.samples(), ...traffic.samples()],
  })
  const status = new StatusReporter(statuses, address.workerId, logging.mask)
  const autoRestarts = new AutoRestarts({
    configs: view,
    workerProps: props,
    restart: (what, stillFailing) => requests.run(() => (stillFailing() ? restartFailed(what) : undefined)),
    log,
  })
  status.restartedBy(autoRestarts)
  const watch = new ProgressWatch({
    configs: view,
    workerProps: props,
    runs: (id) => worker.hasTask(id),
    check: () => worker.checkProgress(),
    publish: (id) => status.taskProgressed(id),
    log,
  })
  status.watchedBy(watch)
  const services = new WorkerServices({ worker, registry, logging, metrics, restarts: autoRestarts, watch, log })
  const exactlyOnce = exactlyOnceSupport(props) === 'enabled'
  const starts = new InstanceStarts({
    worker,
    configs: view,
    status,
    metrics,
    exactlyOnce: ({ connector, task }, connectorConfig) =>
      exactlyOnce && services.typeOf(connectorConfig) === 'source'
        ? {
            transactionalId: taskTransactionalId(config['group.id'], connector, task),
            generation: view.taskConfigGeneration(connector) ?? -1,
          }
        : undefined,
    log,
  })
  const requests = new RequestQueue(Date.now, () => member.wakeup())
  const leader = new LeaderDuties({ configs, statuses, status, keys: config, now: Date.now, log })
  const changes = new PendingChanges({
    known: (connector) => view.contains(connector),
    wake: () => member.wakeup(),
    configured: (connector) => autoRestarts.forgetAll(connector),
    loggerLevel: (namespace, level) => {
      services.setLoggerLevel(namespace, level).catch((error: unknown) => {
        log.warn(`The log level ${level} of ${namespace}, set for the whole cluster, was not set here`, { error })
      })
    },
  })
  const plans = new TaskPlans({
    worker,
    state: () => configs.snapshot(),
    status,
    publish: (connector, plan) => internal.publish(connector, plan),
    log,
  })
  const work = new AssignedWork({
    worker,
    starts,
    connectorStarted: (connector) => plans.request(connector),
    connectorStopped: (connector) => status.connector(connector, 'UNASSIGNED', null, ''),
    log,
  })
  const restarts = new Restarts({ worker, work, starts, status, statuses, log })
  const restartFailed = async (what: Failing) => {
    // What was given to another worker meanwhile is that one's.
    if (typeof what === 'string') {
      if (work.runsConnector(what)) await restarts.connector(what)
    } else if (work.runsTask(what)) await restarts.task(what)
  }
  const joined = Promise.withResolvers<void>()
  const cluster = openCluster(workerClientProps(props), { log, traffic })
  const channel = new MeasuredChannel(
    new ClusterChannel({
      cluster,
      groupId: config['group.id'],
      protocolType: 'connect',
      sessionTimeoutMs: config['session.timeout.ms'],
      rebalanceTimeoutMs: config['rebalance.timeout.ms'],
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
    }),
  )
  const member = new WorkerGroupMember({
    groupId: config['group.id'],
    url: address.url,
    mode: config['connect.protocol'].toLowerCase() as ConnectProtocolMode,
    sessionTimeoutMs: config['session.timeout.ms'],
    heartbeatIntervalMs: config['heartbeat.interval.ms'],
    coordinatorPatienceMs: Math.max(COORDINATOR_PATIENCE_MS, config['heartbeat.interval.ms']),
    rebalanceTimeoutMs: config['rebalance.timeout.ms'],
    maxDelayMs: config['scheduled.rebalance.max.delay.ms'],
    groupInstanceId: config['group.instance.id'],
    channel,
    backoff: BACKOFF,
    config: () => configs.snapshot(),
    listener: {
      onRevoked: (revoked) => {
        rebalances.began()
        return loop.revoked(revoked)
      },
      onAssigned: (assignment, generation) => {
        statuses.generation = generation
        rebalances.began()
        return loop.assigned(assignment, generation)
      },
      onPollTimeout: () =>
        log.warn(
          `The worker did not come back to its group within ${config['rebalance.timeout.ms']} ms and leaves it: ` +
            `it was ${loop.doing}. A larger rebalance.timeout.ms gives it more time`,
        ),
    },
    log,
  })
  const loop: GroupLoop = new GroupLoop({
    member,
    configs,
    view,
    changes,
    requests,
    work,
    leader,
    handlers: {
      configured: async (connector) => {
        const connectorConfig = view.connectorConfig(connector)
        if (connectorConfig === undefined) return false
        await worker.limitTasks(view.tasks(connector), connectorConfig).catch((error: unknown) => {
          log.warn(`The limits of connector ${connector} could not be changed while it runs`, { error, connector })
        })
        return worker.takesWithoutStart(connector, connectorConfig)
      },
      targetState: async (connector) => {
        const state = view.targetState(connector)
        if (worker.isRunning(connector)) await worker.setConnectorState(connector, state)
        await worker.setTaskStates(view.tasks(connector), state)
        if (state === 'STARTED') plans.request(connector)
      },
      restart: (request) => restarts.carryOut(request),
      released: (released) => {
        for (const connector of released.connectors) {
          if (!configs.contains(connector)) statuses.removeTopics(connector)
        }
        return statuses.flush()
      },
      settled: () => {
        rebalances.completed()
        herder.setReady()
        joined.resolve()
      },
    },
    settings: {
      syncTimeoutMs: config['worker.sync.timeout.ms'],
      unsyncBackoffMs: config['worker.unsync.backoff.ms'],
      maxDelayMs: config['scheduled.rebalance.max.delay.ms'],
    },
    now: Date.now,
    log,
  })
  const offsetWrites = {
    groupId: config['group.id'],
    workerProps: props,
    workerTopic: config['offset.storage.topic'],
    stores: offsets,
    log,
  }
  const herder = new DistributedHerder({
    workerId: address.workerId,
    services,
    configs,
    statuses,
    offsets: new ConnectorOffsetService({
      worker,
      store: offsets,
      workerProps: props,
      createAdmin: parts.createSinkOffsetAdmin,
      writeSource: exactlyOnce
        ? (name, connectorProps, changed) => writeOffsetTransaction(offsetWrites, name, connectorProps, changed)
        : undefined,
    }),
    member,
    loop,
    requests,
    leader,
    restartConnector: (name) => restarts.connector(name),
    restartTask: (id) => restarts.task(id),
    verify: (request) => internal.verify(request),
    fenceZombies: (name) => fencing.fence(name),
    exactlyOnce,
    kafkaClusterId: parts.kafkaClusterId,
    topics: () => topics,
    mask: (text) => logging.mask.mask(text),
    rebalanceWaitMs: config['rest.rebalance.wait.ms'],
    log,
  })
  const internal: InternalRequests = new InternalRequests({
    member,
    configs,
    client: parts.client,
    signatureAlgorithm: config['inter.worker.signature.algorithm'],
    algorithms: config['inter.worker.verification.algorithms'],
    publishHere: (connector, plan) => herder.publish(connector, plan),
    fenceHere: (connector) => fencing.fence(connector),
  })
  const preflight = new TaskPreflight({
    requests,
    state: () => configs.snapshot(),
    refresh: (when) => herder.refresh(when),
    owns: (id) => work.runsTask(id),
    fence: (connector) => internal.fence(connector),
    log,
  })
  const fencing = new ZombieFencing({
    configs,
    requests,
    leader,
    typeOf: (connectorConfig) => services.typeOf(connectorConfig),
    requireLeader: (message) => herder.requireLeader(message),
    refresh: (when) => herder.refresh(when),
    fenceProducers: async (connector, connectorConfig, tasks) => {
      const { props: connectorProps } = await worker.resolve(connectorConfig)
      const fencer = Admin.create(adminProps({ workerProps: props, connectorProps, connector }, 'offsets'), { log })
      try {
        const ids = Array.from({ length: tasks }, (_, task) => taskTransactionalId(config['group.id'], connector, task))
        const outcomes = await fencer.fenceProducers(ids)
        const failed = outcomes.find((one) => one.error !== null)
        if (failed !== undefined) throw failed.error
      } finally {
        await fencer.close()
      }
    },
  })
  const expiries = new ConfigExpiries(
    (name) => requests.run(() => (work.runsConnector(name) ? restarts.connector(name) : undefined)),
    log,
  )
  worker.listen({
    connectorState: (name, state, error, version) => status.connector(name, state, error, version),
    taskState: (id, state, error, version) => {
      metrics.taskStarts.settle(taskKey(id), state)
      status.task(id, state, error, version)
    },
    taskProgress: (id, progress) => watch.progress(id, progress),
    threadSilent: (event) => watch.silent(event),
    reconfigure: (name) => plans.request(name),
    topicUsed: (name, topic) => {
      if (config['topic.tracking.enable'] && configs.contains(name)) statuses.putTopic(name, topic)
    },
    expires: (name, ttlMs) => expiries.plan(name, ttlMs),
  })
  configs.setUpdateListener(changes)

  const configured = async () => {
    await configs.start()
    const state = configs.snapshot()
    worker.expect([...state.connectors()].reduce((tasks, connector) => tasks + state.taskCount(connector), 0))
  }

  return {
    herder,
    open: async () => {
      // All come to their end before anything is stopped: a store that is stopped while it starts would leave something open.
      const started = await Promise.allSettled([configured(), offsets.start(), statuses.start()])
      const failed = started.find((one) => one.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      view.moveTo(configs.snapshot())
    },
    run: () => loop.start(),
    joined: joined.promise,
    stop: async () => {
      log.info('Herder stopping')
      expiries.close()
      autoRestarts.close()
      watch.close()
      plans.stop()
      requests.close(new Error('Worker is shutting down'))
      await stopInSteps(log, [
        [() => `the herder is ${loop.doing}`, () => loop.stop()],
        [
          'connectors and tasks stop',
          async () => {
            const connectors = work.running.connectors.filter((one) => worker.isRunning(one))
            await worker.stop()
            for (const one of connectors) status.connector(one, 'UNASSIGNED', null, '')
          },
        ],
        [
          'the last states are written',
          () =>
            withinMs(statuses.flush(), LAST_STATES_MS, 'Writing them').catch((error: unknown) => {
              log.warn(`Not all states could be written before the end: ${errorMessage(error)}`)
            }),
        ],
        ['the group is left', () => member.stop({ timeoutMs: MEMBER_STOP_MS })],
        ['the connection to the coordinator is closed', () => cluster.close()],
        ['the topics are left', () => Promise.all([configs.stop(), offsets.stop(), statuses.stop()])],
        ['the admin client is closed', () => admin.close()],
      ])
      log.info('Herder stopped')
    },
  }
}
