// Reads a dead letter queue from end to end, partition by partition.
import { errorMessage } from '@millrace/api'
import type { Consumer } from '@millrace/kafka'
import { ExitCode } from '../../exit-codes.ts'
import { ClientError, isNotFound, usage } from '../client-error.ts'
import type { ConnectApi } from '../connect-api.ts'
import { type BrokerOptions, brokerProps } from '../offsets/brokers.ts'
import { CONTEXT_PREFIX, type Letter } from './letter.ts'

/** The key of a connector that names its queue. */
export const QUEUE_KEY = 'errors.deadletterqueue.topic.name'
const POLL_MS = 500
/** A broker that says nothing for so long has a fault. */
const SILENCE_MS = 30_000

/** What lies in a partition of a queue. */
export interface QueuePartition {
  readonly partition: number
  readonly start: number
  readonly end: number
}

/** A queue that is there. */
export interface Queue {
  readonly topic: string
  readonly partitions: readonly QueuePartition[]
}

/**
 * Finds a queue by the name of its topic, or of a connector that has one.
 * @throws ClientError when there is neither
 */
export async function findQueue(brokers: BrokerOptions, api: ConnectApi, name: string): Promise<Queue> {
  const found = await describeQueue(brokers, name)
  if (found !== undefined) return found
  const topic = await queueOf(api, name)
  const other = topic === undefined ? undefined : await describeQueue(brokers, topic)
  if (other !== undefined) return other
  throw new ClientError(
    ExitCode.NOT_FOUND,
    topic === undefined
      ? `There is neither a topic ${name}, nor a connector of this name with a dead letter queue (${QUEUE_KEY}).`
      : `The dead letter queue ${topic} of connector ${name} is not there: no record of it has failed yet.`,
    { action: 'millrace dlq queues lists the queues of all connectors.' },
  )
}

/** Topic of a connector's queue; undefined when it has none, or nobody knows the connector. */
async function queueOf(api: ConnectApi, connector: string): Promise<string | undefined> {
  try {
    return (await api.info(connector)).config[QUEUE_KEY] || undefined
  } catch (error) {
    if (isNotFound(error)) return undefined
    if (error instanceof ClientError && error.exitCode === ExitCode.UNREACHABLE) return undefined
    throw error
  }
}

/** Partitions of a topic with their first and last offsets that may be read; undefined when it is not there. */
export async function describeQueue(brokers: BrokerOptions, topic: string): Promise<Queue | undefined> {
  const { Admin } = await import('@millrace/kafka')
  try {
    await using admin = Admin.create(await brokerProps(brokers))
    const listed = await admin.listTopics()
    if (!listed.some((one) => one.name === topic)) return undefined
    const [described] = await admin.describeTopics([topic])
    if (described === undefined || described.error != null) throw described?.error ?? new Error(`${topic} is not there`)
    const partitions = described.partitions.map((one) => one.partition).sort((a, b) => a - b)
    const places = partitions.map((partition) => ({ topic, partition }))
    const starts = await admin.listOffsets(places.map((one) => ({ ...one, at: 'earliest' as const })))
    const ends = await admin.listOffsets(
      places.map((one) => ({ ...one, at: 'latest' as const })),
      { isolation: 'read_committed' },
    )
    return {
      topic,
      partitions: partitions.map((partition, at) => ({
        partition,
        start: Number(starts[at]?.offset),
        end: Number(ends[at]?.offset),
      })),
    }
  } catch (cause) {
    throw unreachable(brokers, topic, cause)
  }
}

/** All letters of each partition up to where its end was, in the order of offsets. */
export async function* lettersOf(brokers: BrokerOptions, queue: Queue): AsyncGenerator<Letter> {
  const { Consumer } = await import('@millrace/kafka')
  const consumer = Consumer.create({
    ...(await brokerProps(brokers)),
    'isolation.level': 'read_committed',
    'auto.offset.reset': 'earliest',
    'enable.auto.commit': 'false',
  })
  try {
    for (const { partition, start, end } of queue.partitions) {
      if (start < end) yield* partitionLetters(consumer, queue.topic, partition, start, end)
    }
  } catch (cause) {
    if (cause instanceof ClientError) throw cause
    throw unreachable(brokers, queue.topic, cause)
  } finally {
    await consumer.close({ timeoutMs: 1_000 })
  }
}

async function* partitionLetters(
  consumer: Consumer,
  topic: string,
  partition: number,
  start: number,
  end: number,
): AsyncGenerator<Letter> {
  const place = { topic, partition }
  consumer.assign([place])
  consumer.seek(place, start)
  let heard = performance.now()
  // The end may be marks of transactions, which no poll hands out: the position tells that they are passed.
  for (let position = start; position < end; position = consumer.position(place) ?? position) {
    const { chunks, count } = await consumer.poll(POLL_MS)
    if (count > 0) heard = performance.now()
    else if (performance.now() - heard > SILENCE_MS) {
      throw new ClientError(
        ExitCode.UNREACHABLE,
        `Nothing came of ${topic}-${partition} for ${SILENCE_MS / 1000} s, at offset ${position} of ${end}.`,
      )
    }
    const letters: Letter[] = []
    for (const { reader, count: most } of chunks) {
      for (let left = most; left > 0 && reader.next(); left--) {
        if (reader.offset >= end) break
        letters.push(letterOf(topic, partition, reader))
      }
    }
    yield* letters
  }
}

type Reader = Awaited<ReturnType<Consumer['poll']>>['chunks'][number]['reader']

function letterOf(queue: string, partition: number, reader: Reader): Letter {
  const { offset, timestamp, buffer } = reader
  const copy = (start: number, end: number) => (end < 0 ? null : Buffer.from(buffer.subarray(start, end)))
  const headers: Letter['headers'][number][] = []
  const context: Record<string, string | null> = {}
  for (const { key, value } of reader.headers()) {
    const bytes = value === null ? null : Buffer.from(value)
    if (!key.startsWith(CONTEXT_PREFIX)) headers.push({ key, value: bytes })
    // A record that has failed before has older ones: the last are of this failure.
    else context[key.slice(CONTEXT_PREFIX.length)] = bytes === null ? null : bytes.toString('utf8')
  }
  const key = copy(reader.keyStart, reader.keyEnd)
  const value = copy(reader.valueStart, reader.valueEnd)
  return { queue, partition, offset, timestamp, key, value, headers, context }
}

/** The brokers a command was given. @throws ClientError when it was given none */
export function requireBrokers(bootstrapServers: string | undefined, commandConfig: string | undefined): BrokerOptions {
  if (bootstrapServers === undefined) {
    throw usage(
      'Dead letters lie in Kafka: the brokers must be asked.',
      'Name them with --bootstrap-servers, or in a context: millrace context set NAME --bootstrap-servers ...',
    )
  }
  return { bootstrapServers, ...(commandConfig !== undefined && { commandConfig }) }
}

function unreachable({ bootstrapServers }: BrokerOptions, topic: string, cause: unknown): ClientError {
  if (cause instanceof ClientError) return cause
  return new ClientError(
    ExitCode.UNREACHABLE,
    `The queue ${topic} cannot be read from ${bootstrapServers}: ${errorMessage(cause)}`,
    { cause },
  )
}
