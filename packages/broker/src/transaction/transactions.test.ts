// Transactions over the wire: what readers see, fencing, time limits, offsets, and what a kill leaves behind.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  DescribeProducers,
  DescribeTransactions,
  EndTxn,
  ErrorCode,
  InitProducerId,
  ListOffsets,
  ListTransactions,
  OffsetFetch,
  TxnOffsetCommit,
  WriteTxnMarkers,
} from '@millrace/kafka/protocol'
import { createTopic, fetchOne, produce, startHarness } from '../testing/harness.ts'
import type { RawClient } from '../testing/raw-client.ts'
import { temporaryFolder } from '../testing/temporary.ts'

const TXN = 'tx'
interface Identity {
  readonly producerId: number
  readonly producerEpoch: number
}

const init = (client: RawClient, claimed: Partial<Identity> = {}, timeoutMs = 60_000) =>
  client.send(InitProducerId, { transactionalId: TXN, transactionTimeoutMs: timeoutMs, ...claimed })

async function add(client: RawClient, who: Identity, topic = 'a', partition = 0): Promise<number | undefined> {
  const answer = await client.send(
    AddPartitionsToTxn,
    {
      v3AndBelowTransactionalId: TXN,
      v3AndBelowProducerId: who.producerId,
      v3AndBelowProducerEpoch: who.producerEpoch,
      v3AndBelowTopics: [{ name: topic, partitions: [partition] }],
      transactions: [],
    },
    3,
  )
  return answer.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode
}

const write = async (client: RawClient, who: Identity, sequence: number, value: string) =>
  (await produce(client, 'a', [{ value }], { ...who, baseSequence: sequence, transactional: true })).errorCode

const end = async (client: RawClient, who: Identity, committed: boolean) =>
  (
    await client.send(
      EndTxn,
      { transactionalId: TXN, producerId: who.producerId, producerEpoch: who.producerEpoch, committed },
      4,
    )
  ).errorCode

async function describe(client: RawClient) {
  const { transactionStates } = await client.send(DescribeTransactions, { transactionalIds: [TXN] })
  return transactionStates[0]!
}

