// What a producer makes of a network and brokers that fail: nothing lost, order kept, nothing twice when idempotent.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { brokers, type ProxiedBroker, startBehindProxy, until } from '@millrace/testkit'
import type { ClusterClient } from '../cluster/index.ts'
import { fresh, testCluster } from '../consumer/testing/consumers.ts'
import { iterateBatches } from '../records/index.ts'
import type { Producer } from './producer.ts'
import { type Landed, makeTopic, readAll, testProducer } from './testing/readback.ts'

const REQUIRED = process.env.MILLRACE_REQUIRE_SERVICES === '1'
const PARTITIONS = 3
/** As a source task has it: one request in flight, no idempotence. */
const SOURCE_TASK = { 'enable.idempotence': 'false', 'max.in.flight.requests.per.connection': '1' }
/** Cuts are noticed by the socket, stalls by this time limit. */
const PATIENT = { 'request.timeout.ms': '1500', 'delivery.timeout.ms': '120000', 'reconnect.backoff.max.ms': '200' }

/** Sends again while time runs out before an answer, as it may within so short a limit on a busy machine: such a record may have landed. */
async function untilAccepted<Sent>(send: () => Promise<Sent>): Promise<Sent> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send()
    } catch (error) {
      if (attempt === 40 || !(error instanceof Error) || error.name !== 'TimeoutException') throw error
    }
  }
}

/** A writer that goes on until it is told to end: the numbers it wrote, and what became of them. */
class Writer {
  readonly acked = new Set<number>()
  readonly failed = new Map<number, string>()
  written = 0
  #ended = false
  readonly #done: Promise<void>
  readonly producer: Producer

  constructor(producer: Producer, topic: string) {
    this.producer = producer
    producer.onBatch = (sent, error) => {
      for (const tag of sent.tags) {
        if (error === null) this.acked.add(tag)
        else this.failed.set(tag, error.message)
      }
    }
    this.#done = this.#run(topic)
  }

  /** Writes the next numbers, whether there is room or not. */
  write(topic: string, count: number): void {
    for (let i = 0; i < count; i++) {
      const builder = this.producer.open(topic, this.written % PARTITIONS)
      builder.appendUtf8(Date.now(), null, `${this.written}:${'x'.repeat(80)}`)
      this.producer.wrote(builder, this.written++)
    }
  }

  /** Stops writing and waits for all outcomes. */
  async end(): Promise<void> {
    this.#ended = true
    await this.#done
    await this.producer.flush()
  }

  async #run(topic: string): Promise<void> {
    await this.producer.awaitReady(topic, { timeoutMs: 60_000 })
    while (!this.#ended) {
      this.write(topic, 200)
      if (this.producer.full) await this.producer.drained()
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
}

/** Checks what landed against what was written; returns how many records are there twice. */
function check(writer: Writer, landed: readonly Landed[]): number {
  assert.deepEqual([...writer.failed], [])
  assert.equal(writer.acked.size, writer.written)
  const seen = new Map<number, number>()
  const last = Array.from({ length: PARTITIONS }, () => -1)
  let repeats = 0
  for (const record of landed) {
    const number = Number.parseInt(record.value!, 10)
    assert.equal(number % PARTITIONS, record.partition)
    seen.set(number, (seen.get(number) ?? 0) + 1)
    // A repeated run goes back; what is new must follow the greatest so far without a hole.
    if (number <= last[record.partition]!) repeats++
    else {
      assert.equal(number, last[record.partition]! === -1 ? record.partition : last[record.partition]! + PARTITIONS)
      last[record.partition] = number
    }
  }
  assert.equal(seen.size, writer.written, 'nothing is lost')
  return repeats
}

/** The folder of this name somewhere below `root`. */
function folderOf(root: string, name: string): string {
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).find((one) => one.name === name)
  assert.ok(found, `${root} holds no ${name}`)
  return join(found.parentPath, found.name)
}

