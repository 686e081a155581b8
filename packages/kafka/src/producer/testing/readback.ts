// Reads topics back, whole, to see what a producer really left there; and makes producers and topics for its tests.
import type { ClusterClient } from '../../cluster/index.ts'
import { fresh, testConsumer } from '../../consumer/testing/consumers.ts'
import { brokerError } from '../../errors.ts'
import { CreateTopics } from '../../protocol/index.ts'
import type { RecordHeader } from '../../records/index.ts'
import { Producer } from '../producer.ts'

/** A record as it lies in a topic. */
export interface Landed {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly RecordHeader[]
}

/** A producer with short waits. */
export function testProducer(bootstrap: string, props: Readonly<Record<string, string>> = {}): Producer {
  return Producer.create({ 'bootstrap.servers': bootstrap, 'retry.backoff.ms': '20', 'linger.ms': '0', ...props })
}

/** Makes a topic and waits until it can be used. */
export async function makeTopic(
  cluster: ClusterClient,
  partitions: number,
  configs: Readonly<Record<string, string>> = {},
): Promise<string> {
  const name = fresh('produced')
  const answer = await cluster.send(-1, CreateTopics, {
    topics: [
      {
        name,
        numPartitions: partitions,
        replicationFactor: 1,
        assignments: [],
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
    timeoutMs: 30_000,
    validateOnly: false,
  })
  const topic = answer.topics[0]!
  if (topic.errorCode !== 0) throw brokerError(topic.errorCode, `Creating ${name}`, topic.errorMessage)
  await cluster.ensureTopics([name])
  return name
}

/** Every record of a topic, partition by partition; transactional ones only once they are committed. */
export async function readAll(bootstrap: string, topic: string, partitions: number): Promise<Landed[]> {
  await using consumer = testConsumer(bootstrap, { 'isolation.level': 'read_committed', 'max.poll.records': '100000' })
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  consumer.assign(all)
  const landed: Landed[] = []
  const ends = await consumer.endOffsets(all)
  const done = () => all.every((one, index) => (consumer.position(one) ?? 0) >= ends[index]!.offset)
  consumer.seekToBeginning(all)
  do {
    const { chunks } = await consumer.poll(100)
    for (const { reader, partition, count } of chunks) {
      for (let index = 0; index < count; index++) {
        reader.next()
        landed.push({
          partition,
          offset: reader.offset,
          timestamp: reader.timestamp,
          key: reader.keyEnd < 0 ? null : reader.key.text(),
          value: reader.valueEnd < 0 ? null : reader.value.text(),
          headers: reader.headers(),
        })
      }
    }
  } while (!done())
  return landed.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
}
