// Makes the work of a task from its configuration: plugin, converters, chain, error handling, clients.
import type { ConnectorProps, Logger, OffsetReader, SinkTask, SourceTask } from '@millrace/api'
import type { SharedClusters } from '@millrace/kafka'
import {
  adminProps,
  dlqProducerProps,
  exactlyOnceProducerProps,
  sinkConsumerProps,
  sourceProducerProps,
} from '../config/client-configs.ts'
import { CONNECTOR_CONFIG } from '../config/connector-config.ts'
import { SINK_ONLY_CONFIG, sinkTopics } from '../config/sink-config.ts'
import type { ControlRequests, StartTask } from '../plane/messages.ts'
import { connectorOf, instantiate, type PluginRegistry } from '../plugins/registry.ts'
import { AtLeastOnce } from './at-least-once.ts'
import { createChain } from './chain.ts'
import { createConverters } from './converters.ts'
import { openDeadLetterQueue } from './errors/dead-letter-queue.ts'
import { ErrorMetrics } from './errors/error-metrics.ts'
import { logReporter, type Reporter } from './errors/reporters.ts'
import { Tolerance } from './errors/tolerance.ts'
import { exactlyOnceDelivery } from './exactly-once/delivery.ts'
import { PluginMetrics } from './plugin-metrics.ts'
import type { ProgressMarks } from './progress/marks.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { createSinkWork } from './sink-work.ts'
import type { DeliveryParts } from './source-delivery.ts'
import { openSourceDeadLetters } from './source-queue.ts'
import { createSourceWork } from './source-work.ts'
import type { TaskWork } from './task-runner.ts'
import type { TaskFacts } from './task-samples.ts'
import { createTopicCreation } from './topic-creation.ts'

/** What the thread gives a task. */
export interface TaskSurroundings {
  readonly plugins: PluginRegistry
  readonly workerProps: ConnectorProps
  readonly log: Logger
  readonly mask: (text: string) => string
  readonly offsets: OffsetReader
  /** Connections to Kafka that the thread's tasks share. */
  readonly clusters: SharedClusters
  /** Asks the control plane. @throws ConnectException */
  readonly control: <K extends keyof ControlRequests>(
    name: K,
    params: Parameters<ControlRequests[K]>[0],
  ) => Promise<ReturnType<ControlRequests[K]>>
  readonly topicUsed: (topic: string) => void
  readonly marks: ProgressMarks
  readonly limiter: RateLimiter
  readonly state: TaskFacts['state']
}

const FLUSH_INTERVAL_MS = 60_000
const FLUSH_TIMEOUT_MS = 5_000

/** Makes the work of a task; nothing is started yet. @throws ConfigException, ConnectException */
export async function createWork(start: StartTask, around: TaskSurroundings): Promise<TaskWork> {
  const { plugins, workerProps } = around
  const descriptor = connectorOf(plugins, start.connectorProps)
  const connector = await instantiate<'source' | 'sink'>(descriptor)
  const TaskType = connector.taskClass()
  const task = new TaskType()
  const errors = new ErrorMetrics()
  const converters = await createConverters(start.connectorProps, workerProps, plugins)
  const chain = await createChain(start.connectorProps, plugins, workerProps)
  const samples = {
    id: start.id,
    errors,
    state: around.state,
    limiter: around.limiter,
    own: new PluginMetrics(start.id, around.log),
    chain,
    about: {
      'connector-class': descriptor.className,
      'connector-type': start.type,
      'connector-version': connector.version,
      'task-class': TaskType.className,
      'task-version': task.version,
      'key-converter-class': converters.keyClass,
      'value-converter-class': converters.valueClass,
      'header-converter-class': converters.headerClass,
      'key-converter-version': versionOf(plugins, converters.keyClass),
      'value-converter-version': versionOf(plugins, converters.valueClass),
      'header-converter-version': versionOf(plugins, converters.headerClass),
    },
  }
  const shared = {
    id: start.id,
    taskProps: start.taskProps,
    converters,
    chain,
    log: around.log,
    marks: around.marks,
    limiter: around.limiter,
    samples,
    topicUsed: once(around.topicUsed),
  }
  return start.type === 'source'
    ? sourceWork(start, around, { ...shared, task: task as SourceTask }, errors)
    : sinkWork(start, around, { ...shared, task: task as SinkTask }, errors)
}

type Shared<T> = Pick<
  Parameters<typeof createSourceWork>[0],
  'id' | 'taskProps' | 'converters' | 'chain' | 'log' | 'marks' | 'limiter' | 'samples' | 'topicUsed'
> & {
  readonly task: T
}