for (const backend of brokers()) {
  const skip = REQUIRED ? undefined : backend.missing
  describe(`producer with faults, on ${backend.title}`, { skip, timeout: 600_000 }, () => {
    let proxied: ProxiedBroker
    let cluster: ClusterClient
    before(async () => {
      proxied = await startBehindProxy(backend)
      cluster = testCluster(proxied.broker.address)
    })
    after(async () => {
      await cluster?.close()
      await proxied?.[Symbol.asyncDispose]()
    })
    const read = (topic: string) => readAll(proxied.broker.bootstrap, topic, PARTITIONS)

    for (const [name, props, twice] of [
      ['idempotent', {}, false],
      ['as a source task has it', SOURCE_TASK, true],
    ] as const) {
      it(`connections cut in mid-batch and in mid-answer, ${name}`, async () => {
        const topic = await makeTopic(cluster, PARTITIONS)
        await using producer = testProducer(proxied.proxy.address, { ...PATIENT, ...props })
        const writer = new Writer(producer, topic)
        for (let i = 0; i < 12; i++) {
          // The places come from a hash, so that they are all over a batch and the same in every run.
          const place = createHash('sha1').update(`${name}${i}`).digest()
          if (i % 2 === 0) await proxied.proxy.cutAfter(1 + (place.readUInt32BE(0) % 40_000), 'toServer')
          else await proxied.proxy.cutAfter(1 + (place.readUInt32BE(0) % 300), 'toClient')
        }
        await writer.end()
        const repeats = check(writer, await read(topic))
        if (!twice) assert.equal(repeats, 0, 'nothing is there twice')
        assert.ok(producer.metrics.recordRetryTotal > 0)
      })
    }

    it('transactions over connections that are cut: each number is committed once', async () => {
      const topic = await makeTopic(cluster, PARTITIONS)
      await using producer = testProducer(proxied.proxy.address, { ...PATIENT, 'transactional.id': fresh('tx') })
      await producer.initTransactions()
      await producer.awaitReady(topic)
      let number = 0
      for (let round = 0; round < 15; round++) {
        const place = createHash('sha1').update(`transaction ${round}`).digest().readUInt32BE(0)
        if (round % 3 === 0) proxied.proxy.cutAfter(1 + (place % 4_000), 'toServer')
        if (round % 3 === 1) proxied.proxy.cutAfter(1 + (place % 400), 'toClient')
        const first = number
        for (let done = false; !done; ) {
          producer.beginTransaction()
          try {
            for (number = first; number < first + 30; number++) {
              const builder = producer.open(topic, number % PARTITIONS)
              builder.appendUtf8(Date.now(), null, `${number}:${'x'.repeat(80)}`)
              producer.wrote(builder, number)
            }
            await producer.commitTransaction()
            done = true
          } catch {
            await producer.abortTransaction()
          }
        }
      }
      const numbers = (await read(topic)).map((record) => Number.parseInt(record.value!, 10))
      assert.deepEqual(
        numbers.toSorted((a, b) => a - b),
        Array.from({ length: number }, (_, index) => index),
      )
      assert.ok(producer.metrics.recordRetryTotal > 0)
    })

    it('a broker that is killed and comes back in mid-stream, idempotent', async () => {
      const topic = await makeTopic(cluster, PARTITIONS)
      // Little memory: the broker may take long to come back, and what is written meanwhile is to be read again below.
      await using producer = testProducer(proxied.proxy.address, { ...PATIENT, 'buffer.memory': '500000' })
      const writer = new Writer(producer, topic)
      const target = { before: 0 }
      for (let i = 0; i < 2; i++) {
        while (writer.acked.size < target.before + 2000) await new Promise((resolve) => setTimeout(resolve, 5))
        await proxied.broker.kill()
        await proxied.broker.restart()
        target.before = writer.acked.size
      }
      while (writer.acked.size < target.before + 2000) await new Promise((resolve) => setTimeout(resolve, 5))
      await writer.end()
      assert.equal(check(writer, await read(topic)), 0, 'nothing is there twice')
    })

    it('a broker that is killed with several batches written and not one answer heard, idempotent', async () => {
      const topic = await makeTopic(cluster, PARTITIONS)
      // One batch a record: what a killed broker remembers of a producer is its last batch.
      await using producer = testProducer(proxied.proxy.address, { ...PATIENT, 'batch.size': '1' })
      await producer.awaitReady(topic)
      const outcomes = new Map<number, string>()
      producer.onBatch = (sent, error) => outcomes.set(sent.tags[0]!, error?.message ?? 'written')
      const write = (tag: number) => {
        const builder = producer.open(topic, 0)
        builder.appendUtf8(Date.now(), null, String(tag))
        producer.wrote(builder, tag)
      }
      write(0)
      await producer.flush()
      proxied.proxy.stall('toClient')
      for (let tag = 1; tag <= 5; tag++) write(tag)
      // Every way to ask the broker leads through the proxy: its files tell that all are written.
      const log = join(folderOf(proxied.broker.folder!, `${topic}-0`), '00000000000000000000.log')
      await until('six batches are written', () => [...iterateBatches(readFileSync(log))].length === 6)
      assert.equal(outcomes.size, 1)
      await proxied.broker.kill()
      proxied.proxy.cut()
      proxied.proxy.resume('toClient')
      write(6)
      await proxied.broker.restart()
      await producer.flush()
      assert.deepEqual(
        [...outcomes],
        [0, 1, 2, 3, 4, 5, 6].map((tag) => [tag, 'written']),
      )
      const landed = (await read(topic)).map((record) => record.value)
      assert.deepEqual(landed, ['0', '1', '2', '3', '4', '5', '6'])
    })

    it('a broker that stops answering: memory stays within buffer.memory, send() gives up, then all arrives', async () => {
      const topic = await makeTopic(cluster, PARTITIONS)
      const memory = 200_000
      await using producer = testProducer(proxied.proxy.address, {
        ...PATIENT,
        'buffer.memory': String(memory),
        'max.block.ms': '300',
      })
      const writer = new Writer(producer, topic)
      while (writer.acked.size < 500) await new Promise((resolve) => setTimeout(resolve, 5))
      proxied.proxy.stall('toClient')
      proxied.proxy.stall('toServer')
      // Answers that were on their way make room once more; the writer then waits for half of it, so the rest is filled from here.
      for (let [looks, seen] = [0, '']; looks < 40; looks++) {
        const now = `${writer.acked.size} of ${writer.written}`
        if (now !== seen) [looks, seen] = [0, now]
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      while (!producer.full) writer.write(topic, 1)
      await assert.rejects(producer.send({ topic, value: 'no room' }), {
        name: 'TimeoutException',
        message: /No room in the producer's buffer within 300 ms \(max\.block\.ms\).*buffer\.memory is 200000/,
      })
      // The writer looks once in 200 records: it goes beyond by what these take, and not further.
      assert.ok(producer.bufferedBytes < memory + 200 * 200 + PARTITIONS * 17_000, `${producer.bufferedBytes} bytes`)
      const stalledAt = writer.written
      proxied.proxy.resume('toServer')
      proxied.proxy.resume('toClient')
      while (writer.written < stalledAt + 2000) await new Promise((resolve) => setTimeout(resolve, 5))
      await writer.end()
      assert.equal(check(writer, await read(topic)), 0)
    })

    it('records that cannot be delivered in time fail, and say why', async () => {
      const topic = await makeTopic(cluster, PARTITIONS)
      const times = {
        'request.timeout.ms': '300',
        'delivery.timeout.ms': '700',
        'linger.ms': '0',
        'reconnect.backoff.max.ms': '50',
      }
      await using producer = testProducer(proxied.proxy.address, times)
      await untilAccepted(() => producer.send({ topic, partition: 0, value: 'first' }))
      proxied.proxy.refuse()
      proxied.proxy.cut()
      const started = performance.now()
      await assert.rejects(producer.send({ topic, partition: 0, value: 'second' }), {
        name: 'TimeoutException',
        message:
          /1 record\(s\) for .*-0 were not acknowledged within \d+ ms \(delivery\.timeout\.ms is 700\); the last problem was: /,
      })
      assert.ok(performance.now() - started < 3000)
      proxied.proxy.refuse(false)
      // The numbers of what failed are gone: the producer goes on under a new epoch, without a gap.
      const third = await untilAccepted(() => producer.send({ topic, partition: 0, value: 'third' }))
      const landed = (await read(topic)).map((one) => one.value)
      assert.equal(landed[third.offset], 'third')
      assert.deepEqual([...new Set(landed)], ['first', 'third'])
    })
  })
}
