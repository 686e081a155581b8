// Opens the dead letter queue that a source's configuration asks for.
import type { Converter, HeaderConverter } from '@millrace/api'
import { Producer } from '@millrace/kafka'
import { adminProps, type ClientOwner, dlqProducerProps } from '../config/client-configs.ts'
import { sourceDeadLetterConfig } from '../config/source-dead-letter-config.ts'
import type { StartTask } from '../plane/messages.ts'
import { instantiate, type PluginRegistry } from '../plugins/registry.ts'
import { createDeadLetterTopic } from './errors/dead-letter-queue.ts'
import type { ErrorMetrics } from './errors/error-metrics.ts'
import { SourceDeadLetters } from './errors/source-dead-letters.ts'
import type { Tolerance } from './errors/tolerance.ts'
import type { TaskSurroundings } from './task-factory.ts'

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

/** What the queue shares with its task. */
export interface QueueParts {
  readonly owner: ClientOwner
  readonly tolerance: Tolerance
  readonly errors: ErrorMetrics
  readonly header: HeaderConverter
}

/**
 * The queue of a source task, to be made with the task's producer: within its transactions that writes the letters, else a
 * producer for them alone. Null when none is asked for, and where nothing is tolerated: a record that fails the task is no dead
 * letter, it is polled again.
 * @throws ConnectException when the topic is not there and cannot be created
 */
export async function openSourceDeadLetters(
  start: StartTask,
  { plugins, mask, log }: TaskSurroundings,
  { owner, tolerance, errors, header }: QueueParts,
): Promise<((producer: Producer) => SourceDeadLetters) | null> {
  const config = sourceDeadLetterConfig(start.connectorProps)
  if (config === null) return null
  const { topic, replicationFactor, contextHeaders } = config
  if (!tolerance.tolerateAll) {
    log.warn(
      `errors.deadletterqueue.topic.name=${topic} has no effect without errors.tolerance=all: the first record that fails ends the task, and is polled again`,
    )
    return null
  }
  await createDeadLetterTopic({ topic, replicationFactor, adminProps: adminProps(owner, 'dlq'), log })
  const json = await jsonConverter(plugins)
  return (taskProducer) => {
    const ownsProducer = start.exactlyOnce === undefined
    const producer = ownsProducer ? Producer.create(dlqProducerProps(owner), { log }) : taskProducer
    return new SourceDeadLetters({
      id: start.id,
      topic,
      contextHeaders,
      producer,
      ownsProducer,
      json,
      header,
      metrics: errors,
      mask,
      log,
    })
  }
}

async function jsonConverter(plugins: PluginRegistry): Promise<Converter | null> {
  const descriptor = plugins.find('converter', JSON_CONVERTER)
  if (descriptor === undefined) return null
  const converter = await instantiate<'converter'>(descriptor)
  converter.configure({ 'schemas.enable': 'true', 'converter.type': 'value' }, false)
  return converter
}