async function sourceWork(
  start: StartTask,
  around: TaskSurroundings,
  shared: Shared<SourceTask>,
  errors: ErrorMetrics,
): Promise<TaskWork> {
  const owner = ownerOf(start, around)
  const enabled = (around.workerProps['topic.creation.enable'] ?? 'true').trim().toLowerCase() === 'true'
  const topics = createTopicCreation(start.connectorProps, adminProps(owner, 'topics'), enabled, around.log)
  const bounds = tolerance(start, logReporters(start, around, errors), errors, around.marks)
  const deadLetters = await openSourceDeadLetters(start, around, {
    owner,
    tolerance: bounds,
    errors,
    header: shared.converters.header,
  })
  const { connector } = start.id
  const atLeastOnce = (parts: DeliveryParts) =>
    new AtLeastOnce({
      ...parts,
      tolerance: bounds,
      writeOffsets: (offsets) => around.control('writeOffsets', { connector, offsets }),
      flushIntervalMs: flushIntervalMs(around.workerProps),
      flushTimeoutMs: flushTimeoutMs(around.workerProps),
    })
  return createSourceWork({
    ...shared,
    clusters: around.clusters,
    producerProps:
      start.exactlyOnce === undefined
        ? sourceProducerProps(owner)
        : exactlyOnceProducerProps(owner, start.exactlyOnce.transactionalId),
    tolerance: bounds,
    offsets: around.offsets,
    deliver:
      start.exactlyOnce === undefined ? atLeastOnce : exactlyOnceDelivery(start, start.exactlyOnce, around, bounds),
    deadLetters,
    createTopic: topics === null ? null : (topic) => topics.ensure(topic),
    closeAdmin: async () => topics?.close(),
  })
}

async function sinkWork(
  start: StartTask,
  around: TaskSurroundings,
  shared: Shared<SinkTask>,
  errors: ErrorMetrics,
): Promise<TaskWork> {
  const owner = ownerOf(start, around)
  const reporters = logReporters(start, around, errors)
  const dlq = SINK_ONLY_CONFIG.parse(start.connectorProps)
  if (dlq['errors.deadletterqueue.topic.name'] !== '') {
    const queue = await openDeadLetterQueue({
      id: start.id,
      topic: dlq['errors.deadletterqueue.topic.name'],
      replicationFactor: dlq['errors.deadletterqueue.topic.replication.factor'],
      contextHeaders: dlq['errors.deadletterqueue.context.headers.enable'],
      producerProps: dlqProducerProps(owner),
      adminProps: adminProps(owner, 'dlq'),
      metrics: errors,
      mask: around.mask,
      log: around.log,
    })
    reporters.push(queue)
  }
  return createSinkWork({
    ...shared,
    clusters: around.clusters,
    topics: sinkTopics(start.connectorProps),
    consumerProps: sinkConsumerProps(owner),
    tolerance: tolerance(start, reporters, errors, around.marks),
    commitIntervalMs: flushIntervalMs(around.workerProps),
    commitTimeoutMs: flushTimeoutMs(around.workerProps),
  })
}

function ownerOf(start: StartTask, around: TaskSurroundings) {
  return {
    workerProps: around.workerProps,
    connectorProps: start.connectorProps,
    connector: start.id.connector,
    task: start.id.task,
  }
}

function logReporters(start: StartTask, around: TaskSurroundings, errors: ErrorMetrics): Reporter[] {
  const config = CONNECTOR_CONFIG.parse(start.connectorProps)
  if (!config['errors.log.enable']) return []
  const name = `${start.id.connector}-${start.id.task}`
  return [logReporter(around.log, name, config['errors.log.include.messages'], errors)]
}

function tolerance(
  start: StartTask,
  reporters: readonly Reporter[],
  errors: ErrorMetrics,
  marks: ProgressMarks,
): Tolerance {
  const config = CONNECTOR_CONFIG.parse(start.connectorProps)
  const options = {
    tolerateAll: config['errors.tolerance'].toLowerCase() === 'all',
    retryTimeoutMs: config['errors.retry.timeout'],
    retryDelayMaxMs: config['errors.retry.delay.max.ms'],
  }
  return new Tolerance(options, reporters, errors, (error) => marks.failing(error))
}

function flushIntervalMs(workerProps: ConnectorProps): number {
  return Number(workerProps['offset.flush.interval.ms'] ?? FLUSH_INTERVAL_MS)
}
function flushTimeoutMs(workerProps: ConnectorProps): number {
  return Number(workerProps['offset.flush.timeout.ms'] ?? FLUSH_TIMEOUT_MS)
}

function versionOf(plugins: PluginRegistry, className: string): string {
  return plugins.named(className)[0]?.version ?? 'undefined'
}

/** Tells each topic once. */
function once(tell: (topic: string) => void): (topic: string) => void {
  const told = new Set<string>()
  let last = ''
  return (topic) => {
    if (topic === last) return
    last = topic
    if (told.has(topic)) return
    told.add(topic)
    tell(topic)
  }
}
