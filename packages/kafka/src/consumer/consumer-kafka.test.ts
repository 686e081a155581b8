// The consumer against Apache Kafka: positions, seeks, pauses, commits, isolation, compression, faults of the log.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type BrokerService, startKafka, whyNoKafka } from '@millrace/testkit'
import type { ClusterClient } from '../cluster/index.ts'
import { Producer } from '../producer/index.ts'
import { CompressionType } from '../records/index.ts'
import { fresh, pollOnce, pollUntil, testCluster, testConsumer } from './testing/consumers.ts'
import { deleteRecords, newTopic, transaction, values, write } from './testing/records.ts'

const missing = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : await whyNoKafka()

describe('consumer on Apache Kafka', { skip: missing, timeout: 120_000 }, () => {
  let kafka: BrokerService
  let cluster: ClusterClient
  before(async () => {
    kafka = await startKafka()
    cluster = testCluster(kafka.bootstrap)
  })
  after(async () => {
    await cluster?.close()
    await kafka?.stop()
  })

  it('reads assigned partitions in order, and knows position and lag', async () => {
    const topic = await newTopic(cluster, 2)
    await write(cluster, topic, 0, values('a', 1200))
    await write(cluster, topic, 1, values('b', 700))
    await using consumer = testConsumer(kafka.bootstrap, { 'max.poll.records': '300' })
    const both = [0, 1].map((partition) => ({ topic, partition }))
    consumer.assign(both)
    const seen = await pollUntil(consumer, (all) => all.length >= 1900)
    for (const { partition } of both) {
      const own = seen.filter((one) => one.partition === partition)
      assert.deepEqual(
        own.map((one) => one.offset),
        own.map((_, index) => index),
      )
      assert.equal(own.at(-1)!.value, partition === 0 ? 'a1199' : 'b699')
    }
    assert.deepEqual(
      both.map((one) => consumer.position(one)),
      [1200, 700],
    )
    assert.deepEqual(
      both.map((one) => consumer.lag(one)),
      [0, 0],
    )
    await assert.rejects(consumer.commit(), /group.id/)
    assert.throws(() => consumer.position({ topic, partition: 9 }), /not assigned/)
  })

  it('never returns more than max.poll.records, and returns in time when there is nothing', async () => {
    const topic = await newTopic(cluster, 3)
    for (const partition of [0, 1, 2]) await write(cluster, topic, partition, values('v', 100))
    await using consumer = testConsumer(kafka.bootstrap, { 'max.poll.records': '70' })
    consumer.assign([0, 1, 2].map((partition) => ({ topic, partition })))
    let total = 0
    while (total < 300) {
      const { length } = await pollOnce(consumer)
      assert.ok(length <= 70)
      total += length
    }
    const started = performance.now()
    assert.deepEqual(await pollOnce(consumer, 50), [])
    assert.ok(performance.now() - started < 400, 'a poll waited for the broker, not for its own time')
    assert.deepEqual(await pollOnce(consumer, 0), [])
  })

  it('seeks: forward, back, to both ends, and drops what it had fetched', async () => {
    const topic = await newTopic(cluster, 1)
    await write(cluster, topic, 0, values('v', 500))
    await using consumer = testConsumer(kafka.bootstrap, { 'max.poll.records': '10' })
    const one = { topic, partition: 0 }
    consumer.assign([one])
    await pollUntil(consumer, (all) => all.length >= 10)
    consumer.seek(one, 400)
    assert.equal((await pollUntil(consumer, (all) => all.length > 0))[0]!.value, 'v400')
    consumer.seekToBeginning([one])
    assert.equal((await pollUntil(consumer, (all) => all.length > 0))[0]!.value, 'v0')
    consumer.seekToEnd([one])
    assert.deepEqual(await pollOnce(consumer, 300), [])
    await write(cluster, topic, 0, values('w', 1))
    assert.equal((await pollUntil(consumer, (all) => all.length > 0))[0]!.offset, 500)
    assert.throws(() => consumer.seek(one, -1), RangeError)
  })

  it('hands out nothing of a paused partition, keeps what it had of it, and goes on after resume', async () => {
    const topic = await newTopic(cluster, 2)
    for (const partition of [0, 1]) await write(cluster, topic, partition, values(`p${partition}-`, 1000))
    await using consumer = testConsumer(kafka.bootstrap, { 'max.poll.records': '100' })
    const [first, second] = [0, 1].map((partition) => ({ topic, partition })) as [never, never]
    consumer.assign([first, second])
    await pollUntil(consumer, (all) => all.length >= 200)
    consumer.pause([first])
    const position = consumer.position(first)!
    assert.deepEqual(consumer.paused(), [first])
    const other = await pollUntil(consumer, (all) => consumer.position(second) === 1000 && all.length >= 0)
    assert.ok(other.every((one) => one.partition === 1))
    assert.deepEqual(await pollOnce(consumer), [])
    assert.equal(consumer.position(first), position)
    consumer.resume([first])
    const rest = await pollUntil(consumer, () => consumer.position(first) === 1000)
    assert.equal(rest[0]!.offset, position)
  })

  for (const [name, compression] of Object.entries(CompressionType)) {
    it(`reads batches compressed with ${name}`, async () => {
      const topic = await newTopic(cluster, 1)
      await write(cluster, topic, 0, values('compressed-', 2000), { compression })
      await using consumer = testConsumer(kafka.bootstrap)
      consumer.assign([{ topic, partition: 0 }])
      const seen = await pollUntil(consumer, (all) => all.length >= 2000)
      assert.deepEqual(
        seen.map((one) => one.value),
        values('compressed-', 2000).map((one) => one.value),
      )
    })
  }

  it('read_committed leaves aborted records out and waits before an open transaction; read_uncommitted does not', async () => {
    const topic = await newTopic(cluster, 1)
    await transaction(cluster, topic, 'commit', async (put) => void (await put(values('good', 3))))
    await transaction(cluster, topic, 'abort', async (put) => {
      await put(values('bad', 3))
      await put(values('worse', 2))
    })
    await write(cluster, topic, 0, values('plain', 2))
    let open = -1
    const finish = await transaction(cluster, topic, 'leave open', async (put) => {
      open = await put(values('late', 2))
    })
    await write(cluster, topic, 0, values('behind', 1))
    const read = (isolation: string) => {
      const consumer = testConsumer(kafka.bootstrap, { 'isolation.level': isolation })
      consumer.assign([{ topic, partition: 0 }])
      return consumer
    }
    await using committed = read('read_committed')
    const text = (all: readonly { value: string | null }[]) => all.map((one) => one.value).join(' ')
    const early = await pollUntil(committed, (all) => all.length >= 5)
    assert.equal(text(early), 'good0 good1 good2 plain0 plain1')
    assert.deepEqual(await pollOnce(committed, 300), [])
    assert.equal((await committed.endOffsets([{ topic, partition: 0 }]))[0]!.offset, open)
    await finish()
    assert.equal(text(await pollUntil(committed, (all) => all.length >= 3)), 'late0 late1 behind0')
    await using uncommitted = read('read_uncommitted')
    assert.equal((await pollUntil(uncommitted, (all) => all.length >= 13)).length, 13)
  })

  it('read_committed hands out the same wherever it begins: behind what was aborted and before its marker, too', async () => {
    const topic = await newTopic(cluster, 1)
    const one = { topic, partition: 0 }
    await using producer = Producer.create({ 'bootstrap.servers': kafka.bootstrap, 'transactional.id': fresh('tx') })
    await producer.initTransactions()
    for (const [value, end] of [
      ['dropped', 'abort'],
      ['kept', 'commit'],
      ['dropped again', 'abort'],
      ['kept again', 'commit'],
    ] as const) {
      producer.beginTransaction()
      await producer.send({ ...one, value })
      await (end === 'abort' ? producer.abortTransaction() : producer.commitTransaction())
    }
    await using consumer = testConsumer(kafka.bootstrap, { 'isolation.level': 'read_committed' })
    consumer.assign([one])
    // Each record has its marker behind it: 2 and 6 are the offsets of what is kept.
    for (let from = 0; from < 7; from++) {
      consumer.seek(one, from)
      const due = [2, 6].filter((offset) => offset >= from)
      const seen = await pollUntil(consumer, (all) => all.length >= due.length)
      assert.deepEqual(
        seen.map((record) => record.offset),
        due,
        `from ${from} on`,
      )
    }
  })

  it('goes where auto.offset.reset says when the position is no longer in the log', async () => {
    const topic = await newTopic(cluster, 1)
    await write(cluster, topic, 0, values('v', 100))
    await deleteRecords(cluster, topic, 0, 60)
    const one = { topic, partition: 0 }
    await using earliest = testConsumer(kafka.bootstrap)
    earliest.assign([one])
    earliest.seek(one, 10)
    assert.equal((await pollUntil(earliest, (all) => all.length > 0))[0]!.offset, 60)
    await using none = testConsumer(kafka.bootstrap, { 'auto.offset.reset': 'none', 'group.id': fresh('g') })
    none.assign([one])
    await assert.rejects(
      pollUntil(none, () => false, 10_000),
      { name: 'NoOffsetForPartitionException' },
    )
    none.seek(one, 10)
    await assert.rejects(
      pollUntil(none, () => false, 10_000),
      { name: 'OffsetOutOfRangeException', message: /10 of .*-0/ },
    )
    none.seek(one, 99)
    assert.equal((await pollUntil(none, (all) => all.length > 0))[0]!.value, 'v99')
  })

  it('knows the offsets of the log: both ends, and by time', async () => {
    const topic = await newTopic(cluster, 1)
    await write(cluster, topic, 0, values('v', 10))
    await deleteRecords(cluster, topic, 0, 2)
    const one = { topic, partition: 0 }
    await using consumer = testConsumer(kafka.bootstrap)
    assert.equal((await consumer.beginningOffsets([one]))[0]!.offset, 2)
    assert.equal((await consumer.endOffsets([one]))[0]!.offset, 10)
    const times = [{ ...one, timestamp: 1_000_005 }]
    assert.deepEqual(
      (await consumer.offsetsForTimes(times)).map((found) => [found.offset, found.timestamp]),
      [[5, 1_000_005]],
    )
    assert.equal((await consumer.offsetsForTimes([{ ...one, timestamp: 2_000_000 }]))[0]!.offset, -1)
    const nowhere = { topic: fresh('no-such-topic'), partition: 0 }
    await assert.rejects(consumer.endOffsets([nowhere], { timeoutMs: 500 }), { name: 'TimeoutException' })
  })

  it('is woken by a signal and by wakeup, and loses nothing by it', async () => {
    const topic = await newTopic(cluster, 1)
    await using consumer = testConsumer(kafka.bootstrap)
    consumer.assign([{ topic, partition: 0 }])
    await pollOnce(consumer)
    const controller = new AbortController()
    const waiting = consumer.poll(60_000, { signal: controller.signal })
    await assert.rejects(consumer.poll(0), /one at a time/)
    controller.abort(new Error('stop'))
    await assert.rejects(waiting, { name: 'WakeupException' })
    consumer.wakeup()
    await assert.rejects(consumer.poll(60_000), { name: 'WakeupException' })
    await write(cluster, topic, 0, values('v', 1))
    assert.equal((await pollUntil(consumer, (all) => all.length > 0))[0]!.offset, 0)
  })

  it('holds no more than prefetch.max.bytes however slow it is polled', async () => {
    const topic = await newTopic(cluster, 4)
    const big = [{ value: 'x'.repeat(50_000) }]
    for (let index = 0; index < 40; index++)
      for (const partition of [0, 1, 2, 3]) await write(cluster, topic, partition, big)
    const bound = 1_000_000
    await using consumer = testConsumer(kafka.bootstrap, {
      'prefetch.max.bytes': String(bound),
      'max.poll.records': '1',
    })
    consumer.assign([0, 1, 2, 3].map((partition) => ({ topic, partition })))
    let highest = 0
    for (let seen = 0; seen < 160; ) {
      seen += (await pollOnce(consumer)).length
      // Let the answer of a fetch under way come in.
      await new Promise(setImmediate)
      highest = Math.max(highest, consumer.bufferedBytes)
    }
    assert.ok(highest > 0 && highest <= bound, `held ${highest}`)
  })

  it('finds the topics of a pattern, also one made later', async () => {
    const prefix = fresh('pattern')
    const first = await newTopic(cluster, 1, `${prefix}-a`)
    await using consumer = testConsumer(kafka.bootstrap, { 'group.id': prefix, 'metadata.max.age.ms': '200' })
    consumer.subscribe(new RegExp(`${prefix}-a|${prefix}-ab`))
    await write(cluster, first, 0, values('a', 1))
    await pollUntil(consumer, (all) => all.length === 1)
    const second = await newTopic(cluster, 1, `${prefix}-ab`)
    await write(cluster, second, 0, values('b', 1))
    const seen = await pollUntil(consumer, (all) => all.some((one) => one.value === 'b0'))
    assert.equal(seen.at(-1)!.topic, second)
  })
})
