// The consumer while its broker is killed, stopped and started again: nothing missed, order kept, membership found again.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startKafka, whyNoKafka } from '@millrace/testkit'
import { fresh, pollOnce, pollUntil, type Seen, testCluster, testConsumer } from './testing/consumers.ts'
import { newTopic, values, write } from './testing/records.ts'

const missing = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : await whyNoKafka()
const COUNT = 6000

describe('consumer and a broker that dies', { skip: missing, timeout: 240_000 }, () => {
  it('goes on where it was after kill -9 and a new start, as a member of its group', async () => {
    await using kafka = await startKafka({ own: true })
    const cluster = testCluster(kafka.bootstrap)
    const topic = await newTopic(cluster, 2)
    for (let index = 0; index < COUNT / 100; index++) {
      for (const partition of [0, 1]) await write(cluster, topic, partition, values('v', 100))
    }
    await using consumer = testConsumer(kafka.bootstrap, {
      'group.id': fresh('g'),
      'max.poll.records': '100',
      'session.timeout.ms': '6000',
      'heartbeat.interval.ms': '500',
      'max.partition.fetch.bytes': '5000',
    })
    consumer.subscribe([topic], { onRevoked: () => consumer.commit() })
    const seen: Seen[] = await pollUntil(consumer, (all) => all.length >= 500)
    await consumer.commit()
    for (let round = 0; round < 3; round++) {
      await kafka.kill()
      // What is buffered is handed out; then there is nothing, and no error: the broker may come back.
      for (let empty = 0; empty < 5; ) {
        const some = await pollOnce(consumer, 100)
        seen.push(...some)
        empty = some.length === 0 ? empty + 1 : 0
      }
      await kafka.restart()
      seen.push(...(await pollUntil(consumer, (all) => all.length >= 200, 60_000)))
      seen.push(...(await pollUntil(consumer, () => consumer.assignment().length === 2, 60_000)))
      await consumer.commit(undefined, { timeoutMs: 20_000 })
    }
    const ends = [0, 1].map((partition) => ({ topic, partition }))
    seen.push(...(await pollUntil(consumer, () => ends.every((one) => consumer.position(one) === COUNT), 60_000)))
    for (const partition of [0, 1]) {
      const offsets = seen.filter((one) => one.partition === partition).map((one) => one.offset)
      // Never past a record that was not read; back only to what was committed, when the membership was lost.
      offsets.forEach((offset, index) => {
        assert.ok(
          index === 0 ? offset === 0 : offset <= offsets[index - 1]! + 1,
          `${offset} after ${offsets[index - 1]}`,
        )
      })
      assert.equal(offsets.at(-1), COUNT - 1)
      assert.equal(new Set(offsets).size, COUNT)
    }
    await cluster.close()
  })

  it('a stopped broker does not hold a poll beyond its time, nor a close', async () => {
    await using kafka = await startKafka({ own: true })
    const cluster = testCluster(kafka.bootstrap)
    const topic = await newTopic(cluster, 1)
    await write(cluster, topic, 0, values('v', 10))
    const consumer = testConsumer(kafka.bootstrap, { 'group.id': fresh('g') })
    consumer.subscribe([topic])
    await pollUntil(consumer, (all) => all.length === 10)
    kafka.pause()
    const started = performance.now()
    for (let index = 0; index < 5; index++) await pollOnce(consumer, 100)
    assert.ok(performance.now() - started < 1_500)
    await assert.rejects(consumer.commit(undefined, { timeoutMs: 300 }), { name: 'TimeoutException' })
    const closing = performance.now()
    await consumer.close({ timeoutMs: 500 })
    assert.ok(performance.now() - closing < 3_000)
    kafka.resume()
    await cluster.close()
  })

  it('waits for a broker that is not there yet', async () => {
    await using kafka = await startKafka({ own: true })
    const cluster = testCluster(kafka.bootstrap)
    const topic = await newTopic(cluster, 1)
    await write(cluster, topic, 0, values('v', 10))
    await cluster.close()
    await kafka.kill()
    await using consumer = testConsumer(kafka.bootstrap, { 'group.id': fresh('g') })
    consumer.subscribe([topic])
    assert.deepEqual(await pollOnce(consumer, 300), [])
    await kafka.restart()
    await pollUntil(consumer, (all) => all.length === 10, 60_000)
  })
})
