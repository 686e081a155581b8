// A broker and clients for tests, ended with the test.
import type { TestContext } from 'node:test'
import { CreateTopics, ErrorCode, Fetch, Produce, ZERO_UUID } from '@millrace/kafka/protocol'
import { decodeRecords, type EncodeOptions, encodeBatch, type RecordInput } from '@millrace/kafka/records'
import { type BrokerOptions, type RunningBroker, startBroker } from '../broker.ts'
import { RawClient } from './raw-client.ts'
import { temporaryFolder } from './temporary.ts'

/** A running broker with the log lines it wrote. */
export interface Harness {
  readonly broker: RunningBroker
  readonly dataDir: string
  readonly lines: string[]
  client(): Promise<RawClient>
}

/** Starts a broker in a folder of its own, or in `options.dataDir`. */
export async function startHarness(t: TestContext, options: Partial<BrokerOptions> = {}): Promise<Harness> {
  const lines: string[] = []
  const note = (line: string) => void lines.push(line)
  let running: RunningBroker | undefined
  t.after(() => running?.close())
  const dataDir = options.dataDir ?? temporaryFolder(t)
  const log = { debug: note, info: note, warn: note, error: note }
  const broker = await startBroker({ log, ...options, dataDir })
  running = broker
  return {
    broker,
    dataDir,
    lines,
    client: async () => {
      const client = await RawClient.connect(broker.port)
      t.after(() => client.close())
      return client
    },
  }
}

/** Creates a topic and fails if that is refused. */
export async function createTopic(
  client: RawClient,
  name: string,
  numPartitions = 1,
  configs: Readonly<Record<string, string>> = {},
): Promise<string> {
  const set = Object.entries(configs).map(([key, value]) => ({ name: key, value }))
  const { topics } = await client.send(CreateTopics, {
    topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: set }],
    timeoutMs: 1000,
  })
  const [topic] = topics
  if (topic?.errorCode !== ErrorCode.NONE) throw new Error(`create ${name}: ${topic?.errorCode} ${topic?.errorMessage}`)
  return topic.topicId
}

/** Sends one batch and returns what the broker said of it. */
export async function produce(
  client: RawClient,
  name: string,
  records: readonly RecordInput[],
  options: EncodeOptions & { index?: number; acks?: number; bytes?: Buffer } = {},
) {
  const { index = 0, acks = -1, bytes, ...encode } = options
  const stamped = records.map((r) => ({ timestamp: Date.now(), ...r }))
  const { responses } = await client.send(Produce, {
    acks,
    timeoutMs: 1000,
    topicData: [{ name, partitionData: [{ index, records: bytes ?? encodeBatch(stamped, encode) }] }],
  })
  return responses[0]!.partitionResponses[0]!
}

/** Fetches one partition by name once, without waiting. */
export async function fetchOne(
  client: RawClient,
  topic: string,
  options: { partition?: number; offset?: number; committed?: boolean; maxWaitMs?: number; minBytes?: number } = {},
) {
  const { partition = 0, offset = 0, committed = false, maxWaitMs = 0, minBytes = 1 } = options
  const answer = await client.send(
    Fetch,
    {
      maxWaitMs,
      minBytes,
      isolationLevel: committed ? 1 : 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [
        {
          topic,
          topicId: ZERO_UUID,
          partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: 1 << 20 }],
        },
      ],
    },
    12,
  )
  const one = answer.responses[0]!.partitions[0]!
  const records = one.records === null ? [] : decodeRecords(one.records)
  return { ...one, decoded: records, values: records.filter((r) => !r.control).map((r) => String(r.value)) }
}
