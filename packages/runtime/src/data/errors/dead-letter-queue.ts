// The dead letter queue of a sink task: failed records as they were consumed, with headers that tell why (KIP-298).
import { ConnectException, errorMessage, type Logger } from '@millrace/api'
import { Admin, Producer } from '@millrace/kafka'
import type { TaskId } from '../../plane/messages.ts'
import { contextHeaders, failureContext, type KafkaHeader } from './context-headers.ts'
import type { ErrorMetrics } from './error-metrics.ts'
import type { Reporter } from './reporters.ts'
import type { ConsumedRecord, Failure } from './stages.ts'

/** Where failed records go. */
export interface DeadLetterQueueOptions {
  readonly id: TaskId
  readonly topic: string
  readonly replicationFactor: number
  /** `errors.deadletterqueue.context.headers.enable` */
  readonly contextHeaders: boolean
  readonly producerProps: Record<string, string>
  readonly adminProps: Record<string, string>
  readonly metrics: ErrorMetrics
  readonly mask: (text: string) => string
  readonly log: Logger
}

const TOPIC_EXISTS = 'TopicExistsException'
const CLOSE_MS = 30_000

/** Opens the queue; its topic is created with one partition when it is not there. @throws ConnectException */
export async function openDeadLetterQueue(options: DeadLetterQueueOptions): Promise<Reporter> {
  await createDeadLetterTopic(options)
  return new DeadLetterQueue(options)
}

/** Creates the topic with one partition unless it is there. @throws ConnectException */
export async function createDeadLetterTopic({
  topic,
  replicationFactor,
  adminProps,
  log,
}: Pick<DeadLetterQueueOptions, 'topic' | 'replicationFactor' | 'adminProps' | 'log'>): Promise<void> {
  const admin = Admin.create(adminProps, { log })
  try {
    const listed = await admin.listTopics()
    if (listed.some((one) => one.name === topic)) return
    const [outcome] = await admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor }])
    if (outcome?.error != null && outcome.error.name !== TOPIC_EXISTS) throw outcome.error
  } catch (cause) {
    throw new ConnectException(`Could not initialize dead letter queue with topic=${topic}: ${errorMessage(cause)}`, {
      cause,
    })
  } finally {
    await admin.close()
  }
}

class DeadLetterQueue implements Reporter {
  readonly #options: DeadLetterQueueOptions
  readonly #producer: Producer

  constructor(options: DeadLetterQueueOptions) {
    this.#options = options
    this.#producer = Producer.create(options.producerProps, { log: options.log })
  }

  report(failure: Failure): Promise<void> | undefined {
    const { consumed } = failure
    if (consumed === undefined) return undefined
    const { topic, metrics, contextHeaders } = this.#options
    metrics.dlqRequests++
    const headers = contextHeaders ? [...consumed.headers, ...this.#context(failure, consumed)] : consumed.headers
    const { key, value, timestamp } = consumed
    const record = { topic, key, value, headers, ...(timestamp >= 0 && { timestamp }) }
    return this.#producer.send(record).then(
      () => {},
      (error: unknown) => {
        metrics.dlqFailures++
        this.#options.log.error(`A record could not be written to the dead letter queue ${topic}`, { error })
        throw error
      },
    )
  }
  async close(): Promise<void> {
    await this.#producer.close({ timeoutMs: CLOSE_MS })
  }

  /** The reference's headers, in its order. */
  #context(failure: Failure, consumed: ConsumedRecord): KafkaHeader[] {
    const { id, mask } = this.#options
    return contextHeaders([
      ['topic', consumed.topic],
      ['partition', String(consumed.partition)],
      ['offset', String(consumed.offset)],
      ...failureContext(failure, id, mask),
    ])
  }
}