test('readers of committed records see what was committed, when it was committed', async (t) => {
  const { client } = await startHarness(t)
  const c = await client()
  await createTopic(c, 'a')
  await produce(c, 'a', [{ value: 'plain' }])
  const who = await init(c)
  assert.deepEqual([who.errorCode, who.producerEpoch], [ErrorCode.NONE, 0])
  assert.equal(await write(c, who, 0, 'too early'), ErrorCode.INVALID_TXN_STATE)
  assert.equal(await add(c, who), ErrorCode.NONE)
  assert.equal(await write(c, who, 0, 'one'), ErrorCode.NONE)
  assert.equal(await write(c, who, 1, 'two'), ErrorCode.NONE)
  await produce(c, 'a', [{ value: 'behind' }])

  const open = await fetchOne(c, 'a', { committed: true })
  assert.deepEqual([open.values, open.lastStableOffset, open.highWatermark], [['plain'], 1, 4])
  assert.equal((await fetchOne(c, 'a')).values.length, 4)
  const listed = await c.send(ListOffsets, {
    replicaId: -1,
    isolationLevel: 1,
    topics: [{ name: 'a', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
  })
  assert.equal(listed.topics[0]?.partitions[0]?.offset, 1)

  const waiting = fetchOne(await client(), 'a', { offset: 1, committed: true, maxWaitMs: 30_000 })
  assert.equal(await end(c, who, true), ErrorCode.NONE)
  assert.deepEqual((await waiting).values, ['one', 'two', 'behind'])
  assert.equal(await end(c, who, true), ErrorCode.NONE)
  assert.equal(await end(c, who, false), ErrorCode.INVALID_TXN_STATE)

  assert.equal(await add(c, who), ErrorCode.NONE)
  assert.equal(await write(c, who, 2, 'gone'), ErrorCode.NONE)
  assert.equal(await end(c, who, false), ErrorCode.NONE)
  const after = await fetchOne(c, 'a', { offset: 4, committed: true })
  assert.deepEqual(after.abortedTransactions, [{ producerId: who.producerId, firstOffset: 5 }])
  assert.deepEqual((await fetchOne(c, 'a', { offset: 7, committed: true })).abortedTransactions, [])
  assert.equal((await describe(c)).transactionState, 'CompleteAbort')
})

test('a new producer with the same id aborts what the old one left, and fences it', async (t) => {
  const { client } = await startHarness(t)
  const c = await client()
  await createTopic(c, 'a')
  const old = await init(c)
  await add(c, old)
  await write(c, old, 0, 'left behind')
  const fresh = await init(c)
  assert.equal(fresh.producerId, old.producerId)
  assert.ok(fresh.producerEpoch > old.producerEpoch)
  assert.equal(await write(c, old, 1, 'zombie'), ErrorCode.INVALID_PRODUCER_EPOCH)
  assert.equal(await add(c, old), ErrorCode.PRODUCER_FENCED)
  assert.equal(await end(c, old, true), ErrorCode.PRODUCER_FENCED)
  assert.equal((await init(c, old)).errorCode, ErrorCode.PRODUCER_FENCED)
  assert.equal(await add(c, { ...fresh, producerId: 999 }), ErrorCode.INVALID_PRODUCER_ID_MAPPING)
  assert.equal(await add(c, fresh, 'none'), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  assert.deepEqual((await fetchOne(c, 'a', { committed: true })).lastStableOffset, 2)
  const bumped = await init(c, fresh)
  assert.equal(bumped.producerEpoch, fresh.producerEpoch + 1)
  assert.equal((await init(c, fresh)).producerEpoch, bumped.producerEpoch)
  assert.equal((await init(c, {}, 99_999_999)).errorCode, ErrorCode.INVALID_TRANSACTION_TIMEOUT)
})

test('a transaction that runs too long is aborted and its producer fenced', async (t) => {
  let now = Date.now()
  const { client, broker } = await startHarness(t, { now: () => now })
  const c = await client()
  await createTopic(c, 'a')
  const who = await init(c, {}, 5000)
  await add(c, who)
  await write(c, who, 0, 'slow')
  now += 4999
  await broker.houseKeep()
  assert.equal((await describe(c)).transactionState, 'Ongoing')
  const running = await c.send(ListTransactions, {
    stateFilters: ['Ongoing', 'Odd'],
    producerIdFilters: [],
    durationFilter: 4000,
  })
  assert.deepEqual([running.transactionStates.length, running.unknownStateFilters], [1, ['Odd']])
  now += 1
  await broker.houseKeep()
  assert.equal((await describe(c)).transactionState, 'CompleteAbort')
  assert.equal(await end(c, who, true), ErrorCode.PRODUCER_FENCED)
  assert.equal((await fetchOne(c, 'a', { committed: true })).lastStableOffset, 2)
})

test('offsets sent to a transaction count when it commits', async (t) => {
  const { client } = await startHarness(t)
  const c = await client()
  await createTopic(c, 'a')
  const who = await init(c)
  const send = async (offset: number) => {
    const { topics } = await c.send(TxnOffsetCommit, {
      transactionalId: TXN,
      groupId: 'g',
      producerId: who.producerId,
      producerEpoch: who.producerEpoch,
      topics: [{ name: 'a', partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata: null }] }],
    })
    return topics[0]!.partitions[0]!.errorCode
  }
  const read = async (requireStable: boolean) => {
    const { groups } = await c.send(OffsetFetch, {
      groups: [{ groupId: 'g', topics: [{ name: 'a', partitionIndexes: [0] }] }],
      requireStable,
    })
    const p = groups[0]!.topics[0]!.partitions[0]!
    return p.errorCode === ErrorCode.NONE ? p.committedOffset : p.errorCode
  }
  const begin = () => c.send(AddOffsetsToTxn, { transactionalId: TXN, ...identity(who), groupId: 'g' })
  assert.equal(await send(10), ErrorCode.INVALID_TXN_STATE)
  assert.equal((await begin()).errorCode, ErrorCode.NONE)
  assert.equal(await send(10), ErrorCode.NONE)
  assert.equal(await read(false), -1)
  assert.equal(await read(true), ErrorCode.UNSTABLE_OFFSET_COMMIT)
  await end(c, who, true)
  assert.equal(await read(true), 10)
  await begin()
  await send(20)
  await end(c, who, false)
  assert.equal(await read(true), 10)
})

test('a kill leaves open transactions open and decided ones are ended at the next start', async (t) => {
  const first = await startHarness(t)
  const c = await first.client()
  await createTopic(c, 'a')
  const who = await init(c)
  await add(c, who)
  await write(c, who, 0, 'open')
  // What a killed process leaves is what is in its files at that moment.
  const killed = temporaryFolder(t)
  cpSync(first.dataDir, killed, { recursive: true })

  const second = await startHarness(t, { dataDir: killed })
  const d = await second.client()
  assert.equal((await describe(d)).transactionState, 'Ongoing')
  assert.equal((await fetchOne(d, 'a', { committed: true })).lastStableOffset, 0)
  assert.equal(await write(d, who, 1, 'goes on'), ErrorCode.NONE)

  // The decision is stored, the marker is not: the log of the topic is put back to before the end.
  const before = temporaryFolder(t)
  cpSync(join(killed, 'a-0'), join(before, 'a-0'), { recursive: true })
  assert.equal(await end(d, who, true), ErrorCode.NONE)
  const decided = temporaryFolder(t)
  cpSync(killed, decided, { recursive: true })
  cpSync(join(before, 'a-0'), join(decided, 'a-0'), { recursive: true, force: true })
  dropLastRecord(join(decided, '__transaction_state-0', '00000000000000000000.log'))
  const third = await startHarness(t, { dataDir: decided })
  const e = await third.client()
  assert.equal((await describe(e)).transactionState, 'CompleteCommit')
  assert.deepEqual((await fetchOne(e, 'a', { committed: true })).values, ['open', 'goes on'])
  assert.equal((await init(e)).producerEpoch, who.producerEpoch + 1)
})

test('producer ids are never given twice, not even after a kill', async (t) => {
  const first = await startHarness(t)
  const anonymous = { transactionalId: null, transactionTimeoutMs: 0 }
  const one = await (await first.client()).send(InitProducerId, anonymous)
  const killed = temporaryFolder(t)
  cpSync(first.dataDir, killed, { recursive: true })
  const second = await startHarness(t, { dataDir: killed })
  const two = await (await second.client()).send(InitProducerId, anonymous)
  assert.ok(two.producerId > one.producerId)
})

test('an admin ends a hanging transaction by writing its marker', async (t) => {
  const { client } = await startHarness(t)
  const c = await client()
  await createTopic(c, 'a')
  const who = await init(c)
  await add(c, who)
  await write(c, who, 0, 'hangs')
  const hanging = await c.send(DescribeProducers, { topics: [{ name: 'a', partitionIndexes: [0] }] })
  const [producer] = hanging.topics[0]!.partitions[0]!.activeProducers
  assert.deepEqual([producer?.producerId, producer?.currentTxnStartOffset], [who.producerId, 0])
  const { markers } = await c.send(WriteTxnMarkers, {
    markers: [
      {
        producerId: who.producerId,
        producerEpoch: who.producerEpoch,
        transactionResult: false,
        topics: [{ name: 'a', partitionIndexes: [0, 7] }],
        coordinatorEpoch: 0,
      },
    ],
  })
  assert.deepEqual(
    markers[0]?.topics[0]?.partitions.map((p) => p.errorCode),
    [ErrorCode.NONE, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
  )
  assert.equal((await fetchOne(c, 'a', { committed: true })).lastStableOffset, 2)
})

function identity({ producerId, producerEpoch }: Identity): Identity {
  return { producerId, producerEpoch }
}

/** Cuts the last batch off a log file. */
function dropLastRecord(path: string): void {
  const bytes = readFileSync(path)
  let at = 0
  let last = 0
  while (at < bytes.length) {
    last = at
    at += bytes.readInt32BE(at + 8) + 12
  }
  truncateSync(path, last)
}
