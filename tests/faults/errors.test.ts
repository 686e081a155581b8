// A broker that answers with every retriable error, before and after it did what it was asked: nothing lost, order kept.
// MILLRACE_FAULT_SEED sets which requests are hit.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ErrorCode, errorCodeInfo } from '@millrace/kafka/protocol'
import { brokers, temporaryFolder, until } from '@millrace/testkit'
import { Flow, randomMoments } from './flow.ts'
import { ProtocolProxy, type Spoiling } from './protocol-proxy.ts'

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
/** What is tried through, each code with the request done and not done. The last three come with what the others set off. */
const DIRECTED: Readonly<Record<string, readonly number[]>> = {
  Produce: RETRIABLE,
  OffsetCommit: RETRIABLE,
  Fetch: OF_FETCH,
}
const ALONG: Readonly<Record<string, readonly number[]>> = {
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
    it('lose nothing, whichever they are', async (test) => {
      await using folder = await temporaryFolder('millrace-errors-')
      await using proxy = await ProtocolProxy.start()
      await using broker = await backend.start({ own: true, advertised: proxy.address })
      proxy.target = broker.address
      const moments = randomMoments()
      test.diagnostic(`seed ${moments.seed}`)
      await using flow = await Flow.start(folder, proxy.address, {
        // Often, as every code is to be met in a commit, twice.
        worker: { 'offset.flush.interval.ms': 50 },
        source: overridden('producer'),
        sink: overridden('consumer'),
      })
      await flow.flows()

      const left = new Map(Object.entries(DIRECTED).map(([api, codes]) => [api, spoilings(codes)]))
      const hits: Record<string, number> = {}
      proxy.script = (api) => {
        const directed = left.get(api)
        const rate = directed === undefined ? ALONG_RATE : DIRECTED_RATE
        if (Math.floor(moments.next() * rate) > 0) return null
        const along = ALONG[api] ?? []
        const spoiling = directed?.shift() ?? {
          code: along[Math.floor(moments.next() * along.length)] ?? ErrorCode.NONE,
          withheld: false,
        }
        if (spoiling.code === ErrorCode.NONE) return null
        hits[api] = (hits[api] ?? 0) + 1
        return spoiling
      }
      await until('every error was answered', () => [...left.values()].every((one) => one.length === 0), {
        timeoutMs: LIMIT_MS,
        everyMs: 50,
      }).catch(async (cause) => {
        throw new Error(`${JSON.stringify([...left])}\n${flow.lastOutput(4_000)}`, { cause })
      })
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
  })
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
