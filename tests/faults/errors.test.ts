// A broker that answers with every retriable error, before and after it did what it was asked: nothing lost, order kept.
// MILLRACE_FAULT_SEED sets which requests are hit.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ErrorCode, errorCodeInfo } from '@millrace/kafka/protocol'
import { type BrokerService, brokers, temporaryFolder, until } from '@millrace/testkit'
import { Flow, randomMoments } from './flow.ts'
import { ProtocolProxy, type Spoiling } from './protocol-proxy.ts'

/** Error codes by the name of the API whose answers have them. */
type Codes = Readonly<Record<string, readonly number[]>>

/** Every code that clients are told to try again. */
const RETRIABLE = Object.values(ErrorCode).filter((code) => errorCodeInfo(code).retriable)
/** Retriable codes that a broker gives for a partition of a fetch; for others a consumer is right to stop. */
const OF_FETCH: readonly number[] = [
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.REPLICA_NOT_AVAILABLE,
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.FENCED_LEADER_EPOCH,
  ErrorCode.UNKNOWN_LEADER_EPOCH,
  ErrorCode.OFFSET_NOT_AVAILABLE,
  ErrorCode.UNKNOWN_TOPIC_ID,
  ErrorCode.INCONSISTENT_TOPIC_ID,
]
const OF_COORDINATOR: readonly number[] = [
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
]
const OF_TOPIC: readonly number[] = [ErrorCode.LEADER_NOT_AVAILABLE, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]
/** What is tried through, each code with the request done and not done. */
const DIRECTED: Codes = {
  Produce: RETRIABLE,
  OffsetCommit: RETRIABLE,
  Fetch: OF_FETCH,
}
/** What is met along the way, at random: requests that the directed errors set off, and those of a start. */
const ALONG: Codes = {
  Metadata: OF_TOPIC,
  FindCoordinator: [ErrorCode.COORDINATOR_NOT_AVAILABLE],
  Heartbeat: [...OF_COORDINATOR, ErrorCode.REBALANCE_IN_PROGRESS],
  JoinGroup: [ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.NOT_COORDINATOR],
  SyncGroup: [ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.NOT_COORDINATOR, ErrorCode.REBALANCE_IN_PROGRESS],
  OffsetFetch: OF_COORDINATOR,
  ListOffsets: [ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
  InitProducerId: [ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.COORDINATOR_NOT_AVAILABLE],
}
/** One in so many requests is spoilt. */
const DIRECTED_RATE = 3
const ALONG_RATE = 4
const LIMIT_MS = 120_000
const IMPATIENT = { 'retry.backoff.ms': 10, 'retry.backoff.max.ms': 50, 'reconnect.backoff.ms': 10 }

for (const backend of brokers()) {
  const skip = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : backend.missing
  describe(`retriable errors from ${backend.title}`, { skip }, () => {
    let proxy: ProtocolProxy
    let broker: BrokerService | undefined
    before(async () => {
      proxy = await ProtocolProxy.start()
      broker = await backend.start({ own: true, advertised: proxy.address })
      proxy.target = broker.address
    })
    after(async () => {
      await broker?.stop()
      await proxy[Symbol.asyncDispose]()
    })

    it('lose nothing, whichever they are', async (test) => {
      await using folder = await temporaryFolder('millrace-errors-')
      const moments = randomMoments()
      test.diagnostic(`seed ${moments.seed}`)
      await using flow = await Flow.start(folder, proxy.address, {
        // Often, as every code is to be met in a commit, twice.
        worker: { 'offset.flush.interval.ms': 50 },
        source: overridden('producer'),
        sink: overridden('consumer'),
      })
      await flow.flows()
      const hits = await answerAll(proxy, DIRECTED, ALONG, moments.next, flow)
      // The worker starts among errors, too.
      await flow.kill()
      await flow.restart()
      await flow.flows()
      proxy.script = null
      await flow.flows()
      const { problems, lost, ...counts } = await flow.finish()
      test.diagnostic(JSON.stringify({ hits, ...counts }))
      assert.deepEqual([problems, lost], [[], []])
      for (const api of ['Produce', 'Fetch', 'OffsetCommit', 'Metadata', 'FindCoordinator'])
        assert.ok((hits[api] ?? 0) > 0, `${api} was hit`)
      assert.ok(counts.acknowledged > 1_000, 'enough was sent for the check to mean something')
    })

    it('repeat nothing when the producer is idempotent, with five requests in flight', async (test) => {
      await using folder = await temporaryFolder('millrace-errors-')
      const moments = randomMoments()
      test.diagnostic(`seed ${moments.seed}`)
      await using flow = await Flow.start(folder, proxy.address, {
        source: {
          ...overridden('producer'),
          'producer.override.enable.idempotence': 'true',
          'producer.override.max.in.flight.requests.per.connection': 5,
        },
      })
      await flow.flows()
      const hits = await answerAll(proxy, { Produce: RETRIABLE }, {}, moments.next, flow)
      proxy.script = null
      const { problems, lost, ...counts } = await flow.finish()
      test.diagnostic(JSON.stringify({ hits, ...counts }))
      assert.deepEqual([problems, lost], [[], []])
      assert.equal(counts.duplicatesInKafka, 0)
    })
  })
}

/** Resolves with the hits of each API when every directed error was answered; errors go on until the script is taken away. */
async function answerAll(
  proxy: ProtocolProxy,
  directed: Codes,
  along: Codes,
  random: () => number,
  flow: Flow,
): Promise<Record<string, number>> {
  const left = new Map(Object.entries(directed).map(([api, codes]) => [api, spoilings(codes)]))
  const hits: Record<string, number> = {}
  proxy.script = (api) => {
    const ours = left.get(api)
    const others = along[api] ?? []
    if (Math.floor(random() * (ours === undefined ? ALONG_RATE : DIRECTED_RATE)) > 0) return null
    const code = others[Math.floor(random() * others.length)]
    const spoiling = ours?.shift() ?? (code === undefined ? null : { code, withheld: false })
    if (spoiling !== null) hits[api] = (hits[api] ?? 0) + 1
    return spoiling
  }
  const done = () => [...left.values()].every((one) => one.length === 0)
  await until('every error was answered', done, { timeoutMs: LIMIT_MS, everyMs: 50 }).catch((cause) => {
    throw new Error(`Not answered: ${JSON.stringify([...left])}\n${flow.lastOutput(4_000)}`, { cause })
  })
  return hits
}

function spoilings(codes: readonly number[]): Spoiling[] {
  return codes.flatMap((code) => [
    { code, withheld: true },
    { code, withheld: false },
  ])
}

function overridden(client: 'producer' | 'consumer'): Record<string, number> {
  return Object.fromEntries(Object.entries(IMPATIENT).map(([key, value]) => [`${client}.override.${key}`, value]))
}
